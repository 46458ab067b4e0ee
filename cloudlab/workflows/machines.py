"""The life of a virtual machine: deploy, start, stop, reboot, destroy, recover, expunge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import Conflict, HostFault, InsufficientCapacity, InvalidParameter
from cloudlab.model import (
    Account,
    AllocationState,
    ComputeOffering,
    DiskOffering,
    Host,
    Template,
    VirtualMachine,
    VmEvent,
    VmState,
    VolumeState,
    VolumeType,
    Zone,
)
from cloudlab.policy import Avoid, Destination, Wish
from cloudlab.workflows import nics, volumes

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What a user asks for when deploying a virtual machine."""

    zone: Zone
    offering: ComputeOffering
    template: Template
    account: Account
    name: str = ""
    disk: DiskOffering | None = None
    """A data disk besides the root disk."""
    disk_size_mib: int | None = None
    """Size of the data disk, for a customized offering."""
    root_size_mib: int | None = None
    """Size of the root disk; the template's if not given."""
    ip: int | None = None
    """The guest address asked for, as a number."""
    host: Host | None = None
    """Only for the root administrator."""
    start: bool = True
    ordinal: int | None = None
    """Address of its random draws; counted up by the cloud if not given."""


async def deploy(
    cloud: Cloud, asked: Deployment, made: Callable[[VirtualMachine], object] | None = None
) -> VirtualMachine:
    """Make a virtual machine and start it; tell `made` the machine before it is started.

    Where there is no capacity the machine stays behind in state Error, holding nothing, as
    in CloudStack; after any other failure, and when interrupted, nothing stays behind.

    Raises:
        InvalidParameter: something asked for is not allowed.
        InsufficientCapacity: no place will do.
    """
    vm = create(cloud, asked)
    if made is not None:
        made(vm)
    if not asked.start:
        return vm
    async with Rollback(cloud.engine) as undo:
        undo(_undeploy, cloud, vm)
        wish = Wish(asked.zone, host=asked.host)
        await _start(cloud, vm, wish, VmEvent.OPERATION_FAILED_TO_ERROR)
    return vm


async def _undeploy(cloud: Cloud, vm: VirtualMachine) -> None:
    """Undo `create`, and what a failed start has built since.

    A machine in Error stays, holding nothing: it tells its owner what went wrong.
    """
    for volume in list(vm.volumes):
        if volume.pool is not None:
            await volumes.expunge(cloud, volume)
    if vm.state is VmState.ERROR:
        nics.give_back(cloud, vm.nics)
    else:
        erase(cloud, vm)


def create(cloud: Cloud, asked: Deployment) -> VirtualMachine:
    """Make the records of a virtual machine, stopped and without capacity; no time passes.

    Raises:
        InvalidParameter: something asked for is not allowed.
    """
    check(asked)
    vm = VirtualMachine(
        name=asked.name,
        zone=asked.zone,
        account=asked.account,
        offering=asked.offering,
        template=asked.template,
        created=cloud.now,
        updated=cloud.now,
        ordinal=cloud.requests if asked.ordinal is None else asked.ordinal,
    )
    cloud.requests += 1
    cloud.inventory.vms.add(vm)
    if not asked.name:
        vm.name = f"vm-{vm.id}"
    vm.display_name = vm.name
    nics.create(cloud, vm, asked.ip)
    size = asked.template.size_mib if asked.root_size_mib is None else asked.root_size_mib
    volumes.create_root(cloud, vm, size)
    if asked.disk is not None:
        volumes.create_data(cloud, vm, asked.disk, asked.disk_size_mib)
    return vm


def check(asked: Deployment) -> None:
    """Refuse what CloudStack refuses before anything is made.

    Raises:
        InvalidParameter: the zone is disabled or private, the offering is for system VMs, or
            the owner is no root administrator and names a host.
    """
    zone, owner = asked.zone, asked.account
    if owner.state != "enabled":
        raise InvalidParameter(f"{owner} is {owner.state}; enable it before deploying")
    if zone.state is not AllocationState.ENABLED and not owner.is_root_admin:
        raise InvalidParameter(f"{zone} is Disabled: only the root administrator may deploy there")
    if zone.domain is not None and not zone.domain.contains(owner.domain):
        raise InvalidParameter(f"{zone} is private to domain {zone.domain.path}")
    if asked.offering.is_system:
        raise InvalidParameter(f"{asked.offering} is for system VMs")
    if asked.host is not None and not owner.is_root_admin:
        raise InvalidParameter("host can only be given by the root administrator")
    root = asked.root_size_mib
    if root is not None and root < asked.template.size_mib:
        raise InvalidParameter(
            f"root disk of {root} MiB is smaller than {asked.template} ({asked.template.size_mib})"
        )


