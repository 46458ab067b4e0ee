"""A host that was away is taken back, and compared with the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, HostFault
from cloudlab.model import AlertType, Host, HostEvent, HostStatus, VirtualMachine, VmState
from cloudlab.ports import PowerState
from cloudlab.workflows import hosts
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.recovery.failing import recover
from cloudlab.workflows.recovery.investigation import look_into
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.undoing import surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_MAY_RUN = (HostStatus.UP, HostStatus.ALERT, HostStatus.DISCONNECTED)
"""States of a host that was not fenced: its machines may run."""


async def look_again(cloud: Cloud, host: Host) -> None:
    """Take a host back with which contact was lost; if it does not answer, look into it again."""
    try:
        await host_back(cloud, host)
    except CloudError:
        if host.status in (HostStatus.ALERT, HostStatus.DISCONNECTED):
            await look_into(cloud, host)


async def host_back(cloud: Cloud, host: Host) -> Host:
    """Take a host back that was away, and find out which of its machines it still runs.

    What runs there is left alone. Machines it does not run are Stopped; those under high
    availability are restarted. What runs there against the books is ended. A host that is
    Down is switched on; one that is Up and answers was not away.

    Raises:
        NotFound: it was removed.
        HostFault: it does not answer after all; contact with it is ended again.
    """
    if host.status is HostStatus.UP and await hosts.answers(cloud, host):
        return host
    if host.status not in _MAY_RUN:
        await cloud.ports.power.on(host)
    async with cloud.engine.lock(("zone", host.zone.id), ("cluster", host.cluster.id)):
        check_there(host)
        if host.status is HostStatus.UP and await hosts.answers(cloud, host):
            return host
        there = await _contact(cloud, host)
        if host.status is not HostStatus.UP:
            cloud.move(host, HostEvent.AGENT_CONNECTED)
            cloud.move(host, HostEvent.READY)
            cloud.note("HOST.UP", host, f"{host} is up again")
    cloud.resolve(AlertType.HOST, scope_of(host))
    await _end_strangers(cloud, host, there)
    await recover(cloud, host, _missing(cloud, host, there))
    return host


async def _contact(cloud: Cloud, host: Host) -> dict[int, PowerState]:
    """Make contact with `host`, give it its pools and no others, and return what runs there.

    When that fails only the contact is ended: its machines may be running on its pools.

    Raises:
        HostFault: it does not answer, or not say what it runs.
    """
    hypervisor, blocks = cloud.ports.hypervisor, cloud.ports.blocks
    async with Rollback(cloud.engine) as undo:
        undo(tidy, cloud, host, hypervisor.disconnect, host)
        await hypervisor.connect(host)
        for pool in hosts.pools_of(host):
            await blocks.attach_pool(pool, host)
        for pool in hosts.pools_of(host, in_service=False):
            await surely(blocks.detach_pool, pool, host)
        there = await hypervisor.guests(host)
        if PowerState.UNKNOWN in there.values() or not await hosts.answers(cloud, host):
            raise HostFault(f"{host} does not say what it runs", host.name)
    return there


def _missing(cloud: Cloud, host: Host, there: dict[int, PowerState]) -> list[VirtualMachine]:
    """Return the machines that run on `host` in the books and not in fact."""
    return [
        vm
        for vm in hosts.guests(cloud, host)
        if vm.state is VmState.RUNNING and there.get(vm.id) is not PowerState.ON
    ]


async def _end_strangers(cloud: Cloud, host: Host, there: dict[int, PowerState]) -> None:
    """End what runs on `host` though the books say it is off or elsewhere (a full sync).

    Source: CloudStack 4.0 `VirtualMachineManagerImpl.fullSync`.
    """
    known = {vm.id: vm for vm in cloud.inventory.vms}
    for number in there.keys() & known.keys():
        vm = known[number]
        async with cloud.engine.lock(("vm", vm.id)):
            if not cloud.ledger.holds(vm, host):
                await tidy(cloud, vm, cloud.ports.hypervisor.destroy, vm, host)
