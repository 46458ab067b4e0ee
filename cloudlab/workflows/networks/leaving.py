"""A machine leaves its network for good: nothing leads to its address any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.model import Network, VirtualMachine
from cloudlab.workflows.networks.balancing import take_from
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.firewall import close_for
from cloudlab.workflows.networks.records import withdraw
from cloudlab.workflows.networks.static_nat import end_static_nat

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def leave(cloud: Cloud, vm: VirtualMachine, network: Network) -> None:
    """Take away every rule that leads to `vm`, before somebody else gets its address.

    Raises:
        CloudError: the router did not do it; all is as before.
    """
    if leads_to(network, vm):
        await change(cloud, network, lambda undo: _take_away(cloud, vm, network, undo))


def leads_to(network: Network, vm: VirtualMachine) -> bool:
    """Return whether a rule of `network` leads to `vm`."""
    return (
        any(ip.vm is vm for ip in network.public_ips)
        or any(rule.vm is vm for rule in network.port_forwarding)
        or any(vm in rule.vms for rule in network.load_balancers)
    )


def _take_away(cloud: Cloud, vm: VirtualMachine, network: Network, undo: Undo) -> None:
    for rule in [each for each in network.port_forwarding if each.vm is vm]:
        close_for(cloud, rule, undo)
        withdraw(cloud, rule, undo)
    for balancer in network.load_balancers:
        if vm in balancer.vms:
            take_from(balancer, vm, undo)
    for ip in network.public_ips:
        if ip.vm is vm:
            end_static_nat(cloud, ip, undo)
