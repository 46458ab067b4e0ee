"""Static NAT: a public address stands for one machine, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import PublicIp, VirtualMachine
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.checks import nic_on
from cloudlab.workflows.networks.conflicts import check_carries_nothing
from cloudlab.workflows.networks.records import rules_on, withdraw

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def enable_static_nat(cloud: Cloud, ip: PublicIp, vm: VirtualMachine) -> PublicIp:
    """Let a public address stand for a machine; its firewall stays closed until it is opened.

    Raises:
        InvalidParameter: `vm` is on another network.
        Conflict: the address has another use, or the machine another such address or none of
            its own yet.
        NotFound: address or machine were removed.
        CloudError: the router did not do it; all is as before.
    """

    def enable(undo: Undo) -> PublicIp:
        nic_on(vm, ip.network)
        check_carries_nothing(ip)
        for other in ip.network.public_ips:
            if other.vm is vm:
                raise Conflict(f"{vm} has {other} by static NAT already; disable that first")
        ip.vm = vm
        undo(setattr, ip, "vm", None)
        return ip

    return await change(cloud, ip.network, enable, ip, vm)


async def disable_static_nat(cloud: Cloud, ip: PublicIp) -> PublicIp:
    """Let a public address stand for nobody, and close all that was opened on it.

    Raises:
        Conflict: it stands for nobody.
        NotFound: it was released.
        CloudError: the router did not do it; all is as before.
    """

    def disable(undo: Undo) -> PublicIp:
        if ip.vm is None:
            raise Conflict(f"{ip} has no static NAT")
        end_static_nat(cloud, ip, undo)
        return ip

    return await change(cloud, ip.network, disable, ip)


def end_static_nat(cloud: Cloud, ip: PublicIp, undo: Undo) -> None:
    """Write down that `ip` stands for nobody, and that nothing is let in at it."""
    for rule in rules_on(ip.network, ip):
        withdraw(cloud, rule, undo)
    undo(setattr, ip, "vm", ip.vm)
    ip.vm = None
