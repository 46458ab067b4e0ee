"""A demand reduced to what an estimate needs: each new record of what it holds at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import MONTH
from simulator.planning.exhaustion import typical_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Rules
    from simulator.planning.exhaustion import Typical
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The moments at which an amount was higher than ever before.

    Nothing else can be its peak, with growth taken off or not: what comes later and is no
    higher is lower still once growth is taken off.
    """

    time_s: NDArray[np.float64]
    amount: NDArray[np.int64]

    def base(self, rate: float) -> float:
        """Return the peak with a growth of `rate` a month taken off."""
        if not len(self.amount):
            return 0.0
        return float(np.max(self.amount / (1 + rate) ** (self.time_s / MONTH)))

    def first_s(self, amount: float, rate: float) -> float:
        """Return when `amount` is first reached with that growth; inf when it is not."""
        grown = self.amount * (1 + rate) ** (self.time_s / MONTH)
        return float(np.min(self.time_s[grown >= amount], initial=np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """What a demand holds at a time, were every request granted.

    Attributes:
        requests: how many there are.
        typical: a request of median size.
        cpu: records of CPU, MHz.
        ram: records of RAM, MiB.
    """

    requests: int
    typical: Typical
    cpu: Records
    ram: Records


def profile_of(demand: Demand, fleet: Fleet, rules: Rules) -> Profile:
    """Return the profile of `demand`; made once, it serves every estimate.

    Requests without a speed count with the mean speed of the cores of `fleet`.
    """
    cores = fleet.host_cores.astype(np.float64)
    mean_mhz = float(fleet.host_cpu_mhz.sum() / cores.sum()) if len(fleet) else 0.0
    speed = np.where(demand.cpu_mhz > 0, demand.cpu_mhz, mean_mhz)
    cpu = np.rint(demand.vcpu * speed).astype(np.int64)
    time_s = np.concatenate((demand.departure_s, demand.arrival_s))
    order = np.argsort(time_s, kind="stable")  # departures first
    return Profile(
        requests=len(demand),
        typical=typical_of(demand, rules),
        cpu=_records(time_s[order], np.concatenate((-cpu, cpu))[order]),
        ram=_records(time_s[order], np.concatenate((-demand.ram_mib, demand.ram_mib))[order]),
    )


def _records(time_s: NDArray[np.float64], change: NDArray[np.int64]) -> Records:
    held = np.cumsum(change)
    highest = np.maximum.accumulate(np.concatenate((np.zeros(1, np.int64), held)))
    new = np.flatnonzero(held > highest[:-1])
    return Records(time_s[new], held[new])
