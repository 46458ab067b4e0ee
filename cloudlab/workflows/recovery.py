"""When a host fails: find out, fence it, restart what should run, and take it back later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, Conflict, HostFault
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
from cloudlab.ports import PowerState
from cloudlab.workflows import hosts, networks, nics
from cloudlab.workflows.asking import power_of
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.restarting import restart
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def host_down(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Deal with a host that does not answer; return the machines that run again elsewhere.

    Raises:
        IllegalMove: it is known to be down, or was never up.
        Conflict: it could not be fenced; it is Down and its machines are left alone.
    """
    cloud.move(host, HostEvent.HOST_DOWN)
    cloud.note("HOST.DOWN", host, f"{host} is down", level=EventLevel.ERROR)
    protected = [vm.name for vm in hosts.guests(cloud, host) if vm.offering.ha]
    cloud.alert(
        AlertType.HOST,
        scope_of(host),
        f"Host is down, name: {host.name}",
        f"HA will restart {', '.join(protected)}" if protected else "no machine of it is under HA",
    )
    return await fence(cloud, host)


async def fence(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Make sure that a host that is Down is off, then restart what ran on it and is under HA.

    A machine is never started twice, so nothing is restarted before the host is certainly off.
    Restarts go side by side, those of the oldest machines first; others stay Stopped.

    Raises:
        Conflict: it could not be fenced; its machines are left alone.
    """
    if not await _is_fenced(cloud, host):
        cloud.alert(AlertType.HOST, scope_of(host), f"Unable to fence off host {host.name}")
        raise Conflict(f"{host} could not be fenced; its machines are not restarted")
    victims = hosts.guests(cloud, host)
    return await recover(cloud, host, victims)


async def _is_fenced(cloud: Cloud, host: Host) -> bool:
    try:
        return await cloud.ports.power.off(host)
    except CloudError:
        return False


async def recover(cloud: Cloud, host: Host, victims: list[VirtualMachine]) -> list[VirtualMachine]:
    """Write down that `victims` fell with `host`, and restart those that should run."""
    wanted = [vm for vm in victims if _fell(cloud, vm, host) and vm.offering.ha]
    await cloud.engine.shield(_clear_up(cloud, host, victims))
    back = await cloud.engine.all(*(restart(cloud, vm) for vm in wanted))
    return [vm for vm, runs in zip(wanted, back, strict=True) if runs]


async def _clear_up(cloud: Cloud, host: Host, victims: list[VirtualMachine]) -> None:
    """Let routers that fell run elsewhere, and no router know NICs that fell."""
    await networks.rescue(cloud, host)
    await nics.vanish(cloud, [vm for vm in victims if vm.host is None])


def _fell(cloud: Cloud, vm: VirtualMachine, host: Host) -> bool:
    """Write down that `vm` stopped with `host`; return whether it should be running.

    One that is Starting finds out by itself; one that was Stopping is what its owner wants.
    """
    before = vm.state
    if before not in (VmState.RUNNING, VmState.STOPPING, VmState.MIGRATING):
        return False
    cloud.move(vm, VmEvent.AGENT_REPORT_STOPPED)
    cloud.ledger.release(vm, host)
    vm.last_host, vm.host = host, None
    cloud.note("VM.STOP", vm, f"{vm} stopped with {host}", level=EventLevel.WARN)
    return before is not VmState.STOPPING


async def host_back(cloud: Cloud, host: Host) -> Host:
    """Take a host back that was away, and find out which of its machines it still runs.

    Those it does not run are Stopped; those under high availability are restarted. A host
    that is Up and answers was not away.

    Raises:
        NotFound: it was removed.
        HostFault: it does not answer after all; contact with it is ended again.
    """
    if host.status is not HostStatus.UP:
        await cloud.ports.power.on(host)
    elif await hosts.answers(cloud, host):
        return host
    async with (
        cloud.engine.lock(("zone", host.zone.id), ("cluster", host.cluster.id)),
        Rollback(cloud.engine) as undo,
    ):
        check_there(host)
        await hosts.reconnect(cloud, host)
        undo(hosts.disconnect, cloud, host)
        gone = await _missing(cloud, host)
    if host.status is not HostStatus.UP:
        cloud.move(host, HostEvent.AGENT_CONNECTED)
        cloud.move(host, HostEvent.READY)
        cloud.resolve(AlertType.HOST, scope_of(host))
        cloud.note("HOST.UP", host, f"{host} is up again")
    await recover(cloud, host, [vm for vm in gone if vm.host is host])
    return host


async def _missing(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Return the machines that run on `host` in the books and, asked, not in fact.

    Raises:
        HostFault: it does not say.
    """
    running = [vm for vm in hosts.guests(cloud, host) if vm.state is VmState.RUNNING]
    states = [await power_of(cloud, vm, host) for vm in running]
    if PowerState.UNKNOWN in states:
        raise HostFault(f"{host} does not say what it runs", host.name)
    return [vm for vm, state in zip(running, states, strict=True) if state is PowerState.OFF]
