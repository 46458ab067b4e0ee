"""A pool is taken out of service, with the machines that use it, and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, Conflict
from cloudlab.model import (
    POOL_LIFECYCLE,
    AlertType,
    PoolEvent,
    PoolState,
    StoragePool,
    VirtualMachine,
    VmState,
    VolumeType,
)
from cloudlab.workflows import machines
from cloudlab.workflows.pools.creation import hosts_of, reach_of
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.settling import at_rest
from cloudlab.workflows.undoing import surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def enter_maintenance(cloud: Cloud, pool: StoragePool) -> StoragePool:
    """Stop every machine with a volume on `pool` and take it out of service.

    Machines with their root disk there go first. When something fails the pool is left in
    ErrorInMaintenance, from where it can be tried again or cancelled.

    Raises:
        IllegalMove: it is neither Up nor in ErrorInMaintenance.
        Conflict: another pool of the cluster is being prepared.
        CloudError: a machine could not be stopped, or a host did not let go of the pool.
    """
    preparing = PoolState.PREPARE_FOR_MAINTENANCE
    scope = pool.cluster or pool.zone
    if any(other.state is preparing for other in scope.pools if other is not pool):
        raise Conflict(f"another pool of {scope} is in {preparing}")
    if pool.state is PoolState.UP and not hosts_of(pool):
        cloud.move(pool, PoolEvent.MAINTENANCE_REACHED)
        return pool
    cloud.move(pool, PoolEvent.MAINTENANCE_REQUESTED)
    try:
        await _empty(cloud, pool)
        async with cloud.engine.lock(*reach_of(pool)):
            for host in hosts_of(pool):
                await surely(cloud.ports.blocks.detach_pool, pool, host)
            cloud.move(pool, PoolEvent.MAINTENANCE_REACHED)
    except Exception:
        cloud.move(pool, PoolEvent.MAINTENANCE_FAILED)
        raise
    return pool


async def _empty(cloud: Cloud, pool: StoragePool) -> None:
    """Stop what uses `pool`, also what is about to, and note it down to be started again."""
    while users := users_of(cloud, pool):
        vm = users[0]
        await at_rest(cloud, vm)
        if vm.state is VmState.RUNNING:
            await machines.stop(cloud, vm)
            pool.stopped_vms.append(vm)


async def cancel_maintenance(cloud: Cloud, pool: StoragePool) -> StoragePool:
    """Put `pool` back into service and start the machines that were stopped for it.

    The administrator is told of those that do not start.

    Raises:
        IllegalMove: it is not in maintenance.
        HostFault: a host cannot reach it any more; it stays in maintenance.
    """
    async with cloud.engine.lock(*reach_of(pool), ("pool", pool.id)):
        POOL_LIFECYCLE.after(pool.state, PoolEvent.MAINTENANCE_CANCELLED, pool)
        async with Rollback(cloud.engine) as undo:
            for host in hosts_of(pool):
                undo(tidy, cloud, pool, cloud.ports.blocks.detach_pool, pool, host)
                await cloud.ports.blocks.attach_pool(pool, host)
        cloud.move(pool, PoolEvent.MAINTENANCE_CANCELLED)
    while pool.stopped_vms:
        vm = pool.stopped_vms.pop(0)
        if vm.removed is None and vm.state is VmState.STOPPED:
            await _start(cloud, vm)
    return pool


async def _start(cloud: Cloud, vm: VirtualMachine) -> None:
    """Start `vm`; tell the administrator if it does not."""
    try:
        await machines.start(cloud, vm)
    except CloudError as error:
        text = f"Unable to start {vm.name} after the maintenance of its storage"
        cloud.alert(AlertType.USERVM, scope_of(vm), text, str(error))


def users_of(cloud: Cloud, pool: StoragePool) -> list[VirtualMachine]:
    """Return the active machines with a volume on `pool`, those with their root disk first."""
    using = [
        vm
        for vm in cloud.inventory.vms
        if vm.is_active and any(volume.pool is pool for volume in vm.volumes)
    ]
    return sorted(using, key=lambda vm: not _has_root_on(vm, pool))


def _has_root_on(vm: VirtualMachine, pool: StoragePool) -> bool:
    return any(each.pool is pool and each.type is VolumeType.ROOT for each in vm.volumes)
