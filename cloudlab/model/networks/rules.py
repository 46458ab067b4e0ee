"""What a virtual router lets through, passes on and spreads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record

if TYPE_CHECKING:
    from cloudlab.model.machines import VirtualMachine
    from cloudlab.model.networks.addresses import PublicIp
    from cloudlab.model.networks.network import Network

EVERYWHERE = "0.0.0.0/0"


def ports_text(ports: tuple[int, int] | None) -> str:
    """Return ports as people read them: `80`, `8000-8010`, `any`."""
    if ports is None:
        return "any"
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"


class Protocol(StrEnum):
    """What rules are about."""

    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"
    ALL = "all"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class FirewallRule(Record):
    """Who may reach a public address; what no rule allows is dropped."""

    kind: ClassVar[str] = "firewall rule"

    network: Network
    ip: PublicIp
    protocol: Protocol = Protocol.TCP
    ports: tuple[int, int] | None = None
    """First and last public port; `None` for icmp and all."""
    cidrs: tuple[str, ...] = (EVERYWHERE,)
    """Where from."""
    opened_for: PortForwardingRule | LoadBalancerRule | None = None
    """The rule it was made for and goes with; `None`: it was asked for by itself."""

    def glance(self) -> str:
        """Return what may come from where."""
        return f"{self.protocol} {ports_text(self.ports)} from {', '.join(self.cidrs)}"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class PortForwardingRule(Record):
    """Ports of a public address that lead to a machine."""

    kind: ClassVar[str] = "port forwarding rule"

    network: Network
    ip: PublicIp
    vm: VirtualMachine
    protocol: Protocol = Protocol.TCP
    public_ports: tuple[int, int]
    private_ports: tuple[int, int]
    """As many as there are public ones."""

    def glance(self) -> str:
        """Return what leads where."""
        public, private = ports_text(self.public_ports), ports_text(self.private_ports)
        return f"{self.protocol} {self.ip.ip}:{public} to {self.vm.name}:{private}"


class Balancing(StrEnum):
    """How a load balancer chooses."""

    ROUNDROBIN = "roundrobin"
    LEASTCONN = "leastconn"
    SOURCE = "source"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class LoadBalancerRule(Record):
    """A port of a public address that leads to one of several machines."""

    kind: ClassVar[str] = "load balancer rule"

    network: Network
    ip: PublicIp
    public_port: int
    private_port: int
    algorithm: Balancing = Balancing.ROUNDROBIN
    vms: list[VirtualMachine] = field(default_factory=list)

    def glance(self) -> str:
        """Return which port is spread over how many machines."""
        port = f"{self.ip.ip}:{self.public_port}"
        return f"{port} to port {self.private_port} of {len(self.vms)} VMs, {self.algorithm}"
