"""How many hosts are needed at least, by sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.stocks import limit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.planning.site import HostOffer
    from simulator.workload import Demand


def fewest_by_sums(
    fleet: Fleet, demand: Demand, offer: HostOffer, holdable: NDArray[np.bool_]
) -> int:
    """Return how many hosts of `offer` at least are needed for the peak of what hosts can hold.

    What is allocated never exceeds the sum of the limits; so these cannot be too many.
    """
    kind, least = offer.kind, 0
    cpu, ram = _asked_peaks(fleet, demand, offer, np.flatnonzero(holdable))
    for asked, usable, spare, threshold, each in (
        (
            cpu,
            fleet.usable_cpu_mhz,
            fleet.spare_cpu_mhz,
            fleet.cpu_disable,
            kind.cpu_mhz * fleet.cpu_factor,
        ),
        (
            ram,
            fleet.usable_ram_mib,
            fleet.spare_ram_mib,
            fleet.ram_disable,
            kind.ram_mib * fleet.ram_factor,
        ),
    ):
        limit = int(limit_of(fleet.per_cluster(usable), threshold, spare).sum())
        gain = np.where(spare > 0, each, each * np.minimum(threshold, 1.0))
        least = max(least, math.ceil((asked - limit) / (float(gain.max(initial=0.0)) + 1.0)))
    return least


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
