"""Snapshots of machines: made, gone back to, deleted; one at a time of each machine.

Source: CloudStack 4.2 `VMSnapshotManagerImpl`; that a stopped machine goes back to memory by
being started, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import (
    Host,
    VirtualMachine,
    VmSnapshot,
    VmSnapshotEvent,
    VmSnapshotState,
    VmSnapshotType,
    VmState,
    VolumeState,
)
from cloudlab.policy import Wish
from cloudlab.workflows import volumes
from cloudlab.workflows.machines.starting import bring_up
from cloudlab.workflows.names import check_name
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.undoing import surely, undoing
from cloudlab.workflows.volumes.checks import check_at_rest, check_in_service
from cloudlab.workflows.volumes.kept import drop

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

IN_MOTION: Final = (
    VmSnapshotState.CREATING,
    VmSnapshotState.REVERTING,
    VmSnapshotState.EXPUNGING,
)
"""States of a snapshot that something is being done to."""


async def create(
    cloud: Cloud, vm: VirtualMachine, name: str = "", *, memory: bool = False
) -> VmSnapshot:
    """Keep the disks of `vm` as they are now, and its memory if that is asked for.

    After a failure, and when interrupted, nothing of it is kept; its record stays, in Error.

    Args:
        cloud: where it is.
        vm: Running or Stopped.
        name: for people; made up if empty.
        memory: whether to keep what it has in memory; it must be Running.

    Raises:
        InvalidParameter: the memory of a machine that does not run, or a name that it has.
        Conflict: another snapshot of it is under way, it has as many as `vmsnapshot.max`, its
            disks were never made or are out of reach, or its state does not allow it.
        CloudError: the host could not do it.
    """
    if name:
        check_name("snapshot", name)
    _check_alone(cloud, vm)
    async with cloud.engine.lock(("vm", vm.id)):
        _check_new(cloud, vm, name, memory=memory)
        host = _worker(cloud, vm)
        snapshot = _begin(cloud, vm, name, memory=memory)
        async with undoing(cloud, snapshot) as undo:
            undo(give_up, cloud, snapshot, host)
            await cloud.ports.hypervisor.snapshot(vm, snapshot, host)
            _stand_on(cloud, snapshot)
            cloud.move(snapshot, VmSnapshotEvent.OPERATION_SUCCEEDED)
    return snapshot


def _check_new(cloud: Cloud, vm: VirtualMachine, name: str, *, memory: bool) -> None:
    """Refuse what CloudStack refuses."""
    check_there(vm)
    _check_alone(cloud, vm)
    check_at_rest(vm)
    if memory and vm.state is not VmState.RUNNING:
        raise InvalidParameter(f"{vm} is {vm.state}: only a Running machine has memory to keep")
    there, most = volumes.snapshots_of(cloud, vm), cloud.settings.vm_snapshot_max
    if name and any(each.name == name for each in there):
        raise InvalidParameter(f"{vm} has a snapshot {name} already")
    if len(there) >= most:
        raise Conflict(f"{vm} has {len(there)} snapshots; allowed: {most} (vmsnapshot.max)")
    for volume in vm.volumes:
        if volume.state is not VolumeState.READY:
            raise Conflict(f"{volume} of {vm} is {volume.state}; it is made at the first start")
        check_in_service(volume)


def _check_alone(cloud: Cloud, vm: VirtualMachine, but: VmSnapshot | None = None) -> None:
    """Refuse to begin while something is being done to a snapshot of `vm` other than `but`."""
    for other in volumes.snapshots_of(cloud, vm):
        if other is not but and other.state in IN_MOTION:
            raise Conflict(f"{other} of {vm} is {other.state}; try again when that has ended")


def _worker(cloud: Cloud, vm: VirtualMachine) -> Host:
    """Return the host that does it."""
    host = volumes.host_in_reach(cloud, vm)
    if host is None:
        raise Conflict(f"no host that is Up reaches the disks of {vm}")
    return host


def _begin(cloud: Cloud, vm: VirtualMachine, name: str, *, memory: bool) -> VmSnapshot:
    """Make the record of a snapshot, Creating, on top of the one that `vm` stands on."""
    current = (each for each in volumes.snapshots_of(cloud, vm) if each.is_current)
    snapshot = VmSnapshot(
        name=name,
        vm=vm,
        type=VmSnapshotType.DISK_AND_MEMORY if memory else VmSnapshotType.DISK,
        parent=next(current, None),
        created=cloud.now,
    )
    cloud.inventory.vm_snapshots.add(snapshot)
    snapshot.name = name or f"{vm.name}_VS_{snapshot.id}"
    cloud.move(snapshot, VmSnapshotEvent.CREATE_REQUESTED)
    return snapshot


async def give_up(cloud: Cloud, snapshot: VmSnapshot, host: Host) -> None:
    """Make sure that nothing is kept of a snapshot that was not made; its record tells of it."""
    cloud.move(snapshot, VmSnapshotEvent.OPERATION_FAILED)
    await surely(cloud.ports.hypervisor.drop_snapshot, snapshot.vm, snapshot, host)


def _stand_on(cloud: Cloud, snapshot: VmSnapshot) -> None:
    """Write down that `snapshot` is the one its machine stands on."""
    for other in volumes.snapshots_of(cloud, snapshot.vm):
        other.is_current = other is snapshot


async def revert(cloud: Cloud, snapshot: VmSnapshot) -> VirtualMachine:
    """Make the disks of its machine what they were; with memory it runs on where it was.

    Without memory the machine must be Stopped, and stays so. With memory a Stopped machine
    first gets a place, as at a start.

    Raises:
        NotFound: the snapshot was deleted.
        Conflict: another snapshot is under way, the machine runs but its memory was not kept,
            or its disks are out of reach.
        IllegalMove: the snapshot is not Ready.
        InsufficientCapacity: no place will do; it stays Stopped.
        CloudError: the host could not do it.
    """
    vm = snapshot.vm
    _check_alone(cloud, vm)
    async with cloud.engine.lock(("vm", vm.id)):
        _check_revert(cloud, snapshot)
        wakes = snapshot.type is VmSnapshotType.DISK_AND_MEMORY and vm.state is VmState.STOPPED
        host = None if wakes else _worker(cloud, vm)
        cloud.move(snapshot, VmSnapshotEvent.REVERT_REQUESTED)
        try:
            if host is None:
                await _wake(cloud, snapshot)
            else:
                work = cloud.ports.hypervisor.revert(vm, snapshot, host)
                await cloud.engine.shield(work)
        except Exception:
            cloud.move(snapshot, VmSnapshotEvent.OPERATION_FAILED)
            raise
        _stand_on(cloud, snapshot)
        cloud.move(snapshot, VmSnapshotEvent.OPERATION_SUCCEEDED)
    return vm


def _check_revert(cloud: Cloud, snapshot: VmSnapshot) -> None:
    """Refuse what CloudStack refuses."""
    vm = snapshot.vm
    check_there(vm, snapshot)
    _check_alone(cloud, vm)
    check_at_rest(vm)
    if snapshot.type is VmSnapshotType.DISK and vm.state is VmState.RUNNING:
        raise Conflict(f"{vm} is Running and {snapshot} is of its disks alone; stop it first")
    for volume in vm.volumes:
        check_in_service(volume)


async def _wake(cloud: Cloud, snapshot: VmSnapshot) -> None:
    """Give the stopped machine a place, and let it go on there from `snapshot`."""

    async def boot(vm: VirtualMachine, host: Host) -> None:
        await cloud.ports.hypervisor.revert(vm, snapshot, host)

    await bring_up(cloud, snapshot.vm, Wish(snapshot.vm.zone), boot)


async def delete(cloud: Cloud, snapshot: VmSnapshot) -> VmSnapshot:
    """Let `snapshot` take no space any more; the disks stay as they are.

    Those made after it follow its parent now; an interrupt waits for the end.

    Raises:
        NotFound: it was deleted already.
        Conflict: another snapshot is under way, the machine is neither Running nor Stopped, or
            its disks are out of reach.
        CloudError: the host could not do it; it is Expunging, to be deleted again.
    """
    vm = snapshot.vm
    _check_alone(cloud, vm, but=snapshot)
    async with cloud.engine.lock(("vm", vm.id)):
        check_there(vm, snapshot)
        _check_alone(cloud, vm, but=snapshot)
        check_at_rest(vm)
        await cloud.engine.shield(drop(cloud, snapshot, _worker(cloud, vm)))
    return snapshot
