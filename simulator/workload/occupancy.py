"""Occupancy: how much a demand holds at a time, were every request granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.demand import Demand


@dataclass(frozen=True, slots=True, eq=False)
class Occupancy:
    """What is held from each moment to the next, as step functions over (moments,).

    Attributes:
        time_s: every arrival and departure in order, starting with time 0.
        vms: VMs from that moment on.
        vcpu: their virtual CPUs.
        ram_mib: their memory, MiB.
    """

    time_s: NDArray[np.float64]
    vms: NDArray[np.int64]
    vcpu: NDArray[np.int64]
    ram_mib: NDArray[np.int64]

    def mean(self, column: NDArray[np.int64], until_s: float) -> float:
        """Return the time-weighted mean of a column over 0 to `until_s`."""
        if until_s <= 0:
            return float(column.max(initial=0))
        edges = np.minimum(np.append(self.time_s, until_s), until_s)
        return float(np.dot(column, np.diff(edges)) / until_s)


def occupancy(demand: Demand) -> Occupancy:
    """Return what the demand holds over time; at one moment departures go before arrivals."""
    ends = np.flatnonzero(np.isfinite(demand.lifetime_s))
    changes = np.concatenate(([0.0], demand.departure_s[ends], demand.arrival_s))
    order = np.argsort(changes, kind="stable")

    def held(amount: NDArray[np.int64]) -> NDArray[np.int64]:
        steps = np.concatenate(([0], -amount[ends], amount))
        return np.cumsum(steps[order])

    return Occupancy(
        time_s=changes[order],
        vms=held(np.ones(len(demand), dtype=np.int64)),
        vcpu=held(demand.vcpu.astype(np.int64)),
        ram_mib=held(demand.ram_mib),
    )
