"""Live migration: a running machine moves to another host of its cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import AlertType, Host, VirtualMachine, VmEvent, VmState
from cloudlab.policy import Avoid, Wish

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def migrate(cloud: Cloud, vm: VirtualMachine, target: Host | None = None) -> VirtualMachine:
    """Move a running machine to `target`, or to the host the planner chooses in its cluster.

    On failure it runs on where it was.

    Raises:
        Conflict: it is not running, or has a disk on local storage.
        InvalidParameter: the target is its own host, in another cluster, or not usable.
        InsufficientCapacity: no host of the cluster, or not the target, has room.
        DriverFault: the hosts could not do it.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        source = _source(vm)
        chosen = choose(cloud, vm) if target is None else _checked(vm, source, target)
        await _move(cloud, vm, source, chosen)
    return vm


def choose(cloud: Cloud, vm: VirtualMachine) -> Host:
    """Return the host of its cluster that the planner would move `vm` to.

    Raises:
        InsufficientCapacity: none has room.
    """
    source = _source(vm)
    avoid = Avoid(hosts={source.id})
    return cloud.place(vm, Wish(vm.zone, source.pod, source.cluster), avoid).host


def suitable(cloud: Cloud, vm: VirtualMachine) -> list[tuple[Host, bool]]:
    """Return the other hosts of its cluster, each with whether `vm` fits there now."""
    source = _source(vm)
    return [
        (host, host.is_usable and cloud.ledger.fits(vm, host))
        for host in source.cluster.hosts
        if host is not source
    ]


def _source(vm: VirtualMachine) -> Host:
    """Return where `vm` runs, or say why it cannot move."""
    if vm.state is not VmState.RUNNING or vm.host is None:
        raise Conflict(f"{vm} is {vm.state}; only a Running machine can migrate")
    if any(volume.pool is not None and volume.pool.is_local for volume in vm.volumes):
        raise Conflict(f"{vm} has a disk on local storage and cannot leave {vm.host}")
    return vm.host


def _checked(vm: VirtualMachine, source: Host, target: Host) -> Host:
    if target is source:
        raise InvalidParameter(f"{vm} already runs on {target}")
    if target.cluster is not source.cluster:
        raise InvalidParameter(
            f"{target} is in {target.cluster}, {vm} in {source.cluster}: "
            "live migration stays inside a cluster"
        )
    if not target.is_usable:
        raise InvalidParameter(f"{target} is {target.status} and {target.resource_state}")
    return target


async def _move(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> None:
    """Claim room on `target`, prepare it, and hand the machine over."""
    ports = cloud.ports
    async with Rollback(cloud.engine) as undo:
        undo(cloud.ledger.release, vm, target)
        cloud.ledger.claim(vm, target)
        cloud.move(vm, VmEvent.MIGRATION_REQUESTED)
        undo(_stay, cloud, vm, source)
        for nic in vm.nics:
            undo(ports.fabric.unplug, nic, target)
            await ports.fabric.plug(nic, target)
        undo(ports.hypervisor.destroy, vm, target)
        await ports.hypervisor.migrate(vm, source, target)
        await cloud.engine.shield(_arrive(cloud, vm, source, target))


async def _arrive(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> None:
    """Write down that `vm` runs on `target`, and clear `source`: there is no way back."""
    vm.host, vm.last_host = target, source
    cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)
    cloud.ledger.release(vm, source)
    for nic in vm.nics:
        await cloud.ports.fabric.unplug(nic, source)


def _stay(cloud: Cloud, vm: VirtualMachine, source: Host) -> None:
    """Write down that `vm` runs on where it was."""
    if vm.state is VmState.MIGRATING:
        cloud.move(vm, VmEvent.OPERATION_FAILED)
        cloud.alert(
            AlertType.USERVM_MIGRATE, str(vm), f"Unable to migrate {vm.name} from {source.name}"
        )


__all__ = ["choose", "migrate", "suitable"]
