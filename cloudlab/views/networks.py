"""The lists of networks and of public addresses, a row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.views.listing import Listing

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Network, PublicIp


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One guest network."""

    id: int
    name: str
    state: str
    type: str
    """Isolated or Shared."""
    account: str
    """Who owns it; empty: everybody may use it."""
    cidr: str
    vlan: int | None
    vms: int
    """Machines on it, whether they run or not."""
    router: str
    """The host that its virtual router runs on; empty while it has none."""
    public_ip: str
    """The address its machines are seen under outside; empty while it has none."""
    zone: str


@dataclass(frozen=True, slots=True)
class PublicIpRow:
    """One public address that was acquired."""

    id: int
    ip: str
    network: str
    account: str
    use: str
    """Source NAT, static NAT of a machine, or what its ports lead to."""


def network_rows(cloud: Cloud) -> Listing[NetworkRow]:
    """Return the guest networks, oldest first."""
    return Listing(NetworkRow, map(_network, cloud.inventory.networks))


def public_ip_rows(cloud: Cloud) -> Listing[PublicIpRow]:
    """Return the public addresses that were acquired, oldest first."""
    return Listing(PublicIpRow, map(_public_ip, cloud.inventory.public_ips))


def _network(network: Network) -> NetworkRow:
    source_nat = (ip.ip for ip in network.public_ips if ip.is_source_nat)
    return NetworkRow(
        id=network.id,
        name=network.name,
        state=network.state,
        type=network.guest_type,
        account="" if network.account is None else network.account.name,
        cidr=network.cidr,
        vlan=network.vlan,
        vms=len(network.nics),
        router="" if network.router_host is None else network.router_host.name,
        public_ip=next(source_nat, ""),
        zone=network.zone.name,
    )


def _public_ip(ip: PublicIp) -> PublicIpRow:
    network = ip.network
    uses = [ip.glance()] if ip.glance() else []
    uses += [rule.glance() for rule in network.port_forwarding if rule.ip is ip]
    uses += [rule.glance() for rule in network.load_balancers if rule.ip is ip]
    return PublicIpRow(ip.id, ip.ip, network.name, ip.account.name, "; ".join(uses))
