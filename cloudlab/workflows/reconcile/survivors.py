"""Machines that run though the books say that they are off: books that were restored are older."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import AlreadyRunning, CloudError, LeftAlone
from cloudlab.model import AlertType, Host, HostStatus, VirtualMachine, VmState
from cloudlab.policy import Wish
from cloudlab.ports import PowerState
from cloudlab.workflows import machines
from cloudlab.workflows.asking import power_of
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def take_over(cloud: Cloud) -> None:
    """Write down as Running what runs on a host while the books say that it is Stopped.

    What cannot be taken over is told to the administrator; nothing is ever ended for it.
    """
    for host in cloud.inventory.hosts:
        there = await _guests(cloud, host)
        for vm in cloud.inventory.vms:
            if vm.id in there and vm.state is VmState.STOPPED:
                await _take_over(cloud, vm, host)


async def _guests(cloud: Cloud, host: Host) -> set[int]:
    """Return the machines that run on `host`; of one that does not answer, none."""
    if host.status is not HostStatus.UP:
        return set()
    try:
        there = await cloud.ports.hypervisor.guests(host)
    except CloudError:
        return set()
    return {number for number, power in there.items() if power is PowerState.ON}


async def _take_over(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Give `vm` its place where it runs, without touching it."""

    async def found(vm: VirtualMachine, host: Host) -> None:
        if await power_of(cloud, vm, host) is not PowerState.ON:
            raise LeftAlone(f"{host} does not say any more that {vm} runs")
        raise AlreadyRunning(f"{vm} runs already on {host}; it was left alone")

    if await power_of(cloud, vm, host) is not PowerState.ON:
        return  # on its way to there, or away, or gone
    try:
        await machines.start(cloud, vm, Wish(vm.zone, host=host), found=found)
    except CloudError as error:
        title = f"{vm.name} runs on {host} and is {vm.state} in the books"
        advice = "it was left alone: end it on the host, or make room for it and start it"
        cloud.alert(AlertType.USERVM, scope_of(vm), title, f"{error}; {advice}")
