"""What keeps VMs out although hosts have room for them.

The places of a cluster are cut down, one after another, to what its storage has disks for, to
the addresses there are, and to what may be allocated below its disable thresholds. Of those
that remain, as many are set aside as the restart of the fullest host would take, less what
spare hosts hold and the thresholds already keep back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    reserve = max(_restart(peak) - (with_address - allowed), 0)
    return on_hosts, with_disk, with_address, allowed, max(allowed - reserve, 0)


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


def _restart(peak: Moment) -> int:
    """Return the places that the VMs of the fullest host would take, beyond spare hosts."""
    places = 0
    for taken, spare, need in zip(peak.taken, peak.site.reserved(), _needs(peak), strict=True):
        missing = max(int(taken.max(initial=0)) - int(spare[peak.cluster]), 0)
        places = max(places, -(-missing // max(need, 1)))
    return places
