"""Runs of addresses, and the public addresses that accounts acquire."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.networks.traffic import TrafficType
from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.networks.network import Network
    from cloudlab.model.tenancy import Account
    from cloudlab.model.topology import Pod, Zone


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
class PublicIp(Record):
    """A public address that an account has acquired for one of its networks."""

    kind: ClassVar[str] = "public address"

    account: Account
    network: Network
    range: AddressRange
    """Where the address comes from."""
    address: int
    is_source_nat: bool = False
    """Whether the network's machines are seen outside under it; lasts as long as the network."""
    vm: VirtualMachine | None = None
    """The machine it stands for, both ways (static NAT)."""

    @property
    def ip(self) -> str:
        """The address in dotted form."""
        return str(IPv4Address(self.address))

    def glance(self) -> str:
        """Return what it is used for."""
        use = "source NAT" if self.is_source_nat else ""
        return ", ".join(each for each in (use, f"static NAT of {self.vm}" * bool(self.vm)) if each)
