"""Where a router stands: its namespace, its leg in its network, and its leg outside."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Interface, IPv4Network

from cloudlab.errors import DriverFault
from cloudlab.model import Network, PublicIp
from drivers import naming
from drivers.router.files import File


def settings(network: Network, lab_id: str) -> dict[str, str]:
    """Return what the script `router.sh` is given of a router's place."""
    outside = _outside(network)
    return {
        **names(network, lab_id),
        "inner_mac": mac(lab_id, network, "inner"),
        "inner_address": f"{network.gateway}/{subnet(network).prefixlen}",
        "outer_mac": mac(lab_id, network, "outer"),
        "outer_addresses": " ".join(map(_with_prefix, outside)),
        "outer_gateway": outside[0].range.gateway if outside else "",
        "forwards": "1" if network.is_isolated else "0",
    }


def subnet(network: Network) -> IPv4Network:
    """Return the addresses of `network`.

    Raises:
        DriverFault: the records do not say.
    """
    if not network.cidr or not network.gateway:
        raise DriverFault(
            f"{network} has the CIDR {network.cidr!r} and the gateway {network.gateway!r}; its "
            f"router needs both: give its zone a guest range with gateway and netmask"
        )
    return IPv4Network(network.cidr)


def announcements(network: Network) -> File:
    """Return the addresses that the router tells its neighbours of, `eth0 10.1.1.1` a line."""
    lines = [f"eth0 {network.gateway}", *(f"eth1 {each.ip}" for each in _outside(network))]
    return File("announced", "\n".join(lines) + "\n")


def _outside(network: Network) -> list[PublicIp]:
    """Return the addresses of a router's leg outside, the one for source NAT first."""
    return network.public_ips if network.is_isolated else []


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
