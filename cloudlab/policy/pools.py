"""Which primary storage pools can take a volume, and in which order they are tried.

Source: CloudStack 4.0 `LocalStoragePoolAllocator` and `FirstFitStoragePoolAllocator`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from cloudlab.model import (
    Cluster,
    Host,
    PoolState,
    PoolType,
    StoragePool,
    VirtualMachine,
    Volume,
    VolumeType,
)
from cloudlab.policy.scene import Avoid, Scene

PoolOrder = Callable[[Scene, VirtualMachine, Cluster, list[StoragePool]], list[StoragePool]]

Chosen = tuple[tuple[Volume, StoragePool], ...]


def unplaced(vm: VirtualMachine) -> list[Volume]:
    """Return the volumes of `vm` that have no pool yet, the largest first."""
    waiting = [volume for volume in vm.volumes if volume.pool is None]
    if len(waiting) > 1:
        waiting.sort(key=lambda volume: -volume.size_mib)
    return waiting


def place_volumes(
    scene: Scene, vm: VirtualMachine, host: Host, order: PoolOrder, avoid: Avoid
) -> Chosen | None:
    """Return a pool that `host` reaches for every volume without one, `None` if one has none.

    Space is counted up over the volumes: two may not both take the last of a pool.
    """
    chosen: list[tuple[Volume, StoragePool]] = []
    asked: dict[int, int] = {}
    for volume in unplaced(vm):
        fitting = [
            pool
            for pool in reachable(host, volume, local=vm.offering.uses_local_storage)
            if pool.id not in avoid.pools and takes(scene, pool, volume, asked.get(pool.row, 0))
        ]
        if not fitting:
            return None
        pool = order(scene, vm, host.cluster, fitting)[0]
        more_mib = volume.size_mib + template_mib(pool, volume)
        asked[pool.row] = asked.get(pool.row, 0) + more_mib
        chosen.append((volume, pool))
    return tuple(chosen)


def reachable(host: Host, volume: Volume, *, local: bool) -> list[StoragePool]:
    """Return the pools `host` reaches that are local or shared as `volume` wants, by id."""
    if volume.offering is not None:
        local = volume.offering.uses_local_storage
    cluster = host.cluster
    pools = cluster.pools
    if cluster.zone.pools:
        pools = sorted([*pools, *cluster.zone.pools], key=lambda pool: pool.row)
    if local:
        return [pool for pool in pools if pool.is_local and pool.host is host]
    return [pool for pool in pools if pool.host is None]


def reaches_volumes(vm: VirtualMachine, host: Host, avoid: Avoid) -> bool:
    """Return whether `host` reaches every volume of `vm` that has a pool, in service.

    A Disabled pool takes no new volumes, but serves those it has.
    """
    return all(volume.pool is None or _serves(volume.pool, host, avoid) for volume in vm.volumes)


def _serves(pool: StoragePool, host: Host, avoid: Avoid) -> bool:
    is_near = pool.cluster in (None, host.cluster) and pool.host in (None, host)
    in_service = pool.state in (PoolState.UP, PoolState.DISABLED)
    return is_near and in_service and pool.zone is host.zone and pool.id not in avoid.pools


def takes(scene: Scene, pool: StoragePool, volume: Volume, more_mib: int = 0) -> bool:
    """Return whether `pool` is up, has the tags, and stays within capacity and threshold.

    Args:
        scene: what is left, and the rules.
        pool: the pool asked.
        volume: the volume to put on it.
        more_mib: what was promised to other volumes in the same plan, MiB.
    """
    if not accepts(pool, volume):
        return False
    wanted = volume.size_mib + template_mib(pool, volume) + more_mib
    ledger = scene.ledger
    total = ledger.pool_total[pool.row]
    after = ledger.pool_allocated[pool.row] + wanted
    limit = scene.pool_disable(pool)
    return after <= total and (
        limit == float("inf") or after / (pool.capacity_mib * pool.overprovisioning) < limit
    )


def accepts(pool: StoragePool, volume: Volume) -> bool:
    """Return whether `pool` is Up, has the tags and takes the kind of `volume`, if it has room."""
    if pool.state is not PoolState.UP or not volume.tags <= pool.tags:
        return False
    return volume.type is not VolumeType.ROOT or pool.type is not PoolType.ISCSI


def room(scene: Scene, pool: StoragePool) -> int:
    """Return the MiB that `pool` would still give to one volume, capacity and threshold kept."""
    ledger, limit = scene.ledger, scene.pool_disable(pool)
    total = ledger.pool_total[pool.row]
    if limit != float("inf"):
        total = min(total, ceil(pool.capacity_mib * pool.overprovisioning * limit) - 1)
    return max(total - ledger.pool_allocated[pool.row], 0)


def template_mib(pool: StoragePool, volume: Volume) -> int:
    """Return the MiB that a copy of the volume's template will still need on `pool`."""
    template = volume.template
    return 0 if template is None or pool.id in template.copies else template.size_mib


def pools_in_order_of_id(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, pools: list[StoragePool]
) -> list[StoragePool]:
    """Return the pools as they come: first fit."""
    del scene, vm, cluster
    return pools


def pools_at_random(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, pools: list[StoragePool]
) -> list[StoragePool]:
    """Return the pools beginning with one drawn at random."""
    if len(pools) < 2:  # nothing to draw
        return pools
    first = int(scene.draw(vm, 2 * cluster.row + 1) * len(pools))
    return pools[first:] + pools[:first]


def fewest_volumes_of_account(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, pools: list[StoragePool]
) -> list[StoragePool]:
    """Return the pools with fewest volumes of the account first; ties in order of row."""
    del cluster
    counts = scene.ledger.volumes_of(vm.account.id)
    return sorted(pools, key=lambda pool: counts[pool.row])
