"""Which cluster is asked next, and which may not be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.hosts import may_fit
from simulator.kernel.compiled.jit import compiled
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.kernel.compiled.rows import (
        Addresses,
        Cluster,
        Counts,
        Free,
        Request,
        Settings,
        Zone,
    )


@compiled
def over_threshold(request: Request, cluster: Cluster) -> bool:
    """Tell whether the VM would lift the cluster over a disable threshold."""
    cpu = request.vcpu * (request.mhz if request.mhz > 0 else cluster.first_mhz)
    return (cluster.cpu_used + cpu) / cluster.cpu > cluster.cpu_disable or (
        cluster.ram_used + request.ram
    ) / cluster.ram > cluster.ram_disable


@compiled
def _may_serve(
    settings: Settings,
    number: int,
    request: Request,
    cluster: Cluster,
    free: Free,
    addresses: Addresses,
) -> bool:
    """Tell whether asking the cluster is allowed, new and not hopeless from the start."""
    return (
        cluster.tried != number
        and may_fit(settings, request, cluster, free)
        and addresses[cluster.address_pool] > 0
        and not over_threshold(request, cluster)
    )


@compiled
def _account_key(settings: Settings, request: Request, cluster: Cluster, counts: Counts) -> float:
    """Return what orders clusters before their used share: smaller comes first."""
    if settings.clusters == Order.LEAST_OF_ACCOUNT:
        total = counts[request.account, settings.total_seat]
        here = counts[request.account, cluster.seat] / total if total > 0 else 0.0
        return cluster.share * (1.0 - settings.weight) + here * settings.weight
    if settings.clusters == Order.MOST_OF_ACCOUNT:
        return -float(counts[request.account, cluster.pod_seat])
    return 0.0


@compiled
def _zone_first(zones: Sequence[Zone], zone: int, other: int) -> bool:
    """Tell whether `zone` is asked before `other`: by used share, ties by index."""
    if zones[zone].share == zones[other].share:
        return zone < other
    return zones[zone].share < zones[other].share


@compiled
def next_cluster(
    settings: Settings,
    number: int,
    request: Request,
    zones: Sequence[Zone],
    clusters: Sequence[Cluster],
    addresses: Addresses,
    free: Free,
    counts: Counts,
) -> int:
    """Return the first cluster in order that may serve the VM and was not asked, or -1.

    Order: the zone's used share and index, the account's key, the cluster's used share and
    index. The first choice nearly always has a host, so the smallest is looked for again
    after a failure and nothing is ever sorted.
    """
    best, best_key = -1, 0.0
    for index in range(len(clusters)):
        cluster, champion = clusters[index], clusters[max(best, 0)]
        key = _account_key(settings, request, cluster, counts)
        if best >= 0:
            if cluster.zone != champion.zone:
                comes_first = _zone_first(zones, cluster.zone, champion.zone)
            elif key == best_key:
                comes_first = cluster.share < champion.share
            else:
                comes_first = key < best_key
            if not comes_first:
                continue
        if _may_serve(settings, number, request, cluster, free, addresses):
            best, best_key = index, key
    return best
