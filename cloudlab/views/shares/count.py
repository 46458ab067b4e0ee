"""The capacity of every place, counted as the planner counts it (CloudStack's listCapacity)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cloudlab.model import AddressRange, Cluster, Host, Pod, PoolState, StoragePool, Zone
from cloudlab.state import Share
from cloudlab.views.listing import Listing
from cloudlab.views.places import Level, hosts_in
from cloudlab.views.shares.row import CapacityRow, CapacityType

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Scope = Zone | Pod | Cluster | Host


def capacity(cloud: Cloud, down_to: Level = Level.HOST) -> Listing[CapacityRow]:
    """Return the capacity of every place, zone by zone, down to the hosts or a higher level.

    A zone, pod or cluster counts the hosts that are Up and Enabled and the pools that are Up,
    as the planner does; the rest is `out_of_service`. A host's own rows count it in any state.
    """
    deepest = Level(down_to)
    rows = (
        row
        for scope in _scopes(cloud)
        if Level(scope.kind).depth <= deepest.depth
        for row in _rows(cloud, scope)
    )
    return Listing(CapacityRow, rows)


def capacity_of(cloud: Cloud, scope: Scope) -> Listing[CapacityRow]:
    """Return the capacity of one place, a row a resource it has."""
    return Listing(CapacityRow, _rows(cloud, scope))


def _scopes(cloud: Cloud) -> Iterator[Scope]:
    """Yield every place in the order of the tree."""
    for zone in cloud.inventory.zones:
        yield zone
        for pod in zone.pods:
            yield pod
            for cluster in pod.clusters:
                yield cluster
                yield from cluster.hosts


def _rows(cloud: Cloud, scope: Scope) -> Iterator[CapacityRow]:
    yield _cpu(cloud, scope)
    yield _ram(cloud, scope)
    pools = _pools(scope)
    if pools:
        yield _storage(cloud, scope, pools)
    for kind, ranges in _ranges(scope):
        if ranges:
            yield _addresses(cloud, scope, kind, ranges)


def _cpu(cloud: Cloud, scope: Scope) -> CapacityRow:
    serving, idle = _hosts(scope)
    clusters = _clusters(scope)
    return _row(
        scope,
        CapacityType.CPU,
        cloud.ledger.cpu(*serving),
        raw=sum(host.cpu_mhz for host in serving),
        factors={host.cluster.cpu_overcommit for host in serving},
        out_of_service=cloud.ledger.cpu(*idle).total,
        notify=cloud.settings.cpu_notify if clusters else None,
        disable=_common(cloud.scene.cpu_disable(each) for each in clusters),
    )


def _ram(cloud: Cloud, scope: Scope) -> CapacityRow:
    serving, idle = _hosts(scope)
    clusters = _clusters(scope)
    return _row(
        scope,
        CapacityType.MEMORY,
        cloud.ledger.ram(*serving),
        raw=sum(host.ram_mib for host in serving),
        factors={host.cluster.ram_overcommit for host in serving},
        out_of_service=cloud.ledger.ram(*idle).total,
        notify=cloud.settings.ram_notify if clusters else None,
        disable=_common(cloud.scene.ram_disable(each) for each in clusters),
    )


def _storage(cloud: Cloud, scope: Scope, pools: list[StoragePool]) -> CapacityRow:
    """Return the row of primary storage: volumes and copies of templates, at full size."""
    total, allocated = cloud.ledger.pool_total, cloud.ledger.pool_allocated
    serving = [pool for pool in pools if pool.state is PoolState.UP]
    idle = [pool for pool in pools if pool.state is not PoolState.UP]
    return _row(
        scope,
        CapacityType.STORAGE_ALLOCATED,
        Share(
            sum(total[pool.row] for pool in serving),
            sum(allocated[pool.row] for pool in serving),
            0,
        ),
        raw=sum(pool.capacity_mib for pool in serving),
        factors={pool.overprovisioning for pool in serving},
        out_of_service=sum(total[pool.row] for pool in idle),
        notify=cloud.settings.storage_notify,
        disable=_common(cloud.scene.pool_disable(pool) for pool in serving),
    )


def _addresses(
    cloud: Cloud, scope: Scope, kind: CapacityType, ranges: list[AddressRange]
) -> CapacityRow:
    """Return the row of one kind of address."""
    numbers = [cloud.addresses[each.row] for each in ranges]
    settings = cloud.settings
    private = kind is CapacityType.PRIVATE_IP
    total = sum(each.total for each in numbers)
    return _row(
        scope,
        kind,
        Share(total, sum(each.taken for each in numbers), 0),
        raw=total,
        factors={1.0},
        notify=settings.private_ip_notify if private else settings.guest_ip_notify,
    )


def _row(
    scope: Scope,
    kind: CapacityType,
    held: Share,
    *,
    raw: int,
    factors: set[float],
    out_of_service: int = 0,
    notify: float | None = None,
    disable: float | None = None,
) -> CapacityRow:
    """Return a row; with several `factors` it says what is usable a unit of raw."""
    mean = held.total / raw if raw else 1.0
    return CapacityRow(
        level=Level(scope.kind),
        id=scope.id,
        name=scope.name,
        zone=(scope if isinstance(scope, Zone) else scope.zone).name,
        type=kind,
        unit=kind.unit,
        raw=raw,
        factor=factors.pop() if len(factors) == 1 else mean,
        usable=held.total,
        used=held.used,
        reserved=held.reserved,
        out_of_service=out_of_service,
        notify=notify,
        disable=disable,
    )


def _hosts(scope: Scope) -> tuple[list[Host], list[Host]]:
    """Return the hosts that count, and those out of service; a host alone always counts."""
    if isinstance(scope, Host):
        return [scope], []
    every = hosts_in(scope)
    serving = [host for host in every if host.is_usable]
    return serving, [host for host in every if not host.is_usable]


def _clusters(scope: Scope) -> list[Cluster]:
    match scope:
        case Zone() | Pod():
            return list(scope.clusters)
        case Cluster():
            return [scope]
        case Host():
            return []


def _pools(scope: Scope) -> list[StoragePool]:
    """Return the pools inside `scope`: zone-wide ones belong to the zone, local ones to a host."""
    inside = [pool for cluster in _clusters(scope) for pool in cluster.pools]
    match scope:
        case Zone():
            return [*inside, *scope.pools]
        case Host():
            return [pool for pool in scope.cluster.pools if pool.host is scope]
        case _:
            return inside


def _ranges(scope: Scope) -> list[tuple[CapacityType, list[AddressRange]]]:
    """Return the addresses that belong to `scope` itself and what is inside it, by kind."""
    match scope:
        case Zone():
            pods, own, public = list(scope.pods), scope.guest_ranges, scope.public_ranges
        case Pod():
            pods, own, public = [scope], [], []
        case _:
            return []
    guest = [*own, *(each for pod in pods for each in pod.guest_ranges)]
    private = [each for pod in pods for each in pod.reserved_ranges]
    return [
        (CapacityType.VIRTUAL_NETWORK_PUBLIC_IP, list(public)),
        (CapacityType.PRIVATE_IP, private),
        (CapacityType.DIRECT_ATTACHED_PUBLIC_IP, guest),
    ]


def _common(limits: Iterable[float]) -> float | None:
    """Return the limit that all share; `None` if they differ, are off, or there are none."""
    found = set(limits)
    return found.pop() if len(found) == 1 and found != {float("inf")} else None
