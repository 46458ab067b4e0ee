"""Hosts and pools: contact is made again, and what was being added or emptied is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import (
    Host,
    HostStatus,
    PoolEvent,
    PoolState,
    ResourceEvent,
    ResourceState,
    StoragePool,
)
from cloudlab.workflows import hosts
from cloudlab.workflows.undoing import tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def settle_hosts(cloud: Cloud) -> set[int]:
    """Make contact with every host that was Up; let no host be half added or half emptied.

    One that does not answer stays Up in the books: the monitor will ask it, and investigate.
    Return the ids of these.
    """
    silent = set()
    for host in cloud.inventory.hosts:
        if host not in host.cluster.hosts:
            await _forget_host(cloud, host)
            continue
        if host.resource_state is ResourceState.PREPARE_FOR_MAINTENANCE:
            cloud.move(host, ResourceEvent.ADMIN_CANCEL_MAINTENANCE)
        if host.status is HostStatus.UP and not await _answers(cloud, host):
            silent.add(host.id)
    return silent


async def _forget_host(cloud: Cloud, host: Host) -> None:
    """Take the pools off a host that was being added, and let nobody find it."""
    for pool in hosts.pools_of(host):
        await tidy(cloud, host, cloud.ports.blocks.detach_pool, pool, host)
    await tidy(cloud, host, cloud.ports.hypervisor.disconnect, host)
    host.removed = cloud.now
    cloud.inventory.hosts.drop(host)


async def _answers(cloud: Cloud, host: Host) -> bool:
    try:
        await hosts.reconnect(cloud, host)
    except CloudError as error:
        cloud.note("HOST.DISCONNECT", host, f"{host} does not answer after a restart: {error}")
        return False
    return True


async def settle_pools(cloud: Cloud) -> None:
    """Let no pool be half added; one that was being emptied can be tried again or cancelled."""
    for pool in cloud.inventory.pools:
        if pool not in (pool.cluster or pool.zone).pools:
            await _forget_pool(cloud, pool)
        elif pool.state is PoolState.PREPARE_FOR_MAINTENANCE:
            cloud.move(pool, PoolEvent.MAINTENANCE_FAILED)


async def _forget_pool(cloud: Cloud, pool: StoragePool) -> None:
    """Take a pool that was being added off the hosts, and let nobody find it."""
    reach = [pool.host] if pool.host is not None else cloud.inventory.hosts
    for host in reach:
        if host.status is HostStatus.UP:
            await tidy(cloud, pool, cloud.ports.blocks.detach_pool, pool, host)
    pool.removed = cloud.now
    cloud.inventory.pools.drop(pool)
