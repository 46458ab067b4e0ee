"""Volumes get their space on a pool and are built there, or leave nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, InsufficientCapacity
from cloudlab.model import StoragePool, Template, Volume, VolumeEvent, VolumeState
from cloudlab.workflows.undoing import left_behind, surely, tidy
from cloudlab.workflows.volumes.removal import throw_away

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def take(cloud: Cloud, volume: Volume, pool: StoragePool) -> None:
    """Take the space of `volume`, and of its template's first copy, on `pool`.

    Raises:
        InsufficientCapacity: it does not fit; nothing changed.
    """
    cloud.ledger.allocate(volume, pool)
    template = volume.template
    if template is not None and pool.id not in template.copies and template.size_mib:
        try:
            cloud.ledger.allocate(template, pool)
        except InsufficientCapacity:
            cloud.ledger.deallocate(volume, pool)
            raise
        template.copies.add(pool.id)
        template.staging.add(pool.id)
    volume.pool = pool


def give_back(cloud: Cloud, volume: Volume) -> None:
    """Undo `take`; a template's copy stays, as it would on a real pool."""
    if volume.pool is not None and volume.state is VolumeState.ALLOCATED:
        cloud.ledger.deallocate(volume, volume.pool)
        volume.pool = None


async def build(cloud: Cloud, volume: Volume) -> None:
    """Make `volume` on its pool, bringing its template there first if it is the first.

    Raises:
        HostFault: the host could not.
    """
    pool = volume.pool
    assert pool is not None  # noqa: S101  (it was taken before)
    template = volume.template
    if template is not None and pool.id in template.staging:
        await _stage(cloud, template, pool)
    cloud.move(volume, VolumeEvent.CREATE_REQUESTED)
    await cloud.ports.blocks.create(volume, pool)
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)


async def _stage(cloud: Cloud, template: Template, pool: StoragePool) -> None:
    """Copy `template` to `pool`; whoever comes second waits for the first."""
    async with cloud.engine.lock(("template", f"{template.id}@{pool.id}")):
        if pool.id not in template.staging:
            return
        async with Rollback(cloud.engine) as undo:
            undo(tidy, cloud, template, cloud.ports.images.evict, template, pool)
            await cloud.ports.images.stage(template, pool)
            template.staging.discard(pool.id)


async def abandon(cloud: Cloud, volume: Volume) -> None:
    """Undo a `build` that did not end; a volume that is Ready stays.

    Where the storage cannot remove what it made, a new volume takes this one's place.
    """
    if volume.state is not VolumeState.CREATING or volume.pool is None:
        return
    try:
        await surely(cloud.ports.blocks.delete, volume, volume.pool)
    except CloudError as error:
        _replace(cloud, volume)
        cloud.move(volume, VolumeEvent.DESTROY_REQUESTED)
        left_behind(cloud, volume, error)
    else:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)


async def renew(cloud: Cloud, volume: Volume) -> None:
    """Replace a volume nothing was written to by a new one that may go anywhere."""
    _replace(cloud, volume)
    await throw_away(cloud, volume)


def _replace(cloud: Cloud, volume: Volume) -> None:
    """Put a new volume, Allocated, into the place of `volume` in its machine."""
    vm = volume.vm
    assert vm is not None  # noqa: S101  (only a machine's own volumes are replaced)
    fresh = replace(volume, id=0, state=VolumeState.ALLOCATED, pool=None, last_pool=None)
    vm.volumes[vm.volumes.index(volume)] = cloud.inventory.volumes.add(fresh)
    volume.vm, volume.device_id = None, None
