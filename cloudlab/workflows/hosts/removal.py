"""A host is removed, with or without the machines it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import Conflict
from cloudlab.model import (
    Host,
    HostEvent,
    HostStatus,
    ResourceEvent,
    ResourceState,
    StoragePool,
    VirtualMachine,
)
from cloudlab.workflows import machines, networks, nics, pools
from cloudlab.workflows.hosts.reach import disconnect, guests, next_guest, reconnect
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.restarting import restart, want_again
from cloudlab.workflows.settling import at_rest

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def remove(cloud: Cloud, host: Host, *, forced: bool = False) -> None:
    """Remove `host`; if `forced`, its machines are stopped first.

    Machines under high availability run again elsewhere afterwards, where there is room.

    Raises:
        NotFound: it was removed already.
        Conflict: machines run on it, or its own disks hold volumes.
        CloudError: a machine could not be stopped, or the host did not let go; it stays.
    """
    running = guests(cloud, host)
    if running and not forced:
        raise Conflict(f"{host} runs {len(running)} machines; empty it, or force it")
    async with cloud.engine.lock(("zone", host.zone.id), ("cluster", host.cluster.id)):
        check_there(host)
        own = [pool for pool in host.cluster.pools if pool.host is host]
        _check_disks(cloud, host, own)
        async with Rollback(cloud.engine) as undo:
            undo(_take_back, cloud, host, host.resource_state)
            if host.resource_state is ResourceState.ENABLED:
                cloud.move(host, ResourceEvent.DISABLE)
            stopped = await _empty(cloud, host)
            await networks.evacuate(cloud, host)
            if host.status is HostStatus.UP:
                undo(reconnect, cloud, host)
                await disconnect(cloud, host)
            for pool in own:
                await pools.clear(cloud, pool)
        _forget(cloud, host, own)
        wanted = want_again(cloud, stopped)
        await cloud.engine.shield(nics.vanish(cloud, _leave(cloud, host)))
    for vm in wanted:
        await restart(cloud, vm)


def _check_disks(cloud: Cloud, host: Host, own: list[StoragePool]) -> None:
    """Refuse to remove a host with volumes on disks that nobody else reaches."""
    for pool in own:
        volumes = cloud.ledger.volumes_on(pool)
        if volumes:
            raise Conflict(f"{host} keeps {volumes} volumes on its own {pool}; remove them first")


def _take_back(cloud: Cloud, host: Host, before: ResourceState) -> None:
    """Put `host` back into service after a removal that failed."""
    if before is ResourceState.ENABLED and host.resource_state is ResourceState.DISABLED:
        cloud.move(host, ResourceEvent.ENABLE)


async def _empty(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Stop what runs on `host`, also what is still on its way, and return it."""
    stopped = []
    while (vm := next_guest(cloud, host)) is not None:
        await at_rest(cloud, vm)
        if vm.host is host:
            await machines.stop(cloud, vm, forced=True)
            stopped.append(vm)
    return stopped


def _forget(cloud: Cloud, host: Host, own: list[StoragePool]) -> None:
    """Take `host` and its own disks out of the books."""
    cloud.move(host, HostEvent.REMOVE)
    cloud.ledger.remove_host(host)
    host.cluster.hosts.remove(host)
    host.removed = cloud.now
    cloud.inventory.hosts.drop(host)
    for pool in own:
        pools.forget(cloud, pool)


def _leave(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Let no machine remember `host` as its last, and return those that run nowhere now."""
    leaving = [vm for vm in cloud.inventory.vms if vm.last_host is host]
    for vm in leaving:
        vm.last_host = None
    return [vm for vm in leaving if vm.host is None]
