"""Templates and volumes: what was being made is removed, what was being removed is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Command, Volume, VolumeEvent, VolumeState
from cloudlab.workflows import volumes
from cloudlab.workflows.undoing import left_behind, surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Job


async def settle_images(cloud: Cloud) -> None:
    """Remove copies of templates that were being made; whoever needs one first makes it anew."""
    pools = cloud.inventory.pools
    for template in cloud.inventory.templates:
        for number in sorted(template.staging):
            pool = pools.get(number)
            await tidy(cloud, template, cloud.ports.images.evict, template, pool)


async def settle_volumes(cloud: Cloud) -> None:
    """Finish sizes and moves that were begun; let what was being removed be removed anew."""
    for volume in list(cloud.inventory.volumes):
        if volume.state is VolumeState.CREATING and volume.vm is None:
            await volumes.throw_away(cloud, volume)  # it was being uploaded
        elif volume.state is VolumeState.EXPUNGING:
            cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        elif volume.state is VolumeState.RESIZING:
            await _resize(cloud, volume)
        elif volume.state is VolumeState.MIGRATING:
            await _leave_others(cloud, volume)
            cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        elif volume.state is VolumeState.READY:
            await _leave_others(cloud, volume)


async def _resize(cloud: Cloud, volume: Volume) -> None:
    """Give `volume` the size that the books say; done before, it is done again."""
    try:
        if volume.pool is not None:
            await surely(cloud.ports.blocks.resize, volume, volume.pool, volume.size_mib)
    except CloudError as error:
        left_behind(cloud, volume, error)
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
    else:
        cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)


async def _leave_others(cloud: Cloud, volume: Volume) -> None:
    """Let `volume` be on its own pool only: a copy that was on its way elsewhere goes."""
    for pool in cloud.inventory.pools:
        if pool is not volume.pool and cloud.ledger.is_allocated(volume, pool):
            await tidy(cloud, volume, cloud.ports.blocks.delete, volume, pool)
            cloud.ledger.deallocate(volume, pool)


async def settle_hand_overs(cloud: Cloud, begun: list[Job]) -> None:
    """Let volumes that were being attached or detached belong to nobody."""
    for job in begun:
        volume = job.subject
        if job.name in (Command.ATTACH_VOLUME, Command.DETACH_VOLUME) and isinstance(
            volume, Volume
        ):
            try:
                await volumes.take_off(cloud, volume)
            except CloudError as error:
                left_behind(cloud, volume, error)


async def remove_forsaken(cloud: Cloud) -> None:
    """Remove for good the disks that belong to no machine and were to go."""
    for volume in volumes.forsaken(cloud):
        await volumes.throw_away(cloud, volume)
