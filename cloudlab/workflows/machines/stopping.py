"""A running machine is stopped, or restarted where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, Conflict
from cloudlab.model import Host, VirtualMachine, VmEvent, VmState
from cloudlab.ports import PowerState
from cloudlab.workflows import nics
from cloudlab.workflows.asking import power_of
from cloudlab.workflows.undoing import left_behind, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def stop(cloud: Cloud, vm: VirtualMachine, *, forced: bool = False) -> VirtualMachine:
    """Stop a running machine; its place stays reserved on the host for a while.

    One that fell and is to run again does not any more.

    Raises:
        IllegalMove: it is neither running nor stopped.
        CloudError: the host did not do it; the machine is Running again.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        vm.restart_wanted_since = None
        if vm.state is not VmState.STOPPED:
            await shut_down(cloud, vm, forced=forced, keeps_place=True)
    return vm


async def shut_down(cloud: Cloud, vm: VirtualMachine, *, forced: bool, keeps_place: bool) -> None:
    """Stop `vm`; it cannot be half stopped, so an interrupt waits for the end.

    Args:
        cloud: where it is.
        vm: the machine.
        forced: whether to pull the plug.
        keeps_place: whether its capacity stays reserved for a while.
    """
    cloud.move(vm, VmEvent.STOP_REQUESTED)
    work = _halt(cloud, vm, forced=forced, keeps_place=keeps_place)
    if cloud.ports_are_instant:
        await work  # nothing can come between: 2 of 100 us a life
    else:
        await cloud.engine.shield(work)


async def _halt(cloud: Cloud, vm: VirtualMachine, *, forced: bool, keeps_place: bool) -> None:
    """Make its host stop `vm` and forget it, and write down how that ended.

    What stays behind of a machine that is off hinders nobody: the administrator is told.
    """
    host, hypervisor = vm.host, cloud.ports.hypervisor
    assert host is not None  # noqa: S101  (a machine that may be stopped has a host)
    try:
        await hypervisor.stop(vm, host, forced=forced)
    except Exception:
        if not await _is_off(cloud, vm, host):
            cloud.move(vm, VmEvent.OPERATION_FAILED)
            raise
    await finish_stop(cloud, vm, host, keeps_place=keeps_place)


async def finish_stop(cloud: Cloud, vm: VirtualMachine, host: Host, *, keeps_place: bool) -> None:
    """Let `host` forget `vm`, which is Stopping and off, and write down that it is Stopped."""
    hypervisor = cloud.ports.hypervisor
    try:
        await hypervisor.destroy(vm, host)
    except CloudError:
        await tidy(cloud, vm, hypervisor.destroy, vm, host)
    for nic in vm.nics:
        try:
            await nics.unplug(cloud, nic, host)
        except CloudError as error:
            left_behind(cloud, vm, error)
    if vm.state is VmState.STOPPING:
        _stopped(cloud, vm, host, keeps_place=keeps_place)


async def _is_off(cloud: Cloud, vm: VirtualMachine, host: Host) -> bool:
    """Return whether `vm` is off after all: only the answer was lost, or it fell with its host."""
    state = await power_of(cloud, vm, host)
    return state is PowerState.OFF or vm.state is not VmState.STOPPING


def _stopped(cloud: Cloud, vm: VirtualMachine, host: Host, *, keeps_place: bool) -> None:
    """Write down that `vm` is off: its place is reserved for `capacity.skipcounting.hours`."""
    cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)
    if keeps_place:
        cloud.ledger.reserve(vm, host, cloud.now + cloud.settings.skip_counting_s)
    else:
        cloud.ledger.release(vm, host)
    vm.last_host, vm.host = host, None


async def reboot(cloud: Cloud, vm: VirtualMachine) -> VirtualMachine:
    """Restart a running machine where it is.

    Raises:
        Conflict: it is not running.
        CloudError: the host did not do it.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.state is not VmState.RUNNING or vm.host is None:
            raise Conflict(f"{vm} is {vm.state}; only a Running machine can be rebooted")
        await cloud.ports.hypervisor.reboot(vm, vm.host)
    return vm
