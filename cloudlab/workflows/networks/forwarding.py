"""Port forwarding: ports of a public address lead to a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import PortForwardingRule, Protocol, PublicIp, VirtualMachine
from cloudlab.model.networks.rules import ports_text
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.checks import Ports, check_ports, check_protocol, nic_on
from cloudlab.workflows.networks.conflicts import check_ports_free
from cloudlab.workflows.networks.firewall import close_for, open_for
from cloudlab.workflows.networks.records import withdraw, write

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def add_port_forwarding(
    cloud: Cloud,
    ip: PublicIp,
    vm: VirtualMachine,
    *,
    public_ports: Ports,
    private_ports: Ports | None = None,
    protocol: Protocol = Protocol.TCP,
    open_firewall: bool = True,
) -> PortForwardingRule:
    """Let ports of a public address lead to a machine of its network.

    Args:
        cloud: where it is.
        ip: the address; the source NAT address will do, a static NAT address will not.
        vm: the machine, with an address on the network of `ip`.
        public_ports: first and last.
        private_ports: as many, of the machine; the same ones if not given.
        protocol: tcp or udp.
        open_firewall: whether everybody is let in at these ports, as CloudStack does.

    Raises:
        InvalidParameter: ports or protocol are not allowed, or `vm` is on another network.
        Conflict: the ports lead somewhere already, or `vm` has no address yet.
        NotFound: address or machine were removed.
        CloudError: the router did not do it; all is as before.
    """
    inside = public_ports if private_ports is None else private_ports
    check_protocol(protocol, Protocol.TCP, Protocol.UDP)
    check_ports("public ports", public_ports)
    check_ports("private ports", inside)
    if inside[1] - inside[0] != public_ports[1] - public_ports[0]:
        raise InvalidParameter(
            f"public ports {ports_text(public_ports)} and private ports {ports_text(inside)} "
            "must be equally many"
        )

    def add(undo: Undo) -> PortForwardingRule:
        nic_on(vm, ip.network)
        check_ports_free(ip, public_ports, protocol)
        rule = PortForwardingRule(
            name=f"{ip.ip}:{ports_text(public_ports)}/{protocol}",
            network=ip.network,
            ip=ip,
            vm=vm,
            protocol=protocol,
            public_ports=public_ports,
            private_ports=inside,
        )
        write(cloud, rule, undo)
        if open_firewall:
            open_for(cloud, rule, undo)
        return rule

    return await change(cloud, ip.network, add, ip, vm)


async def remove_port_forwarding(cloud: Cloud, rule: PortForwardingRule) -> PortForwardingRule:
    """End a port forwarding, and close what was opened for it.

    Raises:
        NotFound: it was removed already.
        CloudError: the router did not do it; all is as before.
    """

    def remove(undo: Undo) -> PortForwardingRule:
        close_for(cloud, rule, undo)
        withdraw(cloud, rule, undo)
        return rule

    return await change(cloud, rule.network, remove, rule)
