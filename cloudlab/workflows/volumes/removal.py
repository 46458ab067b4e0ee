"""A volume is removed for good, or let go by its machine; what fails is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, Conflict
from cloudlab.model import Volume, VolumeEvent, VolumeState, VolumeType
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import again, left_behind

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def delete(cloud: Cloud, volume: Volume) -> Volume:
    """Remove a volume that belongs to no machine, with all that is on it.

    Raises:
        NotFound: it was removed already.
        Conflict: it belongs to a machine.
        IllegalMove: its state does not allow it.
        CloudError: the storage could not remove it; it is in Destroy, to be tried again.
    """
    async with cloud.engine.lock(("volume", volume.id)):
        check_there(volume)
        if volume.vm is not None:
            how = "detach it first" if volume.type is VolumeType.DATADISK else "it goes with that"
            raise Conflict(f"{volume} belongs to {volume.vm}; {how}")
        await expunge(cloud, volume)
    return volume


async def throw_away(cloud: Cloud, volume: Volume) -> None:
    """Remove `volume` for good; if it cannot be done now, the expunge service will try again."""
    try:
        await expunge(cloud, volume)
    except CloudError as error:
        let_go(volume)
        left_behind(cloud, volume, error)


async def expunge(cloud: Cloud, volume: Volume) -> None:
    """Remove `volume` for good.

    Raises:
        CloudError: the storage could not remove it; it is in Destroy, to be tried again.
    """
    if volume.state is not VolumeState.DESTROY:
        cloud.move(volume, VolumeEvent.DESTROY_REQUESTED)
    cloud.move(volume, VolumeEvent.EXPUNGING_REQUESTED)
    try:
        if volume.pool is not None:
            await cloud.ports.blocks.delete(volume, volume.pool)
    except CloudError:
        await _delete_again(cloud, volume)
    except Exception:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        raise
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)
    remove(cloud, volume)


async def _delete_again(cloud: Cloud, volume: Volume) -> None:
    """Do what the first `delete` of `volume` could not."""
    assert volume.pool is not None  # noqa: S101  (there was a first)
    try:
        await again(cloud.ports.blocks.delete, volume, volume.pool)
    except Exception:
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
        raise


def forsaken(cloud: Cloud) -> list[Volume]:
    """Return the volumes that belong to no machine and are to be removed."""
    return [
        volume
        for volume in cloud.inventory.volumes
        if volume.vm is None and volume.state is VolumeState.DESTROY
    ]


def let_go(volume: Volume) -> None:
    """Write down that `volume` belongs to no machine; it lives on by itself."""
    if volume.vm is not None:
        volume.vm.volumes.remove(volume)
        volume.vm, volume.device_id = None, None


def remove(cloud: Cloud, volume: Volume) -> None:
    """Remove the record of `volume` and give its space back."""
    if volume.pool is not None:
        cloud.ledger.deallocate(volume, volume.pool)
        volume.last_pool, volume.pool = volume.pool, None
    let_go(volume)
    volume.removed = cloud.now
    cloud.inventory.volumes.drop(volume)
