"""Templates and volumes: what was being made is removed, what was being removed is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.model import VolumeEvent, VolumeState
from cloudlab.workflows import volumes
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def settle_images(cloud: Cloud) -> None:
    """Remove copies of templates that were being made; whoever needs one first makes it anew."""
    pools = cloud.inventory.pools
    for template in cloud.inventory.templates:
        for number in sorted(template.staging):
            pool = pools.get(number)
            await tidy(cloud, template, cloud.ports.images.evict, template, pool)


def settle_volumes(cloud: Cloud) -> None:
    """Let what was being removed be removed anew: by its machine, or with what is forsaken."""
    for volume in cloud.inventory.volumes:
        if volume.state is VolumeState.EXPUNGING:
            cloud.move(volume, VolumeEvent.OPERATION_FAILED)


async def remove_forsaken(cloud: Cloud) -> None:
    """Remove for good the disks that belong to no machine and were to go."""
    for volume in volumes.forsaken(cloud):
        await volumes.throw_away(cloud, volume)
