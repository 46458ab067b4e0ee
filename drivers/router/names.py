"""Addresses by DHCP and names by DNS: the configuration of dnsmasq."""

from __future__ import annotations

from cloudlab.model import Network
from drivers.router.files import File
from drivers.router.legs import subnet


def domain(network: Network) -> str:
    """Return the domain of the names in `network`."""
    return f"net{network.id}.internal"


def configuration(network: Network, folder: str, upstream: tuple[str, ...] = ()) -> File:
    """Return the configuration of dnsmasq.

    It lends addresses to those it knows only, always the same, and believes no guest's word
    about its name. Nor does it write their questions down: they could fill the host. A NIC that
    is not a machine's default one is told of no way out.

    Args:
        network: whose router it serves.
        folder: of the router, on its host.
        upstream: name servers for all other names; without any they are refused.
    """
    addresses = subnet(network)
    gateway, own = network.gateway, domain(network)
    lines = [
        "interface=eth0",
        "except-interface=lo",
        "bind-interfaces",
        "user=nobody",
        f"pid-file={folder}/dnsmasq.pid",
        f"log-facility={folder}/dnsmasq.log",
        f"dhcp-leasefile={folder}/leases",
        f"dhcp-hostsfile={folder}/dhcp",
        f"addn-hosts={folder}/names",
        f"dhcp-range={addresses.network_address},static,{addresses.netmask},infinite",
        f"dhcp-lease-max={addresses.num_addresses}",
        f"dhcp-option=tag:!aside,option:router,{gateway}",
        "dhcp-option=tag:aside,option:router",
        f"dhcp-option=option:dns-server,{gateway}",
        "dhcp-authoritative",
        "quiet-dhcp",
        "dhcp-ignore-names",
        "dhcp-no-override",
        "no-ping",
        "no-hosts",
        "no-resolv",
        f"domain={own}",
        f"local=/{own}/",
        "expand-hosts",
        f"host-record=data-server,data-server.{own},{gateway}",
        *(f"server={each}" for each in upstream),
    ]
    return File("dnsmasq.conf", "\n".join(lines) + "\n")
