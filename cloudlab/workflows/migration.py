"""Live migration: a running machine moves to another host of its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, Conflict, InvalidParameter
from cloudlab.model import AlertType, Host, Nic, VirtualMachine, VmEvent, VmState
from cloudlab.policy import Avoid, Wish
from cloudlab.ports import PowerState
from cloudlab.workflows import nics
from cloudlab.workflows.asking import power_of
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.undoing import left_behind, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def migrate(cloud: Cloud, vm: VirtualMachine, target: Host | None = None) -> VirtualMachine:
    """Move a running machine to `target`, or to the host the planner chooses in its cluster.

    On failure it runs on where it was, or where its hosts say it is.

    Raises:
        Conflict: it is not running, or has a disk on local storage.
        InvalidParameter: the target is its own host, in another cluster, not usable or full of
            guests.
        InsufficientCapacity: no host of the cluster, or not the target, has room.
        TimedOut: it took longer than `migratewait`.
        CloudError: the hosts could not do it.
    """
    async with cloud.engine.lock(("vm", vm.id)):
        source = _source(vm)
        chosen = choose(cloud, vm) if target is None else _checked(cloud, vm, source, target)
        await _move(cloud, vm, source, chosen)
    return vm


def choose(cloud: Cloud, vm: VirtualMachine) -> Host:
    """Return the host of its cluster that the planner would move `vm` to.

    Raises:
        Conflict: it cannot move.
        InsufficientCapacity: none has room.
    """
    source = _source(vm)
    avoid = Avoid(hosts={source.id})
    return cloud.place(vm, Wish(vm.zone, source.pod, source.cluster), avoid).host


def suitable(cloud: Cloud, vm: VirtualMachine) -> list[tuple[Host, bool]]:
    """Return the other hosts of its cluster, each with whether `vm` fits there now.

    Raises:
        Conflict: it cannot move.
    """
    source = _source(vm)
    return [
        (host, host.is_usable and not _is_full(cloud, host) and cloud.ledger.fits(vm, host))
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


def _checked(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> Host:
    if target is source:
        raise InvalidParameter(f"{vm} already runs on {target}")
    if target.cluster is not source.cluster:
        raise InvalidParameter(
            f"{target} is in {target.cluster}, {vm} in {source.cluster}: "
            "live migration stays inside a cluster"
        )
    if not target.is_usable:
        raise InvalidParameter(f"{target} is {target.status} and {target.resource_state}")
    if _is_full(cloud, target):
        raise InvalidParameter(f"{target} takes {target.max_guests} guests and no more")
    return target


def _is_full(cloud: Cloud, host: Host) -> bool:
    """Return whether `host` has as many guests as its hypervisor can have."""
    return host.max_guests is not None and len(cloud.ledger.guests[host.row]) >= host.max_guests


async def _move(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> None:
    """Claim room on `target`, prepare it, and hand the machine over within `migratewait`."""
    engine, ports = cloud.engine, cloud.ports
    async with Rollback(engine) as undo:
        cloud.ledger.claim(vm, target)
        undo(settle, cloud, vm, source, target)
        cloud.move(vm, VmEvent.MIGRATION_REQUESTED)
        for nic in vm.nics:
            await ports.fabric.plug(nic, target)
        wait = cloud.settings.migrate_wait_s
        await engine.within(wait, ports.hypervisor.migrate(vm, source, target))
        await engine.shield(_arrive(cloud, vm, source, target))


async def _arrive(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> None:
    """Write down that `vm` runs on `target`, and clear `source`: there is no way back."""
    if vm.state is not VmState.MIGRATING:
        return
    vm.host, vm.last_host = target, source
    cloud.move(vm, VmEvent.OPERATION_SUCCEEDED)
    await clear(cloud, vm, source)
    cloud.ledger.release(vm, source)


async def settle(cloud: Cloud, vm: VirtualMachine, source: Host, target: Host) -> None:
    """Find out where a migration that failed left `vm`, write it down and clear the other host.

    An answer may be lost after the machine has moved: to destroy it on the target would kill it.
    """
    if vm.host is target:
        return
    on_source = on_target = PowerState.UNKNOWN
    if vm.state is VmState.MIGRATING:
        on_source = await power_of(cloud, vm, source)
        on_target = await power_of(cloud, vm, target)
    if vm.state is VmState.MIGRATING and on_target is PowerState.ON:
        await _arrive(cloud, vm, source, target)
        return
    await clear(cloud, vm, target)
    cloud.ledger.release(vm, target)
    if vm.state is VmState.MIGRATING:
        died = on_source is on_target is PowerState.OFF
        await (_fall if died else _stay)(cloud, vm, source)


async def clear(
    cloud: Cloud, vm: VirtualMachine, host: Host, had: Sequence[Nic] | None = None
) -> None:
    """Make sure nothing of `vm` is on `host`, nor of the NICs it `had` if it has others now."""
    await tidy(cloud, vm, cloud.ports.hypervisor.destroy, vm, host)
    for nic in vm.nics if had is None else had:
        await tidy(cloud, vm, cloud.ports.fabric.unplug, nic, host)


async def _stay(cloud: Cloud, vm: VirtualMachine, source: Host) -> None:
    """Write down that `vm` runs on where it was."""
    cloud.move(vm, VmEvent.OPERATION_FAILED)
    text = f"Unable to migrate {vm.name} from {source.name}"
    cloud.alert(AlertType.USERVM_MIGRATE, scope_of(vm), text)


async def _fall(cloud: Cloud, vm: VirtualMachine, source: Host) -> None:
    """Write down that `vm` did not survive: it is Stopped."""
    cloud.move(vm, VmEvent.AGENT_REPORT_STOPPED)
    cloud.ledger.release(vm, source)
    vm.last_host, vm.host = source, None
    text = f"{vm.name} stopped while it migrated from {source.name}"
    cloud.alert(AlertType.USERVM_MIGRATE, scope_of(vm), text)
    for nic in vm.nics:
        try:
            await nics.unplug(cloud, nic, source)
        except CloudError as error:
            left_behind(cloud, vm, error)


__all__ = ["choose", "clear", "migrate", "settle", "suitable"]
