"""Primary storage pools: created, switched on and off, taken out of service, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, Conflict, InvalidParameter
from cloudlab.model import (
    Cluster,
    Host,
    HostStatus,
    PoolEvent,
    PoolScope,
    PoolState,
    PoolType,
    StoragePool,
    VirtualMachine,
    Zone,
)
from cloudlab.workflows import machines

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def create(
    cloud: Cloud,
    where: Zone | Cluster | Host,
    name: str,
    capacity_mib: int,
    *,
    kind: PoolType = PoolType.NFS,
    url: str = "",
    tags: frozenset[str] = frozenset(),
    overprovisioning: float | None = None,
    disable_threshold: float | None = None,
) -> StoragePool:
    """Add a pool for a zone, a cluster or one host, and make it known to the hosts that are up.

    Args:
        cloud: where it belongs.
        where: who can reach it.
        name: unique in the zone.
        capacity_mib: before over-provisioning, > 0.
        kind: how it is reached.
        url: where it is, `nfs://server/path`.
        tags: what offerings may ask for.
        overprovisioning: how many times it may be allocated; `storage.overprovisioning.factor`
            for NFS and 1 for others if not given.
        disable_threshold: allocated share it must stay below; the setting's if not given.

    Raises:
        InvalidParameter: the name is taken, or a number is out of range.
    """
    zone = where if isinstance(where, Zone) else where.zone
    factor = _factor(cloud, kind, overprovisioning)
    if any(pool.name == name and pool.zone is zone for pool in cloud.inventory.pools):
        raise InvalidParameter(f"there is already a pool {name} in {zone}")
    if capacity_mib <= 0:
        raise InvalidParameter(f"pool {name}: capacity is {capacity_mib} MiB; allowed: 1 or more")
    if factor < 1:
        raise InvalidParameter(f"pool {name}: over-provisioning is {factor}; allowed: 1 or more")
    pool = StoragePool(
        name=name,
        type=kind,
        scope=_scope(where),
        zone=zone,
        cluster=where.cluster if isinstance(where, Host) else _cluster(where),
        host=where if isinstance(where, Host) else None,
        url=url,
        capacity_mib=capacity_mib,
        overprovisioning=factor,
        disable_threshold=disable_threshold,
        tags=tags,
        created=cloud.now,
    )
    cloud.inventory.pools.add(pool)
    async with Rollback(cloud.engine) as undo:
        undo(cloud.inventory.pools.drop, pool)
        for host in hosts_of(pool):
            undo(cloud.ports.blocks.detach_pool, pool, host)
            await cloud.ports.blocks.attach_pool(pool, host)
    cloud.ledger.add_pool(pool)
    (zone if isinstance(where, Zone) else pool.cluster or zone).pools.append(pool)
    cloud.move(pool, PoolEvent.CREATED)
    return pool


def _factor(cloud: Cloud, kind: PoolType, asked: float | None) -> float:
    """Return the over-provisioning factor; CloudStack 4.0 applies its setting to NFS only."""
    if asked is not None:
        return asked
    return cloud.settings.storage_overcommit if kind is PoolType.NFS else 1.0


def _scope(where: Zone | Cluster | Host) -> PoolScope:
    if isinstance(where, Zone):
        return PoolScope.ZONE
    return PoolScope.CLUSTER if isinstance(where, Cluster) else PoolScope.HOST


def _cluster(where: Zone | Cluster) -> Cluster | None:
    return where if isinstance(where, Cluster) else None


def hosts_of(pool: StoragePool) -> list[Host]:
    """Return the hosts that are up and should reach `pool`."""
    if pool.host is not None:
        hosts = [pool.host]
    elif pool.cluster is not None:
        hosts = pool.cluster.hosts
    else:
        hosts = [host for cluster in pool.zone.clusters for host in cluster.hosts]
    return [host for host in hosts if host.status is HostStatus.UP]


async def enable(cloud: Cloud, pool: StoragePool) -> None:
    """Put new volumes on a Disabled `pool` again."""
    cloud.move(pool, PoolEvent.ENABLE)


async def disable(cloud: Cloud, pool: StoragePool) -> None:
    """Put no new volumes on `pool`; those it has stay in use."""
    cloud.move(pool, PoolEvent.DISABLE)


async def enter_maintenance(cloud: Cloud, pool: StoragePool) -> StoragePool:
    """Stop every machine with a volume on `pool` and take it out of service.

    Raises:
        IllegalMove: it is neither Up nor in ErrorInMaintenance.
        Conflict: another pool of the cluster is being prepared.
    """
    preparing = PoolState.PREPARE_FOR_MAINTENANCE
    siblings = pool.cluster.pools if pool.cluster is not None else pool.zone.pools
    if any(other.state is preparing for other in siblings if other is not pool):
        raise Conflict(f"another pool of {pool.cluster or pool.zone} is in {preparing}")
    if not hosts_of(pool):
        cloud.move(pool, PoolEvent.MAINTENANCE_REACHED)
        return pool
    cloud.move(pool, PoolEvent.MAINTENANCE_REQUESTED)
    try:
        for vm in users_of(cloud, pool):
            await machines.stop(cloud, vm)
            pool.stopped_vms.append(vm)
    except CloudError:
        cloud.move(pool, PoolEvent.MAINTENANCE_FAILED)
        raise
    cloud.move(pool, PoolEvent.MAINTENANCE_REACHED)
    return pool


async def cancel_maintenance(cloud: Cloud, pool: StoragePool) -> StoragePool:
    """Put `pool` back into service and start the machines that were stopped for it.

    Raises:
        IllegalMove: it is not in maintenance.
    """
    cloud.move(pool, PoolEvent.MAINTENANCE_CANCELLED)
    waiting, pool.stopped_vms = pool.stopped_vms, []
    for vm in waiting:
        if vm.removed is None and vm.state == "Stopped":
            await machines.start(cloud, vm)
    return pool


def users_of(cloud: Cloud, pool: StoragePool) -> list[VirtualMachine]:
    """Return the active machines with a volume on `pool`, oldest first."""
    return [
        vm
        for vm in cloud.inventory.vms
        if vm.is_active and any(volume.pool is pool for volume in vm.volumes)
    ]


async def remove(cloud: Cloud, pool: StoragePool) -> None:
    """Remove a pool that is in Maintenance and holds no volume.

    Raises:
        IllegalMove: it is not in Maintenance.
        Conflict: volumes are on it.
    """
    if cloud.ledger.volumes_on(pool):
        raise Conflict(f"{pool} still holds {cloud.ledger.volumes_on(pool)} volumes")
    cloud.move(pool, PoolEvent.REMOVE)
    for host in hosts_of(pool):
        await cloud.ports.blocks.detach_pool(pool, host)
    cloud.ledger.remove_pool(pool)
    for template in cloud.inventory.templates:
        template.copies.discard(pool.id)
        template.staging.discard(pool.id)
    (pool.cluster or pool.zone).pools.remove(pool)
    pool.removed = cloud.now
    cloud.inventory.pools.drop(pool)
