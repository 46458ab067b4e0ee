"""A machine is destroyed, recovered, or removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.model import NicState, VirtualMachine, VmEvent, VmState, VolumeType
from cloudlab.workflows import networks, nics, volumes
from cloudlab.workflows.machines.stopping import shut_down

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


WAITING: Final = frozenset({VmState.DESTROYED, VmState.EXPUNGING, VmState.ERROR})
"""States of machines that are to be removed."""


async def destroy(cloud: Cloud, vm: VirtualMachine, *, expunge: bool = False) -> VirtualMachine:
    """Stop a machine and mark it as destroyed; it can be recovered until it is expunged.

    Where `expunge.delay` and `expunge.interval` are both 0 it is expunged at once.

    Args:
        cloud: where it is.
        vm: the machine, in any state but Destroyed and Expunging.
        expunge: whether to remove it at once.

    Raises:
        IllegalMove: its state does not allow it.
        CloudError: its host could not stop it, or the storage could not remove its disk.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        if vm.is_active:
            await shut_down(cloud, vm, forced=cloud.settings.destroy_forced, keeps_place=False)
        vm.restart_wanted_since = None
        if vm.state is VmState.ERROR or expunge:
            await expunge_now(cloud, vm)
            return vm
        cloud.move(vm, VmEvent.DESTROY_REQUESTED)
        cloud.ledger.cancel_reservation(vm)
        settings = cloud.settings
        if settings.expunge_interval_s == settings.expunge_delay_s == 0:
            await expunge_now(cloud, vm)
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
        CloudError: something of it could not be removed; it stays Expunging, to be tried again.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        await expunge_now(cloud, vm)
    return vm


async def expunge_now(cloud: Cloud, vm: VirtualMachine) -> None:
    """Do what `expunge` does, for a caller that holds the lock of `vm`."""
    if vm.removed is not None:
        return
    cloud.move(vm, VmEvent.EXPUNGE_OPERATION)
    cloud.ledger.cancel_reservation(vm)
    for nic in vm.nics:
        if nic.state is NicState.RESERVED and vm.last_host is not None:
            await nics.unplug(cloud, nic, vm.last_host)
        if nic.network.public_ips:
            await networks.leave(cloud, vm, nic.network)
    await volumes.drop_snapshots(cloud, vm)
    for volume in list(vm.volumes):
        if volume.type is VolumeType.ROOT:
            await volumes.expunge(cloud, volume)
        else:
            volumes.let_go(volume)
    erase(cloud, vm)


def erase(cloud: Cloud, vm: VirtualMachine) -> None:
    """Remove the records of a machine that holds nothing on any host."""
    cloud.ledger.cancel_reservation(vm)
    nics.remove(cloud, vm)
    for volume in list(vm.volumes):
        volumes.remove(cloud, volume)
    vm.removed = cloud.now
    cloud.inventory.vms.drop(vm)


def due(cloud: Cloud) -> list[VirtualMachine]:
    """Return the machines in Destroyed, Expunging or Error that have been so for `expunge.delay`.

    Where `expunge.interval` is 0 the moment is the sum of the two times, else their difference
    decides: the doubles of one may differ from the other's by a rounding.
    """
    now, delay = cloud.now, cloud.settings.expunge_delay_s
    at_once = cloud.settings.expunge_interval_s == 0
    return [
        vm
        for vm in cloud.inventory.vms
        if vm.state in WAITING
        and (vm.updated + delay <= now if at_once else now - vm.updated >= delay)
    ]
