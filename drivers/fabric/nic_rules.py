"""What a NIC may send, and what its security groups let through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cloudlab.model import Nic, Protocol, SecurityGroupRule
from cloudlab.model.networks.rules import EVERYWHERE
from drivers import naming
from drivers.fabric.rules import ground, inward, outward, table

_SERVICES: Final = "udp dport { 53, 67 } accept", "tcp dport { 53, 80, 8080 } accept"
"""What a machine asks its router for: names, an address, its user data and password."""

_NO_ADDRESS: Final = "0.0.0.0"  # noqa: S104  (whom a machine speaks as before it has one)


def plugged(nic: Nic, lab_id: str) -> str:
    """Return the rules of a NIC: its guard, and what its security groups say now."""
    return _lay(nic, lab_id) + _guard(nic, lab_id) + _groups(nic, lab_id)


def unplugged(nic: Nic, lab_id: str) -> str:
    """Return what takes the rules of a NIC away; added first, they are there to be deleted."""
    name, tap = table(lab_id), naming.tap(nic)
    return f"""\
{_lay(nic, lab_id)}
delete element bridge {name} guards {{ "{tap}" }}
delete element bridge {name} marks {{ "{tap}" }}
delete element ip {name} egress {{ {outward(nic.id)} }}
delete element ip {name} ingress {{ {inward(nic.id)} }}
flush chain bridge {name} guard_{nic.id}
delete chain bridge {name} guard_{nic.id}
flush chain ip {name} out_{nic.id}
delete chain ip {name} out_{nic.id}
flush chain ip {name} in_{nic.id}
delete chain ip {name} in_{nic.id}
"""


def _lay(nic: Nic, lab_id: str) -> str:
    """Return the chains of a NIC and the ways into them."""
    name, tap = table(lab_id), naming.tap(nic)
    return f"""\
{ground(lab_id)}
add chain bridge {name} guard_{nic.id}
add chain ip {name} out_{nic.id}
add chain ip {name} in_{nic.id}
add element bridge {name} guards {{ "{tap}" : jump guard_{nic.id} }}
add element bridge {name} marks {{ "{tap}" : {inward(nic.id)} }}
add element ip {name} egress {{ {outward(nic.id)} : jump out_{nic.id} }}
add element ip {name} ingress {{ {inward(nic.id)} : jump in_{nic.id} }}
"""


def _guard(nic: Nic, lab_id: str) -> str:
    """Return what a NIC may send: IPv4 and ARP from its own addresses, and no DHCP offers."""
    name = table(lab_id)
    own = ", ".join((_NO_ADDRESS, nic.ip) if nic.ip else (_NO_ADDRESS,))
    from_own = f"ip saddr {nic.ip} meta mark set {outward(nic.id)} accept" if nic.ip else ""
    return f"""\
flush chain bridge {name} guard_{nic.id}
table bridge {name} {{
  chain guard_{nic.id} {{
    ether saddr != {nic.mac} counter drop
    ether type arp arp saddr ether {nic.mac} arp saddr ip {{ {own} }} accept
    udp sport 67 udp dport 68 counter drop
    udp sport 68 udp dport 67 ip saddr {{ {own} }} meta mark set {outward(nic.id)} accept
    {from_own}
    counter drop
  }}
}}
"""


def _groups(nic: Nic, lab_id: str) -> str:
    """Return what the security groups of a NIC's machine say, if they count on its network."""
    name = table(lab_id)
    return f"""\
flush chain ip {name} out_{nic.id}
flush chain ip {name} in_{nic.id}
table ip {name} {{
  chain out_{nic.id} {{
{_lines(_egress(nic))}
  }}
  chain in_{nic.id} {{
{_lines(_ingress(nic))}
  }}
}}
"""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _counts(nic: Nic) -> bool:
    """Return whether security groups count; an isolated network has a firewall instead."""
    return bool(nic.vm.security_groups) and not nic.network.is_isolated


def _ingress(nic: Nic) -> list[str]:
    if not _counts(nic):
        return ["accept"]
    allowed = [rule for group in nic.vm.security_groups for rule in group.ingress]
    offer = "udp sport 67 udp dport 68 accept"
    return [offer, *(_allow(rule, "saddr") for rule in allowed), "counter drop"]


def _egress(nic: Nic) -> list[str]:
    allowed = [rule for group in nic.vm.security_groups for rule in group.egress]
    if not _counts(nic) or not allowed:
        return ["accept"]
    gateways = ", ".join(filter(None, ("255.255.255.255", nic.network.gateway)))
    router = f"ip daddr {{ {gateways} }}"
    services = [f"{router} {service}" for service in _SERVICES]
    return [*services, *(_allow(rule, "daddr") for rule in allowed), "counter drop"]


def _allow(rule: SecurityGroupRule, side: str) -> str:
    """Return the line that accepts what `rule` is about.

    Args:
        rule: of a security group.
        side: `saddr` or `daddr`, where its CIDR is looked for.
    """
    words = [] if rule.cidr == EVERYWHERE else [f"ip {side} {rule.cidr}"]
    if rule.protocol is Protocol.ICMP:
        words.append("ip protocol icmp")
    elif rule.protocol is not Protocol.ALL:
        words.append(ports_of(rule.protocol, rule.ports))
    return " ".join([*words, "accept"])


def ports_of(protocol: Protocol, ports: tuple[int, int] | None) -> str:
    """Return how nft names ports, `tcp dport 80-90`; all of them without."""
    first, last = ports or (0, 65535)
    return f"{protocol} dport {first}" if first == last else f"{protocol} dport {first}-{last}"
