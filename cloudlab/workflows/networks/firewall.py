"""The firewall of a public address: closed, but for what rules open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import FirewallRule, LoadBalancerRule, PortForwardingRule, Protocol, PublicIp
from cloudlab.model.networks.rules import EVERYWHERE, ports_text
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.checks import (
    Ports,
    check_matching,
    check_protocol,
    checked_cidr,
)
from cloudlab.workflows.networks.conflicts import check_opens_something
from cloudlab.workflows.networks.records import withdraw, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def add_firewall_rule(
    cloud: Cloud,
    ip: PublicIp,
    protocol: Protocol = Protocol.TCP,
    ports: Ports | None = None,
    cidrs: Iterable[str] = (EVERYWHERE,),
) -> FirewallRule:
    """Let traffic in at a public address.

    Args:
        cloud: where it is.
        ip: the address.
        protocol: tcp, udp or icmp.
        ports: first and last public port; `None` for icmp.
        cidrs: where it may come from.

    Raises:
        InvalidParameter: ports, protocol or a CIDR is not allowed.
        Conflict: another rule lets some of that in already.
        NotFound: the address was released.
        CloudError: the router did not do it; all is as before.
    """
    check_protocol(protocol, Protocol.TCP, Protocol.UDP, Protocol.ICMP)
    check_matching(protocol, ports)
    sources = tuple(checked_cidr(each) for each in cidrs)
    if not sources:
        raise InvalidParameter(f"a firewall rule of {ip} needs a CIDR to let in, as 0.0.0.0/0")

    def add(undo: Undo) -> FirewallRule:
        return _open(cloud, _rule(ip, protocol, ports, sources), undo)

    return await change(cloud, ip.network, add, ip)


async def remove_firewall_rule(cloud: Cloud, rule: FirewallRule) -> FirewallRule:
    """Let that in no more.

    Raises:
        NotFound: it was removed already.
        CloudError: the router did not do it; all is as before.
    """

    def remove(undo: Undo) -> FirewallRule:
        withdraw(cloud, rule, undo)
        return rule

    return await change(cloud, rule.network, remove, rule)


def open_for(cloud: Cloud, rule: PortForwardingRule | LoadBalancerRule, undo: Undo) -> None:
    """Let everybody in at the ports of `rule`; what is opened so goes with it.

    Raises:
        Conflict: another firewall rule is about some of the ports already.
    """
    if isinstance(rule, PortForwardingRule):
        opening = _rule(rule.ip, rule.protocol, rule.public_ports, (EVERYWHERE,))
    else:
        port = rule.public_port
        opening = _rule(rule.ip, Protocol.TCP, (port, port), (EVERYWHERE,))
    opening.opened_for = rule
    _open(cloud, opening, undo)


def close_for(cloud: Cloud, rule: PortForwardingRule | LoadBalancerRule, undo: Undo) -> None:
    """Take away what was opened for `rule`."""
    for opening in [each for each in rule.network.firewall if each.opened_for is rule]:
        withdraw(cloud, opening, undo)


def _rule(
    ip: PublicIp, protocol: Protocol, ports: Ports | None, cidrs: tuple[str, ...]
) -> FirewallRule:
    where = "" if ports is None else f":{ports_text(ports)}"
    return FirewallRule(
        name=f"{protocol} {ip.ip}{where}",
        network=ip.network,
        ip=ip,
        protocol=protocol,
        ports=ports,
        cidrs=cidrs,
    )


def _open(cloud: Cloud, rule: FirewallRule, undo: Undo) -> FirewallRule:
    check_opens_something(rule)
    write(cloud, rule, undo)
    return rule
