"""Machines: asked of their hosts, and finished or undone accordingly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import Host, HostStatus, NicState, VirtualMachine, VmEvent, VmState, VolumeState
from cloudlab.ports import PowerState
from cloudlab.workflows import machines, migration, nics, recovery, volumes
from cloudlab.workflows.asking import power_of
from cloudlab.workflows.defects import answer_of
from cloudlab.workflows.reconcile.jobs import was_being_deployed
from cloudlab.workflows.settling import IN_MOTION
from cloudlab.workflows.undoing import left_behind, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Job


def is_decided(vm: VirtualMachine) -> bool:
    """Return whether `vm` is not on its way any more."""
    return vm.state not in IN_MOTION


async def settle_machine(cloud: Cloud, vm: VirtualMachine, begun: list[Job]) -> None:
    """Find out what became of `vm`, write it down, and undo what is left of anything else.

    One that fell and is to run again is Stopped afterwards, for somebody to restart it.

    Args:
        cloud: where it is.
        vm: the machine.
        begun: the jobs that nobody saw the end of.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        await _settle(cloud, vm, begun)
    host = vm.host if vm.state is VmState.RUNNING else None
    if host is not None and await _ask(cloud, vm, host) is PowerState.OFF:
        await recovery.write_off(cloud, host, [vm])


async def _settle(cloud: Cloud, vm: VirtualMachine, begun: list[Job]) -> None:
    if vm.removed is None:
        if vm.state is VmState.STARTING:
            await _starting(cloud, vm)
        elif vm.state is VmState.STOPPING:
            await _stopping(cloud, vm)
        elif vm.state is VmState.MIGRATING:
            await _migrating(cloud, vm)
        elif vm.state is VmState.RUNNING:
            await _leave_others(cloud, vm)
        if vm.state is VmState.STOPPED and was_being_deployed(vm, begun):
            await machines.undeploy(cloud, vm)
        elif is_decided(vm) and not vm.is_active:
            await _resting(cloud, vm)


async def _starting(cloud: Cloud, vm: VirtualMachine) -> None:
    """It runs if its host says so and all of it is there; else it is taken off the host."""
    host = vm.host
    if host is not None:
        state = await _ask(cloud, vm, host)
        if state is PowerState.UNKNOWN:
            return
        if state is PowerState.ON and _is_whole(vm):
            cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)
            vm.restart_wanted_since = None
            return
        await _take_off(cloud, vm, host)
    cloud.move(vm, VmEvent.OPERATION_FAILED)


def _is_whole(vm: VirtualMachine) -> bool:
    """Return whether `vm` has all its disks, and its NICs are plugged."""
    return all(volume.state is VolumeState.READY for volume in vm.volumes) and all(
        nic.state is NicState.RESERVED for nic in vm.nics
    )


async def _take_off(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Undo what a start has done on `host`: books and outside hold nothing of it afterwards."""
    await tidy(cloud, vm, cloud.ports.hypervisor.destroy, vm, host)
    for volume in list(vm.volumes):
        await volumes.abandon(cloud, volume)
        volumes.give_back(cloud, volume)
    await _unplug(cloud, vm, host)
    cloud.ledger.release(vm, host)
    vm.host = None


async def _unplug(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    for nic in vm.nics:
        try:
            await nics.unplug(cloud, nic, host)
        except CloudError as error:
            left_behind(cloud, vm, error)


async def _stopping(cloud: Cloud, vm: VirtualMachine) -> None:
    """It is Running if its host says so, and Stopped if that says that it is off."""
    host = vm.host
    assert host is not None  # noqa: S101  (a machine that is being stopped has a host)
    state = await _ask(cloud, vm, host)
    if state is PowerState.ON:
        cloud.move(vm, VmEvent.OPERATION_FAILED)
    elif state is PowerState.OFF:
        await machines.finish_stop(cloud, vm, host, keeps_place=True)


async def _migrating(cloud: Cloud, vm: VirtualMachine) -> None:
    """It runs on whichever of the two hosts says so."""
    source = vm.host
    assert source is not None  # noqa: S101  (a machine that migrates has a host)
    target = next((host for host in cloud.ledger.hosts_with(vm) if host is not source), source)
    both = [source] if target is source else [source, target]
    asked = [await _ask(cloud, vm, host) for host in both]
    if PowerState.UNKNOWN not in asked or PowerState.ON in asked:
        await migration.settle(cloud, vm, source, target)


async def _leave_others(cloud: Cloud, vm: VirtualMachine) -> None:
    """Clear the host that a migration was leaving when it was not seen to its end."""
    for other in cloud.ledger.hosts_with(vm):
        if other is not vm.host:
            await migration.clear(cloud, vm, other)
            cloud.ledger.release(vm, other)


async def _resting(cloud: Cloud, vm: VirtualMachine) -> None:
    """Nothing of a machine that is off is plugged or claimed anywhere; one that goes, is gone."""
    for host in cloud.ledger.hosts_with(vm):
        await _take_off(cloud, vm, host)
    last = vm.host or vm.last_host
    if last is not None and any(nic.state is not NicState.ALLOCATED for nic in vm.nics):
        await _unplug(cloud, vm, last)
    for nic in vm.nics:
        await tidy(cloud, vm, cloud.ports.router.forget, nic)
    if vm.state is VmState.EXPUNGING:
        await _expunge(cloud, vm)


async def _expunge(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove for good what was being removed; if it cannot be done now, it is tried again."""
    try:
        await machines.expunge_now(cloud, vm)
    except CloudError as error:
        left_behind(cloud, vm, error)


async def _ask(cloud: Cloud, vm: VirtualMachine, host: Host) -> PowerState:
    """Return what `host` says of `vm`; one that is Down was fenced: nothing runs there."""
    if host.status is HostStatus.DOWN:
        return PowerState.OFF if await _is_off(cloud, host) else PowerState.UNKNOWN
    return await power_of(cloud, vm, host)


async def _is_off(cloud: Cloud, host: Host) -> bool:
    state = await answer_of(cloud, cloud.ports.power.state(host), f"power.state of {host.name}")
    return state is PowerState.OFF
