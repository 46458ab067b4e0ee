"""A disk comes from a file of one's own, or goes to one.

CloudStack's uploadVolume and extractVolume, without the stop in secondary storage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    Account,
    DiskOffering,
    StoragePool,
    VmState,
    Volume,
    VolumeEvent,
    VolumeState,
    Zone,
)
from cloudlab.policy.pools import accepts, room, takes
from cloudlab.units import size_text
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.volumes.building import take
from cloudlab.workflows.volumes.checks import check_in_service, check_still, keys_of
from cloudlab.workflows.volumes.creation import create_volume
from cloudlab.workflows.volumes.removal import throw_away

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def upload(
    cloud: Cloud,
    account: Account,
    zone: Zone,
    name: str,
    offering: DiskOffering,
    *,
    path: Path,
    size_mib: int | None = None,
    pool: StoragePool | None = None,
) -> Volume:
    """Make a data volume that belongs to no machine, with what is in a file.

    It is on a pool from the start, unlike one that is made empty. If it does not work, there is
    no volume.

    Args:
        cloud: where it belongs.
        account: who owns it.
        zone: where it can be used.
        name: for people; made up if empty.
        offering: its size and tags.
        path: a whole qcow2 image on the orchestrator's own disk, not larger than the volume.
        size_mib: its size, for a customized offering.
        pool: where it goes; where most room is if not given.

    Raises:
        InvalidParameter: as for `create_volume`; or the pool does not take it.
        InsufficientCapacity: no pool takes it.
        CloudError: the storage could not do it, or the file is no such image.
    """
    volume = await create_volume(cloud, account, zone, name, offering, size_mib=size_mib)
    async with (
        cloud.engine.lock(*keys_of(volume)),
        Rollback(cloud.engine) as undo,
    ):
        undo(throw_away, cloud, volume)
        chosen = _roomiest(cloud, volume) if pool is None else _fit(cloud, volume, pool)
        take(cloud, volume, chosen)
        cloud.move(volume, VolumeEvent.CREATE_REQUESTED)
        await cloud.ports.blocks.create(volume, chosen)
        await cloud.ports.blocks.upload(volume, chosen, path)
        cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)
    return volume


def _fit(cloud: Cloud, volume: Volume, pool: StoragePool) -> StoragePool:
    """Return `pool`, if it takes `volume`.

    Raises:
        InvalidParameter: it does not.
    """
    check_there(pool)
    if pool.zone is not volume.zone:
        raise InvalidParameter(f"{pool} is in {pool.zone}, {volume} in {volume.zone}")
    if not takes(cloud.scene, pool, volume):
        free = size_text(room(cloud.scene, pool))
        raise InvalidParameter(
            f"{pool} is {pool.state} and has room for {free}; {volume} needs "
            f"{size_text(volume.size_mib)} on one that is Up and has its tags"
        )
    return pool


def _roomiest(cloud: Cloud, volume: Volume) -> StoragePool:
    """Return the shared pool with most room that takes `volume`, the oldest of equals.

    Raises:
        InsufficientCapacity: there is none.
    """
    scene, wanted = cloud.scene, size_text(volume.size_mib)
    there = [pool for pool in cloud.inventory.pools if pool.zone is volume.zone]
    shared = [pool for pool in there if not pool.is_local and accepts(pool, volume)]
    fitting = [pool for pool in shared if takes(scene, pool, volume)]
    if not fitting:
        most = max((room(scene, pool) for pool in shared), default=0)
        raise InsufficientCapacity(
            f"no shared pool of {volume.zone} takes {volume} of {wanted}; most room on one that "
            f"is Up and has its tags: {size_text(most)}"
        )
    return max(fitting, key=lambda pool: (room(scene, pool), -pool.id))


async def download(cloud: Cloud, volume: Volume, path: Path) -> Volume:
    """Write all of `volume`, which nothing runs on, to a file: one whole qcow2 image.

    Args:
        cloud: where it is.
        volume: Ready.
        path: a file of the orchestrator's own disk that is not there yet.

    Raises:
        Conflict: it was never built, its machine is not Stopped, or its storage is out of service.
        CloudError: the storage could not do it; there is no file.
    """
    vm = volume.vm
    async with cloud.engine.lock(*keys_of(volume)):
        check_still(volume, vm)
        if vm is not None and vm.state is not VmState.STOPPED:
            raise Conflict(f"{vm} is {vm.state}; stop it before {volume} is downloaded")
        if volume.pool is None or volume.state is not VolumeState.READY:
            raise Conflict(f"{volume} is {volume.state}; allowed: Ready")
        check_in_service(volume)
        await cloud.ports.blocks.download(volume, volume.pool, path)
    return volume
