"""Snapshots of machines: their disks, with or without their memory, and their life."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine


class VmSnapshotState(StrEnum):
    """States of a VM snapshot (CloudStack's VMSnapshot.State)."""

    ALLOCATED = "Allocated"
    CREATING = "Creating"
    READY = "Ready"
    REVERTING = "Reverting"
    EXPUNGING = "Expunging"
    REMOVED = "Removed"
    ERROR = "Error"


class VmSnapshotEvent(StrEnum):
    """What can happen to a VM snapshot (CloudStack's VMSnapshot.Event)."""

    CREATE_REQUESTED = "CreateRequested"
    OPERATION_FAILED = "OperationFailed"
    OPERATION_SUCCEEDED = "OperationSucceeded"
    REVERT_REQUESTED = "RevertRequested"
    EXPUNGE_REQUESTED = "ExpungeRequested"


class VmSnapshotType(StrEnum):
    """What a VM snapshot keeps."""

    DISK = "Disk"
    DISK_AND_MEMORY = "DiskAndMemory"


_S, _E = VmSnapshotState, VmSnapshotEvent

VM_SNAPSHOT_LIFECYCLE: Final = Lifecycle(
    "vm snapshot",
    "state",
    VmSnapshotState.ALLOCATED,
    [
        (_S.ALLOCATED, {_E.CREATE_REQUESTED: _S.CREATING}),
        (_S.CREATING, {_E.OPERATION_SUCCEEDED: _S.READY, _E.OPERATION_FAILED: _S.ERROR}),
        (
            _S.READY,
            {_E.REVERT_REQUESTED: _S.REVERTING, _E.EXPUNGE_REQUESTED: _S.EXPUNGING},
        ),
        (_S.REVERTING, {_E.OPERATION_SUCCEEDED: _S.READY, _E.OPERATION_FAILED: _S.READY}),
        (_S.ERROR, {_E.EXPUNGE_REQUESTED: _S.EXPUNGING}),
        (
            _S.EXPUNGING,
            {_E.EXPUNGE_REQUESTED: _S.EXPUNGING, _E.OPERATION_SUCCEEDED: _S.REMOVED},
        ),
    ],
)
"""Source: CloudStack 4.2 `VMSnapshot.State`."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class VmSnapshot(Record):
    """All disks of a machine at one moment, and what it had in memory if that was wanted."""

    kind: ClassVar[str] = "vm snapshot"

    state: VmSnapshotState = VmSnapshotState.ALLOCATED
    vm: VirtualMachine
    type: VmSnapshotType = VmSnapshotType.DISK
    parent: VmSnapshot | None = None
    """The one that the machine stood on when it was taken."""
    is_current: bool = False
    """Whether it is the last one taken of, or reverted to by, its machine."""

    def glance(self) -> str:
        """Return its state, kind and machine."""
        return f"{self.state}, {self.type} of {self.vm}"
