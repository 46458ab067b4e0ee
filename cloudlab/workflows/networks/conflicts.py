"""Which rules on one public address are in each other's way.

Source: CloudStack 4.0 `FirewallManagerImpl.detectRulesConflict`.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from cloudlab.errors import Conflict
from cloudlab.model import FirewallRule, PortForwardingRule, Protocol, PublicIp
from cloudlab.workflows.networks.checks import Ports
from cloudlab.workflows.networks.records import rules_on


def check_no_static_nat(ip: PublicIp) -> None:
    """Refuse an address all of whose ports lead to one machine already.

    Raises:
        Conflict: it has static NAT.
    """
    if ip.vm is not None:
        raise Conflict(f"{ip} is the static NAT address of {ip.vm}; disable that, or use another")


def check_ports_free(ip: PublicIp, ports: Ports, forwarded: Protocol | None) -> None:
    """Refuse public ports that lead somewhere already.

    Port forwarding of another protocol is no obstacle to port forwarding; to load balancing,
    everything is.

    Args:
        ip: whose ports.
        ports: the public ones that are wanted.
        forwarded: the protocol that is to be forwarded; `None`: they are to be balanced.

    Raises:
        Conflict: some of the ports are taken; the message names the rule.
    """
    check_no_static_nat(ip)
    network = ip.network
    for rule in network.port_forwarding:
        if rule.ip is ip and _meet(ports, rule.public_ports):
            if forwarded is not None and forwarded is not rule.protocol:
                continue
            raise _taken(ip, ports, rule.name)
    for other in network.load_balancers:
        if other.ip is ip and _meet(ports, (other.public_port, other.public_port)):
            raise _taken(ip, ports, other.name)


def _taken(ip: PublicIp, ports: Ports, rule: str) -> Conflict:
    return Conflict(
        f"{ip}: ports {ports[0]}-{ports[1]} are wanted, but {rule} has some of them; "
        "remove it, or use other ports or another address"
    )


def check_opens_something(wanted: FirewallRule) -> None:
    """Refuse a firewall rule that meets another: same address, protocol, ports and sources.

    Raises:
        Conflict: there is one; the message names it.
    """
    for rule in wanted.network.firewall:
        if (
            rule.ip is wanted.ip
            and rule.protocol is wanted.protocol
            and _meet(rule.ports, wanted.ports)
            and _overlap(rule.cidrs, wanted.cidrs)
        ):
            raise Conflict(
                f"{wanted.ip}: {rule} ({rule.glance()}) lets some of that in already; remove it "
                "first, or let the new rule open nothing"
            )


def check_carries_nothing(ip: PublicIp) -> None:
    """Refuse static NAT on an address that has another use.

    Raises:
        Conflict: it is the source NAT address, or has static NAT, or ports of it lead somewhere.
    """
    if ip.is_source_nat:
        raise Conflict(f"{ip} is the source NAT address of {ip.network}; acquire another")
    check_no_static_nat(ip)
    for rule in rules_on(ip.network, ip):
        if not isinstance(rule, FirewallRule):
            what = "forwards" if isinstance(rule, PortForwardingRule) else "spreads"
            raise Conflict(f"{ip}: {rule} {what} ports of it; remove that, or acquire another")


def _meet(one: Ports | None, other: Ports | None) -> bool:
    """Return whether two runs of ports have one in common; what has no ports has all."""
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])


def _overlap(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(IPv4Network(one).overlaps(IPv4Network(other)) for one in some for other in others)
