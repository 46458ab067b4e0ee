"""The physical cloud: zone > pod > cluster > host, and the states of a host."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.networks import AddressRange, Network, PhysicalNetwork
    from cloudlab.model.storage import ImageStore, StoragePool
    from cloudlab.model.tenancy import Domain


class NetworkType(StrEnum):
    """The two kinds of zone."""

    BASIC = "Basic"
    ADVANCED = "Advanced"


class AllocationState(StrEnum):
    """Whether new work may be placed in a zone, pod or cluster."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class AllocationEvent(StrEnum):
    """What an administrator does to a zone, pod or cluster."""

    ENABLE = "Enable"
    DISABLE = "Disable"


def _allocation(kind: str) -> Lifecycle[AllocationState, AllocationEvent]:
    """Return the table of a scope that is born Disabled and may be switched at any time."""
    on, off = AllocationState.ENABLED, AllocationState.DISABLED
    moves = {AllocationEvent.ENABLE: on, AllocationEvent.DISABLE: off}
    return Lifecycle(kind, "state", off, [(off, moves), (on, moves)])


ZONE_LIFECYCLE: Final = _allocation("zone")
POD_LIFECYCLE: Final = _allocation("pod")
CLUSTER_LIFECYCLE: Final = _allocation("cluster")


class HostStatus(StrEnum):
    """Whether the host can be reached (CloudStack's com.cloud.host.Status)."""

    CREATING = "Creating"
    CONNECTING = "Connecting"
    UP = "Up"
    DISCONNECTED = "Disconnected"
    DOWN = "Down"
    ALERT = "Alert"
    REBALANCING = "Rebalancing"
    ERROR = "Error"
    REMOVED = "Removed"


class HostEvent(StrEnum):
    """What can happen to a host's connection (CloudStack's Status.Event)."""

    AGENT_CONNECTED = "AgentConnected"
    AGENT_DISCONNECTED = "AgentDisconnected"
    PING = "Ping"
    PING_TIMEOUT = "PingTimeout"
    READY = "Ready"
    HOST_DOWN = "HostDown"
    SHUTDOWN_REQUESTED = "ShutdownRequested"
    MANAGEMENT_SERVER_DOWN = "ManagementServerDown"
    WAITED_TOO_LONG = "WaitedTooLong"
    START_AGENT_REBALANCE = "StartAgentRebalance"
    REBALANCE_COMPLETED = "RebalanceCompleted"
    REBALANCE_FAILED = "RebalanceFailed"
    REMOVE = "Remove"
    ERROR = "Error"


_H, _HE = HostStatus, HostEvent

HOST_STATUS_LIFECYCLE: Final = Lifecycle(
    "host",
    "status",
    HostStatus.CREATING,
    [
        (_H.CREATING, {_HE.AGENT_CONNECTED: _H.CONNECTING, _HE.ERROR: _H.ERROR}),
        (
            _H.CONNECTING,
            {
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.READY: _H.UP,
                _HE.PING: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.HOST_DOWN: _H.ALERT,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
            },
        ),
        (
            _H.UP,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.HOST_DOWN: _H.DOWN,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.START_AGENT_REBALANCE: _H.REBALANCING,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.DISCONNECTED,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.PING_TIMEOUT: _H.ALERT,
                _HE.HOST_DOWN: _H.DOWN,
                _HE.WAITED_TOO_LONG: _H.ALERT,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.AGENT_DISCONNECTED: _H.DISCONNECTED,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.DOWN,
            {
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DOWN,
                _HE.AGENT_DISCONNECTED: _H.DOWN,
                _HE.REMOVE: _H.REMOVED,
                _HE.PING_TIMEOUT: _H.DOWN,
            },
        ),
        (
            _H.ALERT,
            {
                _HE.PING: _H.UP,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.SHUTDOWN_REQUESTED: _H.DISCONNECTED,
                _HE.MANAGEMENT_SERVER_DOWN: _H.ALERT,
                _HE.AGENT_DISCONNECTED: _H.ALERT,
                _HE.REMOVE: _H.REMOVED,
            },
        ),
        (
            _H.REBALANCING,
            {
                _HE.REBALANCE_COMPLETED: _H.CONNECTING,
                _HE.REBALANCE_FAILED: _H.DISCONNECTED,
                _HE.AGENT_CONNECTED: _H.CONNECTING,
                _HE.MANAGEMENT_SERVER_DOWN: _H.DISCONNECTED,
                _HE.AGENT_DISCONNECTED: _H.REBALANCING,
            },
        ),
        (_H.ERROR, {_HE.AGENT_CONNECTED: _H.CONNECTING}),
    ],
)
"""Source: CloudStack 4.0 `com.cloud.host.Status` (Down + PingTimeout: 4.6)."""


