"""Where a router stands: its namespace, its leg in its network, and its leg outside."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Interface, IPv4Network

from cloudlab.model import Network, PublicIp
from drivers import naming


def settings(network: Network, lab_id: str) -> dict[str, str]:
    """Return what the script `router.sh` is given of a router's place."""
    prefix = IPv4Network(network.cidr).prefixlen
    outside = network.public_ips if network.is_isolated else []
    return {
        **names(network, lab_id),
        "inner_mac": mac(lab_id, network, "inner"),
        "inner_address": f"{network.gateway}/{prefix}",
        "outer_mac": mac(lab_id, network, "outer"),
        "outer_addresses": " ".join(map(_with_prefix, outside)),
        "outer_gateway": outside[0].range.gateway if outside else "",
        "forwards": "1" if network.is_isolated else "0",
    }


def names(network: Network, lab_id: str) -> dict[str, str]:
    """Return what a router's namespace and cables are called on its host."""
    return {
        "space": naming.router_namespace(lab_id, network),
        "inner": f"clr{network.id}",
        "outer": f"clp{network.id}",
    }


def mac(lab_id: str, network: Network, leg: str) -> str:
    """Return the hardware address of a leg: the same wherever the router is begun again.

    So neighbours need not learn it anew. It begins with 06, those of guests with 02.
    """
    text = f"{lab_id}/{network.id}/{leg}".encode()
    return ":".join(["06", *(f"{byte:02x}" for byte in hashlib.sha256(text).digest()[:5])])


def _with_prefix(public: PublicIp) -> str:
    """Return a public address as `10.77.2.51/24`; alone in its network if nothing says so."""
    return IPv4Interface(f"{public.ip}/{public.range.netmask or 32}").with_prefixlen