async def start(cloud: Cloud, vm: VirtualMachine, wish: Wish | None = None) -> VirtualMachine:
    """Start a stopped machine, on its last host if that still has room.

    Raises:
        IllegalMove: it is not stopped.
        InsufficientCapacity: no place will do; it stays Stopped.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        await _start(cloud, vm, wish or Wish(vm.zone), VmEvent.OPERATION_FAILED)
    return vm


async def _start(cloud: Cloud, vm: VirtualMachine, wish: Wish, on_refusal: VmEvent) -> None:
    """Try hosts until `vm` runs, `start.retry` times at the most."""
    cloud.move(vm, VmEvent.START_REQUESTED)
    try:
        await _try_hosts(cloud, vm, wish)
    except InsufficientCapacity:
        cloud.move(vm, VmEvent.OPERATION_FAILED)
        if on_refusal is not VmEvent.OPERATION_FAILED:
            cloud.move(vm, on_refusal)
        raise
    except Exception:
        if vm.state is VmState.STARTING:
            cloud.move(vm, VmEvent.OPERATION_FAILED)
        raise


async def _try_hosts(cloud: Cloud, vm: VirtualMachine, wish: Wish) -> None:
    avoid = Avoid()
    tries = cloud.settings.start_retry
    for attempt in range(1, tries + 1):
        destination = await _next_place(cloud, vm, wish, avoid)
        avoid.hosts.add(destination.host.id)
        try:
            await _boot(cloud, vm, destination)
        except HostFault:
            if attempt == tries:
                raise
            cloud.move(vm, VmEvent.OPERATION_RETRY)
        else:
            return


async def _next_place(
    cloud: Cloud, vm: VirtualMachine, wish: Wish, avoid: Avoid
) -> Destination:
    """Return where to try next.

    Volumes that were built for an earlier try bind the machine to their cluster; when that
    has no more hosts they are built again elsewhere, unless the machine ever ran.
    """
    try:
        return cloud.place(vm, wish, avoid)
    except InsufficientCapacity:
        built = [volume for volume in vm.volumes if volume.state is VolumeState.READY]
        if not built or vm.last_host is not None:
            raise
        for volume in built:
            await volumes.renew(cloud, volume)
        return cloud.place(vm, wish, avoid)


async def _boot(cloud: Cloud, vm: VirtualMachine, destination: Destination) -> None:
    """Claim the place, build what the machine needs there and boot it, or leave nothing."""
    host, hypervisor = destination.host, cloud.ports.hypervisor
    async with Rollback(cloud.engine) as undo:
        undo(_leave, cloud, vm, host)
        cloud.ledger.claim(vm, host)
        vm.host = host
        for volume, pool in destination.pools:
            undo(volumes.give_back, cloud, volume)
            volumes.take(cloud, volume, pool)
        undo(nics.give_back, cloud, [nic for nic in vm.nics if nic.range is None])
        nics.take(cloud, vm, host)
        for nic in vm.nics:
            undo(nics.unplug, cloud, nic, host)
            await nics.plug(cloud, nic, host)
        for volume in vm.volumes:
            if volume.state is not VolumeState.READY:
                undo(volumes.abandon, cloud, volume)
                await volumes.build(cloud, volume)
        undo(hypervisor.destroy, vm, host)
        await hypervisor.start(vm, host)
        cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)


def _leave(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Take `vm` off `host` in the books."""
    cloud.ledger.release(vm, host)
    vm.host = None


