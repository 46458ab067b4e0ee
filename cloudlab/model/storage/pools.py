"""Primary storage pools, where volumes live, and the life of a pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record
from cloudlab.units import size_text

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
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
        (_P.INITIAL, {_PE.CREATED: _P.UP}),
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
            {
                _PE.MAINTENANCE_REACHED: _P.MAINTENANCE,
                _PE.MAINTENANCE_FAILED: _P.ERROR_IN_MAINTENANCE,
            },
        ),
        (
            _P.ERROR_IN_MAINTENANCE,
            {
                _PE.MAINTENANCE_REQUESTED: _P.PREPARE_FOR_MAINTENANCE,
                _PE.MAINTENANCE_REACHED: _P.MAINTENANCE,
                _PE.MAINTENANCE_CANCELLED: _P.UP,
            },
        ),
        (_P.MAINTENANCE, {_PE.MAINTENANCE_CANCELLED: _P.UP, _PE.REMOVE: _P.REMOVED}),
    ],
)
"""Source: CloudStack 4.0 `StorageManagerImpl` (Disabled: 4.6). Up and ErrorInMaintenance go
straight to Maintenance when no host that is up can reach the pool."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
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

    def glance(self) -> str:
        """Return its state, kind and size."""
        return f"{self.state}, {self.type}, {size_text(self.capacity_mib)}"
