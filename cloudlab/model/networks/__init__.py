"""Networks: cables, guest networks, NICs, addresses, and the rules between them."""

from cloudlab.model.networks.addresses import AddressRange, PublicIp
from cloudlab.model.networks.network import (
    NETWORK_LIFECYCLE,
    GuestType,
    Network,
    NetworkEvent,
    NetworkState,
)
from cloudlab.model.networks.nics import NIC_LIFECYCLE, Nic, NicEvent, NicState
from cloudlab.model.networks.physical import (
    PHYSICAL_NETWORK_LIFECYCLE,
    PhysicalNetwork,
    PhysicalNetworkEvent,
    PhysicalNetworkState,
)
from cloudlab.model.networks.rules import (
    Balancing,
    FirewallRule,
    LoadBalancerRule,
    PortForwardingRule,
    Protocol,
)
from cloudlab.model.networks.security import SecurityGroup, SecurityGroupRule
from cloudlab.model.networks.traffic import TrafficType

__all__ = [
    "NETWORK_LIFECYCLE",
    "NIC_LIFECYCLE",
    "PHYSICAL_NETWORK_LIFECYCLE",
    "AddressRange",
    "Balancing",
    "FirewallRule",
    "GuestType",
    "LoadBalancerRule",
    "Network",
    "NetworkEvent",
    "NetworkState",
    "Nic",
    "NicEvent",
    "NicState",
    "PhysicalNetwork",
    "PhysicalNetworkEvent",
    "PhysicalNetworkState",
    "PortForwardingRule",
    "Protocol",
    "PublicIp",
    "SecurityGroup",
    "SecurityGroupRule",
    "TrafficType",
]
