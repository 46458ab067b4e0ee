"""Networks and runs of IPv4 addresses; what is not written (0.0.0.0) is generated on reading."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Final

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from cloudlab.design.schema.part import Part
from cloudlab.design.schema.quantities import Vlan

UNSPECIFIED: Final = IPv4Address(0)
"""An address that was not written."""
NOWHERE: Final = IPv4Network((0, 32))
"""A network that was not written."""

_ADDRESS: Final = "an IPv4 address, as in 10.1.1.1"
_NETWORK: Final = "an IPv4 network, as in 10.1.1.0/24"
_NETMASK: Final = "a netmask, as in 255.255.255.0"


def _address(value: object) -> IPv4Address:
    if isinstance(value, IPv4Address):
        return value
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"must be {_ADDRESS}") from None


def _network(value: object) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    if not isinstance(value, str) or "/" not in value:
        raise ValueError(f"must be {_NETWORK}")
    try:
        return IPv4Network(value)
    except ValueError:
        raise ValueError(_meant_network(value)) from None


def _meant_network(value: str) -> str:
    """Return the complaint about a bad network, with the one probably meant."""
    try:
        meant = IPv4Network(value, strict=False)
    except ValueError:
        return f"must be {_NETWORK}"
    return f"must be the address of the network itself; did you mean {meant}?"


def _netmask(value: object) -> IPv4Address:
    mask = _address(value)
    try:
        IPv4Network(f"0.0.0.0/{mask}")
    except ValueError:
        raise ValueError(f"must be {_NETMASK}") from None
    return mask


Address = Annotated[
    IPv4Address,
    PlainValidator(_address),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "ipv4", "allowed": _ADDRESS}),
]
Network = Annotated[
    IPv4Network,
    PlainValidator(_network),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/[0-9]+$", "allowed": _NETWORK}),
]
Netmask = Annotated[
    IPv4Address,
    PlainValidator(_netmask),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "ipv4", "allowed": _NETMASK}),
]


class Subnet(Part):
    """A network and its gateway: `cidr`, or `gateway` with `netmask` as CloudStack's forms ask."""

    cidr: Network = NOWHERE
    """The network; generated when neither it nor a netmask is given."""
    gateway: Address = UNSPECIFIED
    """Default: the first address of the network."""
    netmask: Netmask = UNSPECIFIED
    """Instead of `cidr`, together with `gateway`; once read, `cidr` says it."""


class ReservedRange(Part):
    """Addresses of a pod that its system VMs use (CloudStack's reserved system IPs)."""

    start: Address
    """First address."""
    end: Address
    """Last address."""

    @property
    def size(self) -> int:
        """Return how many addresses it has."""
        return int(self.end) - int(self.start) + 1


class AddressRange(Subnet):
    """A run of addresses given to VMs, in a network with a gateway."""

    start: Address = UNSPECIFIED
    """First address; default: the first of the network that is not the gateway."""
    end: Address = UNSPECIFIED
    """Last address; default: the last of the network that is not its broadcast address."""
    vlan: Vlan = None
    """VLAN number, or `untagged`."""

    @property
    def size(self) -> int:
        """Return how many addresses it has."""
        return int(self.end) - int(self.start) + 1