class ResourceState(StrEnum):
    """What the administrator wants of the host (CloudStack's ResourceState)."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PREPARE_FOR_MAINTENANCE = "PrepareForMaintenance"
    ERROR_IN_MAINTENANCE = "ErrorInMaintenance"
    MAINTENANCE = "Maintenance"
    ERROR = "Error"


class ResourceEvent(StrEnum):
    """What an administrator, or an evacuation, does to a host (ResourceState.Event)."""

    INTERNAL_CREATED = "InternalCreated"
    ENABLE = "Enable"
    DISABLE = "Disable"
    ADMIN_ASK_MAINTENANCE = "AdminAskMaintenace"
    """The spelling is CloudStack's."""
    ADMIN_CANCEL_MAINTENANCE = "AdminCancelMaintenance"
    INTERNAL_ENTER_MAINTENANCE = "InternalEnterMaintenance"
    UNABLE_TO_MIGRATE = "UnableToMigrate"
    DELETE_HOST = "DeleteHost"
    ERROR = "Error"


_R, _RE = ResourceState, ResourceEvent

HOST_RESOURCE_LIFECYCLE: Final = Lifecycle(
    "host",
    "resource_state",
    ResourceState.CREATING,
    [
        (_R.CREATING, {_RE.INTERNAL_CREATED: _R.ENABLED, _RE.ERROR: _R.ERROR}),
        (
            _R.ENABLED,
            {
                _RE.ENABLE: _R.ENABLED,
                _RE.INTERNAL_CREATED: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.ADMIN_ASK_MAINTENANCE: _R.PREPARE_FOR_MAINTENANCE,
            },
        ),
        (
            _R.DISABLED,
            {
                _RE.ENABLE: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.DISABLED,
            },
        ),
        (
            _R.PREPARE_FOR_MAINTENANCE,
            {
                _RE.INTERNAL_ENTER_MAINTENANCE: _R.MAINTENANCE,
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.UNABLE_TO_MIGRATE: _R.ERROR_IN_MAINTENANCE,
                _RE.INTERNAL_CREATED: _R.PREPARE_FOR_MAINTENANCE,
            },
        ),
        (
            _R.ERROR_IN_MAINTENANCE,
            {
                _RE.INTERNAL_ENTER_MAINTENANCE: _R.MAINTENANCE,
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.DELETE_HOST: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.ERROR_IN_MAINTENANCE,
            },
        ),
        (
            _R.MAINTENANCE,
            {
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.DELETE_HOST: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.MAINTENANCE,
            },
        ),
        (_R.ERROR, {_RE.INTERNAL_CREATED: _R.ERROR}),
    ],
)
"""Source: CloudStack 4.0 `com.cloud.resource.ResourceState`."""


