"""Networks, their address ranges, and the NICs that hold the addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.topology import Pod, Zone


class TrafficType(StrEnum):
    """What a network carries."""

    GUEST = "Guest"
    PUBLIC = "Public"
    MANAGEMENT = "Management"
    STORAGE = "Storage"


class PhysicalNetworkState(StrEnum):
    """States of a physical network."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class PhysicalNetworkEvent(StrEnum):
    """What an administrator does to a physical network."""

    ENABLE = "Enable"
    DISABLE = "Disable"


PHYSICAL_NETWORK_LIFECYCLE: Final = Lifecycle(
    "physical network",
    "state",
    PhysicalNetworkState.DISABLED,
    [
        (
            PhysicalNetworkState.DISABLED,
            {PhysicalNetworkEvent.ENABLE: PhysicalNetworkState.ENABLED},
        ),
        (
            PhysicalNetworkState.ENABLED,
            {PhysicalNetworkEvent.DISABLE: PhysicalNetworkState.DISABLED},
        ),
    ],
)


class NetworkState(StrEnum):
    """States of a guest or system network (CloudStack's Network.State)."""

    ALLOCATED = "Allocated"
    SETUP = "Setup"
    IMPLEMENTING = "Implementing"
    IMPLEMENTED = "Implemented"
    SHUTDOWN = "Shutdown"
    DESTROY = "Destroy"


class NetworkEvent(StrEnum):
    """What can happen to a network (CloudStack's Network.Event)."""

    IMPLEMENT_NETWORK = "ImplementNetwork"
    DESTROY_NETWORK = "DestroyNetwork"
    OPERATION_SUCCEEDED = "OperationSucceeded"
    OPERATION_FAILED = "OperationFailed"


_N, _NE = NetworkState, NetworkEvent

NETWORK_LIFECYCLE: Final = Lifecycle(
    "network",
    "state",
    NetworkState.ALLOCATED,
    [
        (
            _N.ALLOCATED,
            {_NE.IMPLEMENT_NETWORK: _N.IMPLEMENTING, _NE.DESTROY_NETWORK: _N.DESTROY},
        ),
        (
            _N.IMPLEMENTING,
            {_NE.OPERATION_SUCCEEDED: _N.IMPLEMENTED, _NE.OPERATION_FAILED: _N.SHUTDOWN},
        ),
        (_N.IMPLEMENTED, {_NE.DESTROY_NETWORK: _N.SHUTDOWN}),
        (
            _N.SHUTDOWN,
            {_NE.OPERATION_SUCCEEDED: _N.ALLOCATED, _NE.OPERATION_FAILED: _N.IMPLEMENTED},
        ),
        (_N.SETUP, {_NE.DESTROY_NETWORK: _N.DESTROY}),
    ],
)
"""Source: CloudStack 4.0 `Network.State` (DestroyNetwork from Allocated and Setup: 4.6).
Shared and system networks are born in Setup: always plumbed, never shut down."""


class NicState(StrEnum):
    """States of a NIC's reservation (CloudStack's Nic.State)."""

    ALLOCATED = "Allocated"
    RESERVING = "Reserving"
    RESERVED = "Reserved"
    RELEASING = "Releasing"


class NicEvent(StrEnum):
    """What can happen to a NIC's reservation (CloudStack's Nic.Event)."""

    RESERVATION_REQUESTED = "ReservationRequested"
    RELEASE_REQUESTED = "ReleaseRequested"
    CANCEL_REQUESTED = "CancelRequested"
    OPERATION_COMPLETED = "OperationCompleted"
    OPERATION_FAILED = "OperationFailed"


_C, _CE = NicState, NicEvent

NIC_LIFECYCLE: Final = Lifecycle(
    "nic",
    "state",
    NicState.ALLOCATED,
    [
        (_C.ALLOCATED, {_CE.RESERVATION_REQUESTED: _C.RESERVING}),
        (
            _C.RESERVING,
            {
                _CE.OPERATION_COMPLETED: _C.RESERVED,
                _CE.OPERATION_FAILED: _C.ALLOCATED,
                _CE.CANCEL_REQUESTED: _C.ALLOCATED,
            },
        ),
        (_C.RESERVED, {_CE.RELEASE_REQUESTED: _C.RELEASING}),
        (
            _C.RELEASING,
            {_CE.OPERATION_COMPLETED: _C.ALLOCATED, _CE.OPERATION_FAILED: _C.RESERVED},
        ),
    ],
)
"""Source: CloudStack 4.0 `Nic.State`."""


class GuestType(StrEnum):
    """Whether a guest network belongs to one account or to many."""

    ISOLATED = "Isolated"
    SHARED = "Shared"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class PhysicalNetwork(Record):
    """A cable: what carries the traffic of a zone."""

    kind: ClassVar[str] = "physical network"

    state: PhysicalNetworkState = PhysicalNetworkState.DISABLED
    zone: Zone
    traffic: dict[TrafficType, str] = field(default_factory=dict)
    """Traffic type -> label of the bridge or switch on the hosts."""
    vlans: tuple[int, int] | None = None
    """First and last VLAN of guest networks, 1 to 4094."""
    isolation: str = "VLAN"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class AddressRange(Record):
    """A run of IPv4 addresses for one purpose."""

    kind: ClassVar[str] = "address range"

    traffic: TrafficType
    zone: Zone
    pod: Pod | None = None
    """Set on ranges that only this pod uses."""
    start: IPv4Address
    end: IPv4Address
    gateway: str = ""
    netmask: str = ""
    vlan: str = "untagged"
    row: int = -1
    """Its place among the address pools."""

    @property
    def size(self) -> int:
        """Return how many addresses it has."""
        return int(self.end) - int(self.start) + 1


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Network(Record):
    """A network that NICs are on."""

    kind: ClassVar[str] = "network"

    state: NetworkState = NetworkState.ALLOCATED
    zone: Zone
    traffic: TrafficType = TrafficType.GUEST
    guest_type: GuestType = GuestType.SHARED
    cidr: str = ""
    gateway: str = ""
    vlan: int | None = None


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Nic(Record):
    """A VM's place on a network."""

    kind: ClassVar[str] = "nic"

    state: NicState = NicState.ALLOCATED
    vm: VirtualMachine
    network: Network
    is_default: bool = True
    range: AddressRange | None = None
    """Where its address comes from; `None` while it has none."""
    address: int = 0
    mac_number: int = 0

    @property
    def ip(self) -> str | None:
        """Its address in dotted form, `None` while it has none."""
        return str(IPv4Address(self.address)) if self.range is not None else None

    @property
    def mac(self) -> str:
        """Its hardware address, `02:00:…` for guests."""
        text = f"{self.mac_number:012x}"
        return ":".join(text[place : place + 2] for place in range(0, 12, 2))
