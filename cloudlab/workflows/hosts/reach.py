"""What belongs to a host: the machines on it and the pools it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.model import Host, PoolState, StoragePool, VirtualMachine
from cloudlab.workflows.settling import IN_MOTION
from cloudlab.workflows.undoing import surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def guests(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Return the machines that run on `host`, oldest first."""
    there = cloud.ledger.guests[host.row].values()
    return sorted((vm for vm in there if vm.host is host), key=lambda vm: vm.id)


def next_guest(cloud: Cloud, host: Host) -> VirtualMachine | None:
    """Return the oldest machine that is on `host` or on its way there or back, if any is."""
    there = cloud.ledger.guests[host.row].values()
    unsettled = (vm for vm in there if vm.host is host or vm.state in IN_MOTION)
    return min(unsettled, key=lambda vm: vm.id, default=None)


def pools_of(host: Host) -> list[StoragePool]:
    """Return the pools that `host` should reach: all in service of its cluster and zone."""
    return [
        pool
        for pool in (*host.cluster.pools, *host.zone.pools)
        if pool.host in (None, host) and pool.state is not PoolState.MAINTENANCE
    ]


async def reconnect(cloud: Cloud, host: Host) -> None:
    """Make contact with `host` and give it its pools, or leave it as it was.

    Raises:
        HostFault: it does not answer.
    """
    hypervisor, blocks = cloud.ports.hypervisor, cloud.ports.blocks
    async with Rollback(cloud.engine) as undo:
        undo(tidy, cloud, host, hypervisor.disconnect, host)
        await hypervisor.connect(host)
        for pool in pools_of(host):
            undo(tidy, cloud, host, blocks.detach_pool, pool, host)
            await blocks.attach_pool(pool, host)


async def disconnect(cloud: Cloud, host: Host) -> None:
    """Take the pools of `host` off it and end the contact.

    Raises:
        CloudError: the host did not do it.
    """
    for pool in pools_of(host):
        await surely(cloud.ports.blocks.detach_pool, pool, host)
    await surely(cloud.ports.hypervisor.disconnect, host)
