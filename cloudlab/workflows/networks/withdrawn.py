"""What a dead process was taking out of a network is gone: rules, and public addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cloudlab.model import FirewallRule, LoadBalancerRule, PortForwardingRule
from cloudlab.workflows.networks.public import free

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Table

R = TypeVar("R", FirewallRule, PortForwardingRule, LoadBalancerRule)


def forget_withdrawn(cloud: Cloud) -> None:
    """Take out of the books the rules and public addresses that no network has any more.

    They leave their network before its router is told, and the books once it has obeyed: what
    is found between is to go, whether it has obeyed or not.
    """
    networks, inventory = list(cloud.inventory.networks), cloud.inventory
    _drop(cloud, inventory.firewall_rules, [each.firewall for each in networks])
    _drop(cloud, inventory.port_forwarding_rules, [each.port_forwarding for each in networks])
    _drop(cloud, inventory.load_balancer_rules, [each.load_balancers for each in networks])
    held = {ip for network in networks for ip in network.public_ips}
    for ip in inventory.public_ips:
        if ip not in held:
            free(cloud, ip)


def _drop(cloud: Cloud, table: Table[R], kept: list[list[R]]) -> None:
    """Drop the rules of `table` that are in none of the lists `kept`."""
    known = {rule for rules in kept for rule in rules}
    for rule in table:
        if rule not in known:
            rule.removed = cloud.now if rule.removed is None else rule.removed
            table.drop(rule)