async def stop(cloud: Cloud, vm: VirtualMachine, *, forced: bool = False) -> VirtualMachine:
    """Stop a running machine; its place stays reserved on the host for a while.

    Raises:
        IllegalMove: it is not running.
        DriverFault: the host did not do it; the machine is Running again.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.state is not VmState.STOPPED:
            await _stop(cloud, vm, forced=forced)
    return vm


async def _stop(cloud: Cloud, vm: VirtualMachine, *, forced: bool) -> None:
    """Stop `vm`; it cannot be half stopped, so an interrupt waits for the end."""
    cloud.move(vm, VmEvent.STOP_REQUESTED)
    await cloud.engine.shield(_halt(cloud, vm, forced=forced))


async def _halt(cloud: Cloud, vm: VirtualMachine, *, forced: bool) -> None:
    """Make its host stop `vm` and forget it, and write down how that ended."""
    host, hypervisor = vm.host, cloud.ports.hypervisor
    assert host is not None  # noqa: S101  (a machine that may be stopped has a host)
    try:
        await hypervisor.stop(vm, host, forced=forced)
        await hypervisor.destroy(vm, host)
        for nic in vm.nics:
            await nics.unplug(cloud, nic, host)
    except Exception:
        cloud.move(vm, VmEvent.OPERATION_FAILED)
        raise
    stopped(cloud, vm)


def stopped(
    cloud: Cloud, vm: VirtualMachine, event: VmEvent = VmEvent.OPERATION_SUCCEEDED
) -> None:
    """Write down that `vm` is off: its place stays reserved for `capacity.skipcounting.hours`."""
    host = vm.host
    cloud.move(vm, event)
    if host is not None:
        cloud.ledger.reserve(vm, host, cloud.now + cloud.settings.skip_counting_s)
        vm.last_host, vm.host = host, None


async def reboot(cloud: Cloud, vm: VirtualMachine) -> VirtualMachine:
    """Restart a running machine where it is.

    Raises:
        Conflict: it is not running.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.state is not VmState.RUNNING or vm.host is None:
            raise Conflict(f"{vm} is {vm.state}; only a Running machine can be rebooted")
        await cloud.ports.hypervisor.reboot(vm, vm.host)
    return vm


async def destroy(cloud: Cloud, vm: VirtualMachine, *, expunge: bool = False) -> VirtualMachine:
    """Stop a machine and mark it as destroyed; it can be recovered until it is expunged.

    Args:
        cloud: where it is.
        vm: the machine, in any state but Destroyed and Expunging.
        expunge: whether to remove it at once.

    Raises:
        IllegalMove: its state does not allow it.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.is_active:
            await _stop(cloud, vm, forced=False)
        if vm.state is VmState.ERROR or expunge:
            await _expunge(cloud, vm)
            return vm
        cloud.move(vm, VmEvent.DESTROY_REQUESTED)
        cloud.ledger.cancel_reservation(vm)
    return vm


async def recover(cloud: Cloud, vm: VirtualMachine) -> VirtualMachine:
    """Bring a destroyed machine back, stopped, with its volumes.

    Raises:
        IllegalMove: it is not Destroyed.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        cloud.move(vm, VmEvent.RECOVERY_REQUESTED)
    return vm


async def expunge(cloud: Cloud, vm: VirtualMachine) -> VirtualMachine:
    """Remove a machine for good: its addresses and root disk go back, data disks are detached.

    Raises:
        IllegalMove: it is active.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        await _expunge(cloud, vm)
    return vm


async def _expunge(cloud: Cloud, vm: VirtualMachine) -> None:
    cloud.move(vm, VmEvent.EXPUNGE_OPERATION)
    cloud.ledger.cancel_reservation(vm)
    for volume in list(vm.volumes):
        if volume.type is VolumeType.ROOT:
            await volumes.expunge(cloud, volume)
        else:
            volumes.detach(volume)
    erase(cloud, vm)


def erase(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove the records of a machine that holds nothing on any host."""
    cloud.ledger.cancel_reservation(vm)
    nics.remove(cloud, vm)
    for volume in list(vm.volumes):
        volumes.remove(cloud, volume)
    vm.removed = cloud.now
    cloud.inventory.vms.drop(vm)


def destroyed_before(cloud: Cloud, moment: float) -> list[VirtualMachine]:
    """Return the machines in Destroyed, Expunging or Error since `moment` or earlier."""
    waiting = (VmState.DESTROYED, VmState.EXPUNGING, VmState.ERROR)
    return [vm for vm in cloud.inventory.vms if vm.state in waiting and vm.updated <= moment]


__all__ = [
    "Deployment",
    "create",
    "deploy",
    "destroy",
    "destroyed_before",
    "erase",
    "expunge",
    "reboot",
    "recover",
    "start",
    "stop",
]
