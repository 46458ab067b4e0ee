"""Guest networks and their life."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from cloudlab.model.lifecycle import Lifecycle
from cloudlab.model.networks.traffic import TrafficType
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.networks.addresses import AddressRange, PublicIp
    from cloudlab.model.networks.nics import Nic
    from cloudlab.model.networks.rules import FirewallRule, LoadBalancerRule, PortForwardingRule
    from cloudlab.model.tenancy import Account
    from cloudlab.model.topology import Host, Zone


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


class GuestType(StrEnum):
    """Whether a guest network belongs to one account or to many."""

    ISOLATED = "Isolated"
    SHARED = "Shared"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Network(Record):
    """A network that NICs are on."""

    kind: ClassVar[str] = "network"

    state: NetworkState = NetworkState.ALLOCATED
    zone: Zone
    traffic: TrafficType = TrafficType.GUEST
    guest_type: GuestType = GuestType.SHARED
    account: Account | None = None
    """Who owns it; `None`: everybody may use it."""
    cidr: str = ""
    gateway: str = ""
    vlan: int | None = None
    """What keeps it apart from others: its VLAN, or its VXLAN where the cable isolates so."""
    range: AddressRange | None = None
    """The addresses of an isolated network; a shared one has those of its zone or pod."""
    router_host: Host | None = None
    """Where its virtual router runs; `None` while it has none."""
    public_ips: list[PublicIp] = field(default_factory=list)
    """The source NAT address comes first."""
    firewall: list[FirewallRule] = field(default_factory=list)
    port_forwarding: list[PortForwardingRule] = field(default_factory=list)
    load_balancers: list[LoadBalancerRule] = field(default_factory=list)
    nics: list[Nic] = field(default_factory=list)
    """Every NIC on it, oldest first."""
    idle_since: float | None = None
    """When its router was first seen to serve nobody, seconds; `None` while it serves."""

    @property
    def is_isolated(self) -> bool:
        """Whether it belongs to one account, behind a router of its own."""
        return self.guest_type is GuestType.ISOLATED

    def glance(self) -> str:
        """Return its state, kind and addresses."""
        return ", ".join(each for each in (self.state, self.guest_type, self.cidr) if each)
