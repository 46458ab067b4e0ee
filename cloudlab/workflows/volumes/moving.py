"""A volume that nothing runs on moves to another pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import StoragePool, VirtualMachine, VmState, Volume, VolumeEvent, VolumeState
from cloudlab.policy.pools import accepts, takes
from cloudlab.units import size_text
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import tidy
from cloudlab.workflows.volumes.checks import check_in_service, check_still, keys_of
from cloudlab.workflows.volumes.kept import check_carries_none

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def migrate(cloud: Cloud, volume: Volume, target: StoragePool) -> Volume:
    """Copy `volume` to `target` and remove it from where it was.

    On failure it stays where it was, and nothing of it on the target.

    Raises:
        InvalidParameter: the target is its own pool, of another zone, local, does not take it,
            or out of reach of its machine's other disks.
        Conflict: its machine is not Stopped or has snapshots, or its storage is out of service.
        IllegalMove: it is not Ready.
        CloudError: the storage could not do it.
    """
    vm = volume.vm
    async with cloud.engine.lock(*keys_of(volume)):
        check_still(volume, vm)
        check_there(target)
        if vm is not None:
            _check_machine(cloud, volume, vm, target)
        check_in_service(volume)
        _check_target(cloud, volume, target)
        await _move(cloud, volume, target)
    return volume


def _check_machine(cloud: Cloud, volume: Volume, vm: VirtualMachine, target: StoragePool) -> None:
    """Refuse to move a disk that is in use, carries snapshots, or would leave the others."""
    if vm.state is not VmState.STOPPED:
        raise Conflict(f"{vm} is {vm.state}; stop it before its volumes move")
    check_carries_none(cloud, vm, "a volume moves")
    for other in vm.volumes:
        clusters = {pool.cluster for pool in (other.pool, target) if pool is not None} - {None}
        if other is not volume and len(clusters) > 1:
            raise InvalidParameter(
                f"no host would reach {volume} on {target} and {other} on {other.pool}, "
                f"both disks of {vm}; detach one of them first"
            )


def _check_target(cloud: Cloud, volume: Volume, target: StoragePool) -> None:
    """Refuse a pool where the volume cannot be."""
    if volume.pool is None or volume.state is VolumeState.ALLOCATED:
        raise Conflict(f"{volume} is {volume.state}: it gets a pool when it is attached first")
    if target is volume.pool:
        raise InvalidParameter(f"{volume} is on {target} already")
    if target.zone is not volume.zone:
        raise InvalidParameter(f"{target} is in {target.zone}, {volume} in {volume.zone}")
    if target.is_local or volume.pool.is_local:
        raise InvalidParameter(f"{volume} can only move between pools that hosts share")
    if not accepts(target, volume):
        tags = ", ".join(sorted(volume.tags)) or "none"
        raise InvalidParameter(
            f"{target} is {target.state} with tags {', '.join(sorted(target.tags)) or 'none'}; "
            f"{volume} needs one that is Up with tags {tags}"
        )
    if not takes(cloud.scene, target, volume):
        raise InvalidParameter(f"{target} has no room for {size_text(volume.size_mib)}")


async def _move(cloud: Cloud, volume: Volume, target: StoragePool) -> None:
    """Take the room on `target`, copy, and hand over."""
    source = volume.pool
    assert source is not None  # noqa: S101  (it was checked)
    async with Rollback(cloud.engine) as undo:
        undo(_stay, cloud, volume, target)
        cloud.ledger.allocate(volume, target)
        cloud.move(volume, VolumeEvent.MIGRATION_REQUESTED)
        await cloud.ports.blocks.copy(volume, source, target)
        await cloud.engine.shield(_arrive(cloud, volume, source, target))


async def _arrive(cloud: Cloud, volume: Volume, source: StoragePool, target: StoragePool) -> None:
    """Write down that `volume` is on `target`, and clear `source`: there is no way back."""
    volume.last_pool, volume.pool = source, target
    await tidy(cloud, volume, cloud.ports.blocks.delete, volume, source)
    cloud.ledger.deallocate(volume, source)
    cloud.move(volume, VolumeEvent.OPERATION_SUCCEEDED)


async def _stay(cloud: Cloud, volume: Volume, target: StoragePool) -> None:
    """Clear `target` after a copy that failed: `volume` is where it was."""
    if volume.pool is target:
        return
    if volume.state is VolumeState.MIGRATING:
        await tidy(cloud, volume, cloud.ports.blocks.delete, volume, target)
        cloud.move(volume, VolumeEvent.OPERATION_FAILED)
    cloud.ledger.deallocate(volume, target)
