"""What keeps VMs out although hosts have room for them.

The places of a cluster are cut down, one after another, to what its storage has disks for, to
the addresses there are, and to what may be allocated below its disable thresholds. Of those
that remain, as many are set aside as keep the loss of the largest host harmless by sums: what is
allocated then must be no more than may be allocated on the other hosts and the spare ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.stocks import limit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.stranded.moment import Moment


def places_left(peak: Moment, places: NDArray[np.int64]) -> tuple[int, int, int, int, int]:
    """Return the places on hosts, and after storage, addresses, thresholds and the reserve."""
    on_hosts = int(places.sum())
    with_disk = min(on_hosts, _disks(peak))
    pool = int(peak.site.fleet.cluster_address_pool[peak.cluster])
    with_address = min(with_disk, max(peak.rest(peak.stocks.address, pool), 0))
    allowed = min(with_address, _below_thresholds(peak))
    return on_hosts, with_disk, with_address, allowed, min(allowed, _on_one_less(peak))


def _needs(peak: Moment) -> tuple[int, int]:
    """Return what a typical VM takes of CPU and RAM on the first host of the cluster."""
    return int(peak.size[0][:1].sum()), peak.typical.ram_mib


def _disks(peak: Moment) -> int:
    """Return how many typical disks the pools that the cluster reaches have room for."""
    fleet, zone = peak.site.fleet, peak.site.fleet.cluster_zone[peak.cluster]
    zone_wide = (fleet.pool_cluster < 0) & (fleet.pool_zone == zone)
    pools = np.flatnonzero(zone_wide | (fleet.pool_cluster == peak.cluster)).tolist()
    disk = max(peak.typical.disk_mib, 1)
    return sum(max(peak.rest(peak.stocks.storage, pool), 0) // disk for pool in pools)


def _below_thresholds(peak: Moment) -> int:
    """Return how many typical VMs may be placed below the thresholds of CPU and RAM."""
    cpu, ram = (
        max(peak.rest(stock, peak.cluster), 0) // max(need, 1)
        for stock, need in zip((peak.stocks.cpu, peak.stocks.ram), _needs(peak), strict=True)
    )
    return min(cpu, ram)


def _on_one_less(peak: Moment) -> int:
    """Return how many typical VMs may be placed so that the largest host can still be lost."""
    part, places = slice(peak.cluster, peak.cluster + 1), []
    for stock, taken, free, need in zip(
        (peak.stocks.cpu, peak.stocks.ram), peak.taken, peak.free, _needs(peak), strict=True
    ):
        left = stock.counted[part] - int((taken + free).max(initial=0))
        room = int(limit_of(left, stock.threshold[part])[0]) - int(taken.sum())
        places.append(max(room, 0) // max(need, 1))
    return min(places)
