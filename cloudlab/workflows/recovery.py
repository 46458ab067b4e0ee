"""When a host fails: find out, fence it, restart what should run, and take it back later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, Conflict
from cloudlab.model import (
    AlertType,
    EventLevel,
    Host,
    HostEvent,
    HostStatus,
    VirtualMachine,
    VmEvent,
    VmState,
)
from cloudlab.policy import Wish
from cloudlab.workflows import hosts, machines, nics

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def host_down(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Deal with a host that does not answer; return the machines that run again elsewhere.

    The host is fenced first: a machine is never started twice. Machines whose offering asks
    for high availability are restarted, the oldest first; the others stay Stopped.

    Raises:
        Conflict: the host could not be fenced; it is Down and its machines are left alone.
    """
    cloud.move(host, HostEvent.HOST_DOWN)
    cloud.note("HOST.DOWN", host, f"{host} is down", level=EventLevel.ERROR)
    victims = hosts.guests(cloud, host)
    protected = [vm.name for vm in victims if vm.offering.ha]
    cloud.alert(
        AlertType.HOST,
        str(host),
        f"Host is down, name: {host.name}",
        f"HA will restart {', '.join(protected)}" if protected else "no machine of it is under HA",
    )
    if not await cloud.ports.power.off(host):
        cloud.alert(AlertType.HOST, str(host), f"Unable to fence off host {host.name}")
        raise Conflict(f"{host} could not be fenced; its machines are not restarted")
    for vm in victims:
        _lost(cloud, vm)
    restarted = [vm for vm in victims if vm.offering.ha and await _restart(cloud, vm)]
    return restarted


def _lost(cloud: Cloud, vm: VirtualMachine) -> None:
    """Write down that `vm` stopped with its host: nothing of it is left there."""
    host = vm.host
    if host is None or vm.state not in (VmState.RUNNING, VmState.STOPPING):
        return
    cloud.move(vm, VmEvent.AGENT_REPORT_STOPPED)
    cloud.ledger.release(vm, host)
    nics.lost(cloud, vm)
    vm.last_host, vm.host = host, None
    cloud.note("VM.STOP", vm, f"{vm} stopped with {host}", level=EventLevel.WARN)


async def _restart(cloud: Cloud, vm: VirtualMachine) -> bool:
    """Start `vm` elsewhere, trying `max.retries` times; return whether it runs."""
    settings = cloud.settings
    for tried in range(settings.max_restarts):
        if vm.state is not VmState.STOPPED or vm.removed is not None:
            return vm.state is VmState.RUNNING
        try:
            await machines.start(cloud, vm, Wish(vm.zone, for_ha=True))
        except CloudError as error:
            cloud.alert(
                AlertType.USERVM, str(vm), f"Unable to restart {vm.name} after its host failed",
                str(error),
            )
            if tried + 1 < settings.max_restarts:
                await cloud.engine.sleep(settings.restart_retry_interval_s)
        else:
            cloud.resolve(AlertType.USERVM, str(vm))
            cloud.note("HA.RESTART", vm, f"{vm} runs again on {vm.host}")
            return True
    return False


async def host_back(cloud: Cloud, host: Host) -> Host:
    """Take a host back that was Down, Disconnected or in Alert and answers again.

    Raises:
        HostFault: it does not answer after all.
    """
    if host.status is HostStatus.UP:
        return host
    await cloud.ports.power.on(host)
    await cloud.ports.hypervisor.connect(host)
    for pool in [*host.cluster.pools, *host.zone.pools]:
        await cloud.ports.blocks.attach_pool(pool, host)
    cloud.move(host, HostEvent.AGENT_CONNECTED)
    cloud.move(host, HostEvent.READY)
    cloud.resolve(AlertType.HOST, str(host))
    cloud.note("HOST.UP", host, f"{host} is up again")
    return host
