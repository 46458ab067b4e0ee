"""What belongs to a host: the machines on it and the pools it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.model import Host, PoolState, StoragePool, VirtualMachine
from cloudlab.workflows.defects import answer_of
from cloudlab.workflows.settling import IN_MOTION
from cloudlab.workflows.undoing import surely, tidy

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


def guests(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Return the machines that run on `host`, oldest first."""
    return sorted((vm for vm in _there(cloud, host) if vm.host is host), key=lambda vm: vm.id)


def next_guest(cloud: Cloud, host: Host) -> VirtualMachine | None:
    """Return the oldest machine that is on `host` or on its way there or back, if any is."""
    there = _there(cloud, host)
    unsettled = (vm for vm in there if vm.host is host or vm.state in IN_MOTION)
    return min(unsettled, key=lambda vm: vm.id, default=None)


def _there(cloud: Cloud, host: Host) -> Iterable[VirtualMachine]:
    """Return the machines with a claim on `host`; none while it is still being added."""
    return cloud.ledger.guests[host.row].values() if host.row >= 0 else ()


def pools_of(host: Host, *, in_service: bool = True) -> list[StoragePool]:
    """Return the pools that `host` should reach, or else those that it should not reach now."""
    return [
        pool
        for pool in (*host.cluster.pools, *host.zone.pools)
        if pool.host in (None, host) and (pool.state is not PoolState.MAINTENANCE) is in_service
    ]


async def answers(cloud: Cloud, host: Host) -> bool:
    """Return whether `host` answers a ping; an error is no answer."""
    ping = cloud.ports.hypervisor.ping(host)
    return bool(await answer_of(cloud, ping, f"hypervisor.ping of {host.name}"))


async def reconnect(cloud: Cloud, host: Host) -> None:
    """Make contact with `host` and give it its pools and no others, or end the contact.

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
        for pool in pools_of(host, in_service=False):
            await surely(blocks.detach_pool, pool, host)


async def disconnect(cloud: Cloud, host: Host) -> None:
    """Take the pools of `host` off it and end the contact.

    Raises:
        CloudError: the host did not do it.
    """
    for pool in pools_of(host):
        await surely(cloud.ports.blocks.detach_pool, pool, host)
    await surely(cloud.ports.hypervisor.disconnect, host)