@dataclass(slots=True, eq=False, kw_only=True)
class Zone(Record):
    """The largest unit: a data centre with its own secondary storage."""

    kind: ClassVar[str] = "zone"

    state: AllocationState = AllocationState.DISABLED
    network_type: NetworkType = NetworkType.ADVANCED
    domain: Domain | None = None
    """Who may use a private zone (with its subdomains); `None`: the zone is public."""
    dns1: str = "8.8.8.8"
    dns2: str = ""
    internal_dns1: str = "8.8.8.8"
    internal_dns2: str = ""
    guest_cidr: str | None = "10.1.1.0/24"
    """Network of isolated guest networks; `None` in a Basic zone."""
    security_groups: bool = False
    local_storage: bool = False
    pods: list[Pod] = field(default_factory=list)
    physical_networks: list[PhysicalNetwork] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    guest_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses of shared guest networks; empty in a Basic zone."""
    public_ranges: list[AddressRange] = field(default_factory=list)
    image_stores: list[ImageStore] = field(default_factory=list)
    pools: list[StoragePool] = field(default_factory=list)
    """Zone-wide pools only."""

    @property
    def is_public(self) -> bool:
        """Whether every domain may use it."""
        return self.domain is None

    @property
    def clusters(self) -> list[Cluster]:
        """Return the clusters of every pod, in order of creation within each."""
        return [cluster for pod in self.pods for cluster in pod.clusters]


@dataclass(slots=True, eq=False, kw_only=True)
class Pod(Record):
    """A rack-like unit: hosts of one management subnet."""

    kind: ClassVar[str] = "pod"

    state: AllocationState = AllocationState.DISABLED
    zone: Zone
    gateway: str = ""
    cidr: str = ""
    clusters: list[Cluster] = field(default_factory=list)
    reserved_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses for system VMs, in the management subnet."""
    guest_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses of guests in a Basic zone."""


@dataclass(slots=True, eq=False, kw_only=True)
class Cluster(Record):
    """Hosts with one hypervisor that share primary storage; VMs migrate inside it."""

    kind: ClassVar[str] = "cluster"

    state: AllocationState = AllocationState.DISABLED
    zone: Zone
    pod: Pod
    hypervisor: str = "KVM"
    cpu_overcommit: float = 1.0
    """How many times the CPU may be allocated, >= 1."""
    ram_overcommit: float = 1.0
    cpu_disable_threshold: float | None = None
    """Allocated share over which nothing more is placed; `None`: the setting's value."""
    ram_disable_threshold: float | None = None
    hosts: list[Host] = field(default_factory=list)
    pools: list[StoragePool] = field(default_factory=list)
    row: int = -1
    """Its place in the ledger."""

    @property
    def mhz(self) -> int:
        """Speed of a core of its first host; hosts of a cluster should be alike."""
        return self.hosts[0].mhz if self.hosts else 0

    @property
    def guest_ranges(self) -> list[AddressRange]:
        """Return where its VMs get addresses: the pod's in a Basic zone, else the zone's."""
        basic = self.zone.network_type is NetworkType.BASIC
        return (self.pod if basic else self.zone).guest_ranges


@dataclass(slots=True, eq=False, kw_only=True)
class Host(Record):
    """A machine with a hypervisor."""

    kind: ClassVar[str] = "host"

    status: HostStatus = HostStatus.CREATING
    resource_state: ResourceState = ResourceState.CREATING
    zone: Zone
    pod: Pod
    cluster: Cluster
    cpus: int
    """Cores."""
    mhz: int
    """Speed of a core."""
    ram_mib: int
    """What guests may use: the hypervisor's own share is already taken off."""
    type: str = ""
    """Name of the hardware type, for prices."""
    url: str = ""
    ip: str = ""
    tags: frozenset[str] = frozenset()
    has_hvm: bool = True
    guest_os_category: str | None = None
    """Guests of this category are put here first."""
    max_guests: int | None = None
    row: int = -1
    """Its place in the ledger."""

    @property
    def cpu_mhz(self) -> int:
        """All cores together, before over-provisioning."""
        return self.cpus * self.mhz

    @property
    def is_usable(self) -> bool:
        """Whether VMs may be placed on it: Up and Enabled."""
        return self.status is HostStatus.UP and self.resource_state is ResourceState.ENABLED
