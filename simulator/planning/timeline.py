"""The main run over time, in a few hundred points: what the figures of a report are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.placements import Reason, Resource
from simulator.planning.places import Scope
from simulator.planning.steps import merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Placements, Usage
    from simulator.planning.stocks import Stocks
    from simulator.workload import Demand

BINS: Final = 300


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole cloud over time, in bins of equal length.

    Attributes:
        edges_s: where the bins begin, and where the last one ends, seconds from time 0.
        shares: for every resource the highest allocated ÷ usable inside every bin.
        vms: the most VMs inside every bin.
        refused: for every reason how many requests were refused in every bin.
    """

    edges_s: tuple[float, ...]
    shares: dict[Resource, tuple[float, ...]]
    vms: tuple[int, ...]
    refused: dict[str, tuple[int, ...]]


def timeline_of(
    fleet: Fleet, stocks: Stocks, demand: Demand, placements: Placements, end_s: float
) -> Timeline:
    """Return the run from 0 to `end_s`."""
    edges = np.linspace(0.0, max(end_s, 1.0), BINS + 1)
    shares = {}
    for stock in stocks:
        usable = int(stock.usable.sum())
        if usable:
            highest = _highest(stock.whole(), edges) / usable
            shares[stock.resource] = tuple(highest.tolist())
    zones = placements.usage(fleet, demand, Resource.VM, Scope.ZONE)
    vms = merged(zones, np.zeros(zones.groups, np.int64), 1)
    return Timeline(
        edges_s=tuple(edges.tolist()),
        shares=shares,
        vms=tuple(_highest(vms, edges).tolist()),
        refused=_refused(demand, placements, edges),
    )


def _highest(usage: Usage, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the highest value of one step function inside every bin."""
    highest = usage.at(edges[:-1])[:, 0]
    inside = (usage.time_s >= edges[0]) & (usage.time_s <= edges[-1])
    which = np.searchsorted(edges, usage.time_s[inside], side="right") - 1
    np.maximum.at(highest, np.minimum(which, len(highest) - 1), usage.amount[inside])
    return highest


def _refused(
    demand: Demand, placements: Placements, edges: NDArray[np.float64]
) -> dict[str, tuple[int, ...]]:
    arrival_s = demand.arrival_s[: len(placements)]
    found = {}
    for reason in np.unique(placements.reason).tolist():
        if reason != Reason.ADMITTED:
            counts, _ = np.histogram(arrival_s[placements.reason == reason], edges)
            found[Reason(reason).label] = tuple(counts.tolist())
    return found
