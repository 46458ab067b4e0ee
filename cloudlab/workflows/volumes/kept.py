"""The snapshots that the disks of a machine carry, and who can be asked to work on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import (
    Host,
    HostStatus,
    VirtualMachine,
    VmSnapshot,
    VmSnapshotEvent,
    VmSnapshotState,
)
from cloudlab.policy import Avoid
from cloudlab.policy.pools import reaches_volumes
from cloudlab.workflows.undoing import surely

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def snapshots_of(cloud: Cloud, vm: VirtualMachine) -> list[VmSnapshot]:
    """Return the snapshots of `vm`, oldest first, also those that failed."""
    return [each for each in cloud.inventory.vm_snapshots if each.vm is vm]


def check_carries_none(cloud: Cloud, vm: VirtualMachine, what: str) -> None:
    """Refuse to change the disks of a machine with snapshots, as CloudStack does.

    Raises:
        Conflict: it has some, or one is just being made.
    """
    names = [each.name for each in snapshots_of(cloud, vm)]
    if names:
        raise Conflict(f"{vm} has the snapshots {', '.join(names)}: delete them before {what}")


def host_in_reach(cloud: Cloud, vm: VirtualMachine) -> Host | None:
    """Return who can work on the disks of `vm`: where it runs, or a host that is Up and in reach.

    The host of its last run comes first, then hosts in order of age.
    """
    if vm.host is not None:
        return vm.host
    candidates = list(cloud.inventory.hosts)
    if vm.last_host is not None:
        candidates.insert(0, vm.last_host)
    for host in candidates:
        if host.status is HostStatus.UP and reaches_volumes(vm, host, Avoid()):
            return host
    return None


async def drop_snapshots(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove every snapshot of `vm`, whose disks are about to go.

    Where no host reaches the disks, the snapshots go with them.

    Raises:
        CloudError: one could not be removed; it stays Expunging, to be tried again.
    """
    snapshots = snapshots_of(cloud, vm)
    host = host_in_reach(cloud, vm) if snapshots else None
    for snapshot in reversed(snapshots):
        await drop(cloud, snapshot, host)


async def drop(cloud: Cloud, snapshot: VmSnapshot, host: Host | None) -> None:
    """Remove `snapshot`, by `host` if there is one; those made after it follow its parent now.

    Raises:
        CloudError: it could not be removed; it stays Expunging.
    """
    if snapshot.state in (VmSnapshotState.CREATING, VmSnapshotState.REVERTING):
        cloud.move(snapshot, VmSnapshotEvent.OPERATION_FAILED)
    cloud.move(snapshot, VmSnapshotEvent.EXPUNGE_REQUESTED)
    if host is not None:
        await surely(cloud.ports.hypervisor.drop_snapshot, snapshot.vm, snapshot, host)
    cloud.move(snapshot, VmSnapshotEvent.OPERATION_SUCCEEDED)
    _unlink(cloud, snapshot)


def _unlink(cloud: Cloud, snapshot: VmSnapshot) -> None:
    """Take the record of `snapshot` out; its parent takes its place."""
    for other in snapshots_of(cloud, snapshot.vm):
        if other.parent is snapshot:
            other.parent = snapshot.parent
    if snapshot.is_current and snapshot.parent is not None:
        snapshot.parent.is_current = True
    snapshot.is_current = False
    snapshot.removed = cloud.now
    cloud.inventory.vm_snapshots.drop(snapshot)
