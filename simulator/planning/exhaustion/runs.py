"""When everything runs out in one run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.exhaustion.shortage import Shortage, shortages
from simulator.planning.exhaustion.trend import Later, Trend
from simulator.planning.places import Place, Scope, places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Placements
    from simulator.planning.exhaustion.typical import Typical
    from simulator.planning.stocks import Stocks
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class RunsOut:
    """When one resource of one place ran out in one run.

    Attributes:
        at_s: seconds from time 0; inf when it did not, as far as could be seen.
        measured: whether the run saw it; otherwise it is the trend of the peaks.
        until_s: how far could be seen, where it did not run out: it may later.
    """

    at_s: float
    measured: bool
    until_s: float = math.inf


def runs_out(
    fleet: Fleet,
    stocks: Stocks,
    demand: Demand,
    placements: Placements,
    *,
    typical: Typical,
    rate: float,
    end_s: float,
) -> dict[tuple[Shortage, Place], RunsOut]:
    """Return when every resource of every place runs out.

    Args:
        fleet: where the requests were placed.
        stocks: what there is, and what `placements` took.
        demand: the requests, growing by `rate`.
        placements: what became of them.
        typical: the request by which a place is called full.
        rate: growth a month, as a fraction.
        end_s: how far the run reaches; what did not run out by then is extrapolated.
    """
    short = shortages(fleet, stocks, typical)
    trend = Trend.of(fleet, demand, placements, typical, rate)
    found: dict[tuple[Shortage, Place], RunsOut] = {}
    for scope in Scope:
        at = [place for place in places(fleet) if place.scope is scope]
        later = trend.times(stocks, scope, len(at), end_s)
        for shortage, flags in short.items():
            first_s = flags.every(_homes(fleet, scope), len(at)).first_s()
            for place in at:
                if shortage in later[place.index]:
                    seen_s, trend_says = float(first_s[place.index]), later[place.index][shortage]
                    found[shortage, place] = _run(seen_s, trend_says, end_s)
    return found


def _run(first_s: float, later: Later, end_s: float) -> RunsOut:
    """Return what was seen, or what the trend says of the time after the end."""
    if first_s <= end_s:
        return RunsOut(first_s, measured=True)
    return RunsOut(later.at_s, measured=False, until_s=later.until_s)


def _homes(fleet: Fleet, scope: Scope) -> NDArray[np.int32]:
    """Return the place of every cluster."""
    clusters = len(fleet.cluster_names)
    homes: dict[Scope, NDArray[np.int32]] = {
        Scope.CLOUD: np.zeros(clusters, np.int32),
        Scope.ZONE: fleet.cluster_zone,
        Scope.POD: fleet.cluster_pod,
        Scope.CLUSTER: np.arange(clusters, dtype=np.int32),
    }
    return homes[scope]
