"""A pool is added for a zone, a cluster or one host, and switched on and off for new volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import InvalidParameter
from cloudlab.model import (
    Cluster,
    Host,
    HostStatus,
    PoolEvent,
    PoolScope,
    PoolType,
    StoragePool,
    Zone,
)
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import LockKey


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
        InvalidParameter: the name is missing or taken, or a number is out of range.
        NotFound: zone, cluster or host was removed.
        HostFault: a host cannot reach it; nothing was added.
    """
    zone = where if isinstance(where, Zone) else where.zone
    cluster = where.cluster if isinstance(where, Host) else _cluster(where)
    pool = StoragePool(
        name=name,
        type=kind,
        scope=_scope(where),
        zone=zone,
        cluster=cluster,
        host=where if isinstance(where, Host) else None,
        url=url,
        capacity_mib=capacity_mib,
        overprovisioning=_factor(cloud, kind, overprovisioning),
        disable_threshold=disable_threshold,
        tags=tags,
        created=cloud.now,
    )
    async with cloud.engine.lock(*reach_of(pool)):
        check_there(where)
        _check(cloud, pool)
        await _mount(cloud, pool)
    return pool


def reach_of(pool: StoragePool) -> list[LockKey]:
    """Return what must stand still while hosts are told of `pool`: no host may come or go."""
    keys: list[LockKey] = [("zone", pool.zone.id)]
    return keys if pool.cluster is None else [*keys, ("cluster", pool.cluster.id)]


def _check(cloud: Cloud, pool: StoragePool) -> None:
    """Refuse a pool without a name of its own, or with a number that makes no sense."""
    name = pool.name
    if not name:
        raise InvalidParameter("a pool needs a name")
    if any(each.name == name and each.zone is pool.zone for each in cloud.inventory.pools):
        raise InvalidParameter(f"there is already a pool {name} in {pool.zone}")
    if pool.capacity_mib <= 0:
        raise InvalidParameter(
            f"pool {name}: capacity is {pool.capacity_mib} MiB; allowed: 1 or more"
        )
    if pool.overprovisioning < 1:
        raise InvalidParameter(
            f"pool {name}: over-provisioning is {pool.overprovisioning}; allowed: 1 or more"
        )
    share = pool.disable_threshold
    if share is not None and share <= 0:
        raise InvalidParameter(f"pool {name}: the threshold is {share}; allowed: more than 0")


async def _mount(cloud: Cloud, pool: StoragePool) -> None:
    """Take `pool` into the books once every host that should reach it does."""
    blocks = cloud.ports.blocks
    cloud.inventory.pools.add(pool)
    async with Rollback(cloud.engine) as undo:
        undo(_drop, cloud, pool)
        for host in hosts_of(pool):
            undo(tidy, cloud, pool, blocks.detach_pool, pool, host)
            await blocks.attach_pool(pool, host)
    cloud.ledger.add_pool(pool)
    (pool.cluster or pool.zone).pools.append(pool)
    cloud.move(pool, PoolEvent.CREATED)


def _drop(cloud: Cloud, pool: StoragePool) -> None:
    """Let nobody find a pool that was not added after all."""
    pool.removed = cloud.now
    cloud.inventory.pools.drop(pool)


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
    """Put new volumes on a Disabled `pool` again.

    Raises:
        IllegalMove: it is not Disabled.
    """
    cloud.move(pool, PoolEvent.ENABLE)


async def disable(cloud: Cloud, pool: StoragePool) -> None:
    """Put no new volumes on `pool`; those it has stay in use.

    Raises:
        IllegalMove: it is not Up.
    """
    cloud.move(pool, PoolEvent.DISABLE)
