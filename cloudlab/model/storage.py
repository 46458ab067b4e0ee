"""Primary and secondary storage, templates and volumes, and their lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.offerings import DiskOffering
    from cloudlab.model.tenancy import Account
    from cloudlab.model.topology import Cluster, Host, Zone


class PoolType(StrEnum):
    """Kinds of primary storage (CloudStack's StoragePoolType)."""

    FILESYSTEM = "Filesystem"
    NFS = "NetworkFilesystem"
    ISCSI_LUN = "IscsiLUN"
    ISCSI = "Iscsi"
    LVM = "LVM"
    CLVM = "CLVM"
    RBD = "RBD"
    SHARED_MOUNT_POINT = "SharedMountPoint"
    VMFS = "VMFS"
    PRE_SETUP = "PreSetup"
    EXT = "EXT"
    OCFS2 = "OCFS2"


class PoolScope(StrEnum):
    """Who can reach a pool."""

    HOST = "HOST"
    CLUSTER = "CLUSTER"
    ZONE = "ZONE"


class PoolState(StrEnum):
    """States of a primary storage pool (CloudStack's StoragePoolStatus)."""

    INITIAL = "Initial"
    UP = "Up"
    DISABLED = "Disabled"
    PREPARE_FOR_MAINTENANCE = "PrepareForMaintenance"
    ERROR_IN_MAINTENANCE = "ErrorInMaintenance"
    MAINTENANCE = "Maintenance"
    REMOVED = "Removed"


class PoolEvent(StrEnum):
    """What can happen to a pool; CloudStack has the moves but no names for them."""

    CREATED = "Created"
    DISABLE = "Disable"
    ENABLE = "Enable"
    MAINTENANCE_REQUESTED = "MaintenanceRequested"
    MAINTENANCE_REACHED = "MaintenanceReached"
    MAINTENANCE_FAILED = "MaintenanceFailed"
    MAINTENANCE_CANCELLED = "MaintenanceCancelled"
    REMOVE = "Remove"


_P, _PE = PoolState, PoolEvent

POOL_LIFECYCLE: Final = Lifecycle(
    "pool",
    "state",
    PoolState.INITIAL,
    [
        (_P.INITIAL, {_PE.CREATED: _P.UP, _PE.REMOVE: _P.REMOVED}),
        (
            _P.UP,
            {
                _PE.MAINTENANCE_REQUESTED: _P.PREPARE_FOR_MAINTENANCE,
                _PE.MAINTENANCE_REACHED: _P.MAINTENANCE,
                _PE.DISABLE: _P.DISABLED,
            },
        ),
        (_P.DISABLED, {_PE.ENABLE: _P.UP}),
        (
            _P.PREPARE_FOR_MAINTENANCE,
            {_PE.MAINTENANCE_REACHED: _P.MAINTENANCE, _PE.MAINTENANCE_FAILED: _P.ERROR_IN_MAINTENANCE},
        ),
        (
            _P.ERROR_IN_MAINTENANCE,
            {
                _PE.MAINTENANCE_REQUESTED: _P.PREPARE_FOR_MAINTENANCE,
                _PE.MAINTENANCE_CANCELLED: _P.UP,
            },
        ),
        (_P.MAINTENANCE, {_PE.MAINTENANCE_CANCELLED: _P.UP, _PE.REMOVE: _P.REMOVED}),
    ],
)
"""Source: CloudStack 4.0 StorageManagerImpl (Disabled: 4.6). Up goes straight to
Maintenance when no host that is up can reach the pool."""


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


@dataclass(slots=True, eq=False, kw_only=True)
class StoragePool(Record):
    """A primary storage pool: where volumes live."""

    kind: ClassVar[str] = "pool"

    state: PoolState = PoolState.INITIAL
    type: PoolType = PoolType.NFS
    scope: PoolScope = PoolScope.CLUSTER
    zone: Zone
    cluster: Cluster | None = None
    """`None` for a zone-wide pool."""
    host: Host | None = None
    """The one host of a local pool."""
    url: str = ""
    capacity_mib: int = 0
    overprovisioning: float = 1.0
    """How many times the capacity may be allocated, >= 1."""
    disable_threshold: float | None = None
    """Allocated share from which nothing more is put on it; `None`: the setting's value."""
    tags: frozenset[str] = frozenset()
    stopped_vms: list[VirtualMachine] = field(default_factory=list)
    """Machines that were stopped for its maintenance, to be started afterwards."""
    row: int = -1
    """Its place in the ledger."""

    @property
    def is_local(self) -> bool:
        """Whether only one host reaches it."""
        return self.scope is PoolScope.HOST


@dataclass(slots=True, eq=False, kw_only=True)
class ImageStore(Record):
    """Secondary storage: where templates, ISOs and snapshots live; shared by a zone."""

    kind: ClassVar[str] = "image store"

    zone: Zone
    url: str = ""
    provider: str = "NFS"
    capacity_mib: int = 0


class ImageFormat(StrEnum):
    """File formats of disk images."""

    QCOW2 = "QCOW2"
    RAW = "RAW"
    VHD = "VHD"
    OVA = "OVA"
    ISO = "ISO"


@dataclass(slots=True, eq=False, kw_only=True)
class Template(Record):
    """An image that root volumes are made from."""

    kind: ClassVar[str] = "template"

    size_mib: int = 0
    hypervisor: str | None = "KVM"
    """The one it runs on; `None`: any."""
    format: ImageFormat = ImageFormat.QCOW2
    guest_os: str = "Other Linux (64-bit)"
    host_tag: str | None = None
    """Hosts must carry this tag (CloudStack's template_tag)."""
    requires_hvm: bool = False
    is_public: bool = True
    copies: set[int] = field(default_factory=set)
    """Ids of the primary pools that hold a copy, or have space taken for one."""
    staging: set[int] = field(default_factory=set)
    """Ids of the pools whose copy is not there yet."""

    def runs_on(self, hypervisor: str) -> bool:
        """Return whether machines made from it run on `hypervisor`."""
        return self.hypervisor is None or self.hypervisor == hypervisor


@dataclass(slots=True, eq=False, kw_only=True)
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
