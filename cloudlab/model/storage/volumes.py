"""Volumes, the disks of virtual machines, and their life."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.offerings import DiskOffering
    from cloudlab.model.storage.images import Template
    from cloudlab.model.storage.pools import StoragePool
    from cloudlab.model.tenancy import Account
    from cloudlab.model.topology import Zone


class VolumeType(StrEnum):
    """What a volume is for."""

    ROOT = "ROOT"
    DATADISK = "DATADISK"


class VolumeState(StrEnum):
    """States of a volume (CloudStack's Volume.State)."""

    ALLOCATED = "Allocated"
    CREATING = "Creating"
    UPLOAD_OP = "UploadOp"
    READY = "Ready"
    SNAPSHOTTING = "Snapshotting"
    MIGRATING = "Migrating"
    RESIZING = "Resizing"
    REVERT_SNAPSHOTTING = "RevertSnapshotting"
    COPYING = "Copying"
    UPLOADED = "Uploaded"
    NOT_UPLOADED = "NotUploaded"
    UPLOAD_IN_PROGRESS = "UploadInProgress"
    UPLOAD_ERROR = "UploadError"
    UPLOAD_ABANDONED = "UploadAbandoned"
    DESTROY = "Destroy"
    EXPUNGING = "Expunging"
    EXPUNGED = "Expunged"


class VolumeEvent(StrEnum):
    """What can happen to a volume (CloudStack's Volume.Event)."""

    CREATE_REQUESTED = "CreateRequested"
    COPY_REQUESTED = "CopyRequested"
    COPY_SUCCEEDED = "CopySucceeded"
    COPY_FAILED = "CopyFailed"
    DESTROY_REQUESTED = "DestroyRequested"
    EXPUNGING_REQUESTED = "ExpungingRequested"
    MIGRATION_REQUESTED = "MigrationRequested"
    MIGRATION_COPY_REQUESTED = "MigrationCopyRequested"
    MIGRATION_COPY_SUCCEEDED = "MigrationCopySucceeded"
    MIGRATION_COPY_FAILED = "MigrationCopyFailed"
    OPERATION_SUCCEEDED = "OperationSucceeded"
    OPERATION_FAILED = "OperationFailed"
    OPERATION_RETRY = "OperationRetry"
    OPERATION_TIMEOUT = "OperationTimeout"
    RESIZE_REQUESTED = "ResizeRequested"
    REVERT_SNAPSHOT_REQUESTED = "RevertSnapshotRequested"
    SNAPSHOT_REQUESTED = "SnapshotRequested"
    UPLOAD_REQUESTED = "UploadRequested"


_V, _VE = VolumeState, VolumeEvent


def _and_back(state: VolumeState) -> tuple[VolumeState, dict[VolumeEvent, VolumeState]]:
    """Return the row of a state that ends in Ready, however the operation went."""
    return state, {_VE.OPERATION_SUCCEEDED: _V.READY, _VE.OPERATION_FAILED: _V.READY}


VOLUME_LIFECYCLE: Final = Lifecycle(
    "volume",
    "state",
    VolumeState.ALLOCATED,
    [
        (
            _V.ALLOCATED,
            {
                _VE.CREATE_REQUESTED: _V.CREATING,
                _VE.DESTROY_REQUESTED: _V.DESTROY,
                _VE.UPLOAD_REQUESTED: _V.UPLOAD_OP,
                _VE.MIGRATION_COPY_REQUESTED: _V.CREATING,
            },
        ),
        (
            _V.CREATING,
            {
                _VE.OPERATION_SUCCEEDED: _V.READY,
                _VE.OPERATION_FAILED: _V.ALLOCATED,
                _VE.OPERATION_RETRY: _V.CREATING,
                _VE.CREATE_REQUESTED: _V.CREATING,
                _VE.DESTROY_REQUESTED: _V.DESTROY,
                _VE.COPY_SUCCEEDED: _V.READY,
                _VE.COPY_FAILED: _V.UPLOAD_OP,
                _VE.MIGRATION_COPY_SUCCEEDED: _V.READY,
                _VE.MIGRATION_COPY_FAILED: _V.ALLOCATED,
            },
        ),
        (
            _V.UPLOAD_OP,
            {
                _VE.COPY_REQUESTED: _V.CREATING,
                _VE.DESTROY_REQUESTED: _V.DESTROY,
                _VE.OPERATION_SUCCEEDED: _V.UPLOADED,
                _VE.OPERATION_FAILED: _V.ALLOCATED,
            },
        ),
        (
            _V.READY,
            {
                _VE.DESTROY_REQUESTED: _V.DESTROY,
                _VE.SNAPSHOT_REQUESTED: _V.SNAPSHOTTING,
                _VE.MIGRATION_REQUESTED: _V.MIGRATING,
                _VE.RESIZE_REQUESTED: _V.RESIZING,
                _VE.REVERT_SNAPSHOT_REQUESTED: _V.REVERT_SNAPSHOTTING,
            },
        ),
        _and_back(_V.SNAPSHOTTING),
        _and_back(_V.MIGRATING),
        _and_back(_V.RESIZING),
        _and_back(_V.REVERT_SNAPSHOTTING),
        (_V.UPLOADED, {_VE.COPY_REQUESTED: _V.COPYING, _VE.DESTROY_REQUESTED: _V.DESTROY}),
        (_V.COPYING, {_VE.OPERATION_SUCCEEDED: _V.READY, _VE.OPERATION_FAILED: _V.UPLOADED}),
        (
            _V.NOT_UPLOADED,
            {
                _VE.UPLOAD_REQUESTED: _V.UPLOAD_IN_PROGRESS,
                _VE.OPERATION_SUCCEEDED: _V.UPLOADED,
                _VE.OPERATION_FAILED: _V.UPLOAD_ERROR,
                _VE.OPERATION_TIMEOUT: _V.UPLOAD_ABANDONED,
            },
        ),
        (
            _V.UPLOAD_IN_PROGRESS,
            {
                _VE.OPERATION_SUCCEEDED: _V.UPLOADED,
                _VE.OPERATION_FAILED: _V.UPLOAD_ERROR,
                _VE.OPERATION_TIMEOUT: _V.UPLOAD_ERROR,
            },
        ),
        (_V.UPLOAD_ERROR, {_VE.DESTROY_REQUESTED: _V.DESTROY}),
        (_V.UPLOAD_ABANDONED, {_VE.DESTROY_REQUESTED: _V.DESTROY}),
        (_V.DESTROY, {_VE.EXPUNGING_REQUESTED: _V.EXPUNGING, _VE.OPERATION_SUCCEEDED: _V.DESTROY}),
        (_V.EXPUNGING, {_VE.OPERATION_SUCCEEDED: _V.EXPUNGED, _VE.OPERATION_FAILED: _V.DESTROY}),
    ],
)
"""Source: CloudStack 4.0 `Volume.State` with the states that 4.6 added."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Volume(Record):
    """A disk of one VM, or of none yet."""

    kind: ClassVar[str] = "volume"

    state: VolumeState = VolumeState.ALLOCATED
    type: VolumeType = VolumeType.ROOT
    account: Account
    zone: Zone
    size_mib: int = 0
    tags: frozenset[str] = frozenset()
    """Every one must be a tag of its pool."""
    offering: DiskOffering | None = None
    template: Template | None = None
    vm: VirtualMachine | None = None
    device_id: int | None = None
    pool: StoragePool | None = None
    last_pool: StoragePool | None = None
