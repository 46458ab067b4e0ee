"""A host is dead: it is fenced, and what fell with it is restarted where it should run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
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
from cloudlab.workflows import hosts, networks, nics
from cloudlab.workflows.defects import answer_of
from cloudlab.workflows.restarting import is_protected, restart, want_again
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def host_down(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Deal with a host that is dead; return the machines that run again elsewhere.

    Raises:
        IllegalMove: it is known to be down, or was never up.
        Conflict: it could not be fenced; it is Down and its machines are left alone.
    """
    if host.status is HostStatus.ALERT:  # the table knows no shorter way from there to Down
        cloud.move(host, HostEvent.SHUTDOWN_REQUESTED)
    cloud.move(host, HostEvent.HOST_DOWN)
    cloud.note("HOST.DOWN", host, f"{host} is down", level=EventLevel.ERROR)
    protected = [vm.name for vm in hosts.guests(cloud, host) if is_protected(cloud, vm)]
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
    off = await answer_of(cloud, cloud.ports.power.off(host), f"power.off of {host.name}")
    return bool(off)


async def recover(cloud: Cloud, host: Host, victims: list[VirtualMachine]) -> list[VirtualMachine]:
    """Write down that `victims` fell with `host`, and restart those that should run."""
    wanted = await write_off(cloud, host, victims)
    back = await cloud.engine.all(*(restart(cloud, vm) for vm in wanted))
    return [vm for vm, runs in zip(wanted, back, strict=True) if runs]


async def write_off(
    cloud: Cloud, host: Host, victims: list[VirtualMachine]
) -> list[VirtualMachine]:
    """Do what `recover` does before anything is restarted; return what is to be."""
    wanted = want_again(cloud, [vm for vm in victims if _fell(cloud, vm, host)])
    await cloud.engine.shield(_clear_up(cloud, host, victims))
    return wanted


async def _clear_up(cloud: Cloud, host: Host, victims: list[VirtualMachine]) -> None:
    """Let routers that fell run elsewhere, and no router know NICs that fell."""
    await networks.rescue(cloud, host)
    fallen = [vm for vm in victims if vm.host is None]
    if host.status is HostStatus.UP:
        for vm in fallen:
            await _clear(cloud, vm, host)
    await nics.vanish(cloud, fallen)


async def _clear(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Take what is left of `vm` off a host that lives: only the machine fell."""
    await tidy(cloud, vm, cloud.ports.hypervisor.destroy, vm, host)
    for nic in vm.nics:
        await tidy(cloud, vm, cloud.ports.fabric.unplug, nic, host)


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
