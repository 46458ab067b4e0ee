"""Load balancing: a port of a public address leads to one of several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import Balancing, LoadBalancerRule, PublicIp, VirtualMachine
from cloudlab.workflows.names import check_name
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.checks import check_ports, nic_on
from cloudlab.workflows.networks.conflicts import check_ports_free
from cloudlab.workflows.networks.firewall import close_for, open_for
from cloudlab.workflows.networks.records import withdraw, write

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def add_load_balancer(
    cloud: Cloud,
    ip: PublicIp,
    name: str,
    *,
    public_port: int,
    private_port: int | None = None,
    algorithm: Balancing = Balancing.ROUNDROBIN,
    open_firewall: bool = True,
) -> LoadBalancerRule:
    """Add a load balancer to a public address; machines are assigned to it afterwards.

    Args:
        cloud: where it is.
        ip: the address; a static NAT address will not do.
        name: of the rule, another than those of the network's other load balancers.
        public_port: where it listens, with tcp.
        private_port: of the machines; the same one if not given.
        algorithm: how it chooses.
        open_firewall: whether everybody is let in at the port, as CloudStack does.

    Raises:
        InvalidParameter: a port is not allowed, or the name is missing or taken.
        Conflict: the port leads somewhere already.
        NotFound: the address was released.
        CloudError: the router did not do it; all is as before.
    """
    inside = public_port if private_port is None else private_port
    check_ports("public port", (public_port, public_port))
    check_ports("private port", (inside, inside))
    check_name("load balancer", name)

    def add(undo: Undo) -> LoadBalancerRule:
        network = ip.network
        if any(each.name == name for each in network.load_balancers):
            raise InvalidParameter(f"there is already a load balancer {name} on {network}")
        check_ports_free(ip, (public_port, public_port), None)
        rule = LoadBalancerRule(
            name=name,
            network=network,
            ip=ip,
            public_port=public_port,
            private_port=inside,
            algorithm=algorithm,
        )
        write(cloud, rule, undo)
        if open_firewall:
            open_for(cloud, rule, undo)
        return rule

    return await change(cloud, ip.network, add, ip)


async def remove_load_balancer(cloud: Cloud, rule: LoadBalancerRule) -> LoadBalancerRule:
    """Remove a load balancer, and close what was opened for it.

    Raises:
        NotFound: it was removed already.
        CloudError: the router did not do it; all is as before.
    """

    def remove(undo: Undo) -> LoadBalancerRule:
        close_for(cloud, rule, undo)
        withdraw(cloud, rule, undo)
        return rule

    return await change(cloud, rule.network, remove, rule)


async def assign(cloud: Cloud, rule: LoadBalancerRule, *vms: VirtualMachine) -> LoadBalancerRule:
    """Let a load balancer lead to `vms`, too.

    Raises:
        InvalidParameter: one of them is on another network.
        Conflict: one is assigned already, or has no address yet.
        NotFound: the rule or a machine was removed.
        CloudError: the router did not do it; all is as before.
    """

    def add(undo: Undo) -> LoadBalancerRule:
        for vm in vms:
            nic_on(vm, rule.network)
            if vm in rule.vms:
                raise Conflict(f"{vm} is assigned to {rule} already")
            rule.vms.append(vm)
            undo(rule.vms.remove, vm)
        return rule

    return await change(cloud, rule.network, add, rule, *vms)


async def unassign(cloud: Cloud, rule: LoadBalancerRule, *vms: VirtualMachine) -> LoadBalancerRule:
    """Let a load balancer lead to `vms` no more.

    Raises:
        Conflict: one of them is not assigned.
        NotFound: the rule was removed.
        CloudError: the router did not do it; all is as before.
    """

    def take(undo: Undo) -> LoadBalancerRule:
        for vm in vms:
            if vm not in rule.vms:
                raise Conflict(f"{vm} is not assigned to {rule}")
            take_from(rule, vm, undo)
        return rule

    return await change(cloud, rule.network, take, rule)


def take_from(rule: LoadBalancerRule, vm: VirtualMachine, undo: Undo) -> None:
    """Write down that `rule` does not lead to `vm` any more."""
    place = rule.vms.index(vm)
    del rule.vms[place]
    undo(rule.vms.insert, place, vm)
