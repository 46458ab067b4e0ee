"""A pool is removed, with the copies of templates on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import POOL_LIFECYCLE, PoolEvent, StoragePool
from cloudlab.workflows.undoing import surely

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def remove(cloud: Cloud, pool: StoragePool) -> None:
    """Remove a pool that is in Maintenance and holds no volume.

    Raises:
        IllegalMove: it is not in Maintenance.
        Conflict: volumes are on it.
        CloudError: a copy of a template could not be removed; the pool stays.
    """
    POOL_LIFECYCLE.after(pool.state, PoolEvent.REMOVE, pool)
    volumes = cloud.ledger.volumes_on(pool)
    if volumes:
        raise Conflict(f"{pool} still holds {volumes} volumes; remove or move them first")
    async with cloud.engine.lock(("pool", pool.id)):
        await clear(cloud, pool)
        cloud.move(pool, PoolEvent.REMOVE)
        forget(cloud, pool)


async def clear(cloud: Cloud, pool: StoragePool) -> None:
    """Remove the copies of templates from `pool`.

    Raises:
        CloudError: one could not be removed.
    """
    for template in cloud.inventory.templates:
        if pool.id in template.copies:
            await surely(cloud.ports.images.evict, template, pool)
            template.copies.discard(pool.id)
            template.staging.discard(pool.id)
            cloud.ledger.deallocate(template, pool)


def forget(cloud: Cloud, pool: StoragePool) -> None:
    """Take an empty `pool` out of the books."""
    cloud.ledger.remove_pool(pool)
    (pool.cluster or pool.zone).pools.remove(pool)
    pool.removed = cloud.now
    cloud.inventory.pools.drop(pool)
