"""The two moves that change the books, each taken (sign 1) and given back (sign -1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.hosts import need
from simulator.kernel.compiled.jit import compiled
from simulator.kernel.compiled.trees import take
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from simulator.kernel.compiled.rows import (
        Addresses,
        Cluster,
        Counts,
        Free,
        Host,
        Pool,
        Request,
        Settings,
        Zone,
    )


@compiled
def book_host(
    settings: Settings,
    request: Request,
    host: Host,
    cluster: Cluster,
    zone: Zone,
    free: Free,
    counts: Counts,
    sign: int,
) -> None:
    """Take or give back the CPU and RAM of `request` on `host`."""
    cpu, ram = sign * need(request, host), sign * request.ram
    take(free, cluster.tree, host.leaf, cpu, ram, settings.ram_per_mhz)
    cluster.cpu_used += cpu
    cluster.ram_used += ram
    if settings.by_ram:
        zone.used += ram
        cluster.share = cluster.ram_used / cluster.ram
    else:
        zone.used += cpu
        cluster.share = cluster.cpu_used / cluster.cpu
    zone.share = zone.used / zone.usable
    if settings.clusters == Order.LEAST_OF_ACCOUNT:
        counts[request.account, settings.total_seat] += sign
        counts[request.account, cluster.seat] += sign
        counts[request.account, host.seat] += sign
    elif settings.clusters == Order.MOST_OF_ACCOUNT:
        counts[request.account, cluster.pod_seat] += sign


@compiled
def book_disk(
    settings: Settings,
    request: Request,
    cluster: Cluster,
    pool: Pool,
    addresses: Addresses,
    counts: Counts,
    sign: int,
) -> None:
    """Take or give back the disk of `request` on `pool`, and its address."""
    pool.used += sign * request.disk
    addresses[cluster.address_pool] -= sign
    if settings.pools == Order.LEAST_OF_ACCOUNT:
        counts[request.account, pool.seat] += sign
