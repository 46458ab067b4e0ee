"""How many hosts are needed at least, by sums."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.stocks import limit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.planning.site import HostOffer
    from simulator.workload import Demand


def fewest_by_sums(
    fleet: Fleet,
    demand: Demand,
    offer: HostOffer,
    holdable: NDArray[np.bool_],
    *,
    lose_one: bool = False,
) -> int:
    """Return how many hosts of `offer` at least are needed for the peak of what hosts can hold.

    What is allocated never exceeds the sum of the limits; so these cannot be too many.

    Args:
        fleet: the hosts there are.
        demand: the requests.
        offer: what is added.
        holdable: `(requests,)` which of them some host can hold.
        lose_one: whether all must be allowed, too, when every cluster has lost its least host.
    """
    cpu, ram = _asked_peaks(fleet, demand, offer, np.flatnonzero(holdable))
    sides = (
        _Side(
            asked=cpu,
            usable=fleet.usable_cpu_mhz,
            spare=fleet.spare_cpu_mhz,
            threshold=fleet.cpu_disable,
            each=offer.kind.cpu_mhz * fleet.cpu_factor,
        ),
        _Side(
            asked=ram,
            usable=fleet.usable_ram_mib,
            spare=fleet.spare_ram_mib,
            threshold=fleet.ram_disable,
            each=offer.kind.ram_mib * fleet.ram_factor,
        ),
    )
    return max(0, *(side.fewest(fleet, lose_one=lose_one) for side in sides))


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """CPU or RAM: what is asked for at peak, what hosts and clusters have, what one more adds."""

    asked: int
    usable: NDArray[np.int64]
    spare: NDArray[np.int64]
    threshold: NDArray[np.float64]
    each: NDArray[np.float64]

    def fewest(self, fleet: Fleet, *, lose_one: bool) -> int:
        """Return how many more hosts lift the limits to what is asked for."""
        whole = fleet.per_cluster(self.usable)
        limit = limit_of(whole, self.threshold, self.spare)
        if lose_one:
            left = whole + self.spare - np.minimum(self._least(fleet), self.each.astype(np.int64))
            limit = np.minimum(limit, limit_of(np.maximum(left, 0), self.threshold))
        beyond_threshold = (self.spare > 0) & (not lose_one)
        gain = np.where(beyond_threshold, self.each, self.each * np.minimum(self.threshold, 1.0))
        return math.ceil((self.asked - int(limit.sum())) / (float(gain.max(initial=0.0)) + 1.0))

    def _least(self, fleet: Fleet) -> NDArray[np.int64]:
        """Return what the least host of every cluster has; 0 where there is none."""
        least = np.full(len(fleet.cluster_names), np.iinfo(np.int64).max)
        np.minimum.at(least, fleet.host_cluster, self.usable)
        return np.where(least == np.iinfo(np.int64).max, 0, least)


def _asked_peaks(
    fleet: Fleet, demand: Demand, offer: HostOffer, rows: NDArray[np.intp]
) -> tuple[int, int]:
    """Return the peaks of CPU (MHz) and RAM (MiB) that the requests at `rows` ask for."""
    slowest = int(fleet.host_mhz.min(initial=offer.kind.mhz))
    speed = np.where(demand.cpu_mhz > 0, demand.cpu_mhz, slowest).astype(np.int64)
    time_s = np.concatenate((demand.departure_s[rows], demand.arrival_s[rows]))
    order = np.argsort(time_s, kind="stable")

    def peak(size: NDArray[np.int64]) -> int:
        change = np.concatenate((-size[rows], size[rows]))
        return int(np.cumsum(change[order]).max(initial=0))

    return peak(demand.vcpu * speed), peak(demand.ram_mib)
