"""The rules of a network in the books: written down, taken away, and each way undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cloudlab.model import FirewallRule, LoadBalancerRule, Network, PortForwardingRule, PublicIp

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Table
    from cloudlab.workflows.networks.changing import Undo

Rule = FirewallRule | PortForwardingRule | LoadBalancerRule
R = TypeVar("R", FirewallRule, PortForwardingRule, LoadBalancerRule)


def rules_on(network: Network, ip: PublicIp) -> list[Rule]:
    """Return every rule of `network` on its public address `ip`."""
    found: list[Rule] = [rule for rule in network.firewall if rule.ip is ip]
    found += [rule for rule in network.port_forwarding if rule.ip is ip]
    found += [rule for rule in network.load_balancers if rule.ip is ip]
    return found


def write(cloud: Cloud, rule: Rule, undo: Undo) -> None:
    """Write `rule` down, and how that is undone."""
    rule.created = cloud.now
    network, inventory = rule.network, cloud.inventory
    if isinstance(rule, FirewallRule):
        _write(rule, network.firewall, inventory.firewall_rules, undo)
    elif isinstance(rule, PortForwardingRule):
        _write(rule, network.port_forwarding, inventory.port_forwarding_rules, undo)
    else:
        _write(rule, network.load_balancers, inventory.load_balancer_rules, undo)


def _write(rule: R, rules: list[R], table: Table[R], undo: Undo) -> None:
    table.add(rule)
    rules.append(rule)
    undo(table.drop, rule)
    undo(rules.remove, rule)


def withdraw(cloud: Cloud, rule: Rule, undo: Undo) -> None:
    """Take `rule` out of the books, and write down how that is undone."""
    undo(setattr, rule, "removed", None)
    rule.removed = cloud.now
    network, inventory = rule.network, cloud.inventory
    if isinstance(rule, FirewallRule):
        _withdraw(rule, network.firewall, inventory.firewall_rules, undo)
    elif isinstance(rule, PortForwardingRule):
        _withdraw(rule, network.port_forwarding, inventory.port_forwarding_rules, undo)
    else:
        _withdraw(rule, network.load_balancers, inventory.load_balancer_rules, undo)


def _withdraw(rule: R, rules: list[R], table: Table[R], undo: Undo) -> None:
    place = rules.index(rule)
    del rules[place]
    undo(rules.insert, place, rule)
    undo.then(table.drop, rule)
