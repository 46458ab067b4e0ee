"""Hosts: added, switched on and off, emptied for maintenance, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, Conflict, InvalidParameter
from cloudlab.model import (
    AlertType,
    Cluster,
    Host,
    HostEvent,
    HostStatus,
    ResourceEvent,
    ResourceState,
    VirtualMachine,
    VmState,
)
from cloudlab.workflows import machines, migration

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def add(
    cloud: Cloud,
    cluster: Cluster,
    name: str,
    *,
    cpus: int,
    mhz: int,
    ram_mib: int,
    kind: str = "",
    url: str = "",
    ip: str = "",
    tags: frozenset[str] = frozenset(),
    has_hvm: bool = True,
    guest_os_category: str | None = None,
    max_guests: int | None = None,
) -> Host:
    """Add a host to `cluster`, connect to it and give it the pools it should reach.

    Raises:
        InvalidParameter: the name is taken, or a size is not positive.
        HostFault: it cannot be reached; nothing was added.
    """
    if any(each.name == name for each in cluster.hosts):
        raise InvalidParameter(f"there is already a host {name} in {cluster}")
    for what, size in (("cpus", cpus), ("mhz", mhz), ("ram_mib", ram_mib)):
        if size <= 0:
            raise InvalidParameter(f"host {name}: {what} is {size}; allowed: 1 or more")
    host = Host(
        name=name,
        zone=cluster.zone,
        pod=cluster.pod,
        cluster=cluster,
        cpus=cpus,
        mhz=mhz,
        ram_mib=ram_mib,
        type=kind,
        url=url,
        ip=ip,
        tags=tags,
        has_hvm=has_hvm,
        guest_os_category=guest_os_category,
        max_guests=max_guests,
        created=cloud.now,
    )
    cloud.inventory.hosts.add(host)
    async with Rollback(cloud.engine) as undo:
        undo(cloud.inventory.hosts.drop, host)
        undo(cloud.ports.hypervisor.disconnect, host)
        await cloud.ports.hypervisor.connect(host)
        for pool in [*cluster.pools, *cluster.zone.pools]:
            undo(cloud.ports.blocks.detach_pool, pool, host)
            await cloud.ports.blocks.attach_pool(pool, host)
    cluster.hosts.append(host)
    cloud.ledger.add_host(host)
    cloud.move(host, HostEvent.AGENT_CONNECTED)
    cloud.move(host, HostEvent.READY)
    cloud.move(host, ResourceEvent.INTERNAL_CREATED)
    return host


async def enable(cloud: Cloud, host: Host) -> None:
    """Place machines on `host` again."""
    cloud.move(host, ResourceEvent.ENABLE)


async def disable(cloud: Cloud, host: Host) -> None:
    """Place no new machines on `host`; those it runs stay."""
    cloud.move(host, ResourceEvent.DISABLE)


async def remove(cloud: Cloud, host: Host, *, forced: bool = False) -> None:
    """Remove `host`; if `forced`, its machines are stopped first.

    Raises:
        Conflict: machines run on it.
    """
    if guests(cloud, host) and not forced:
        raise Conflict(f"{host} runs {len(guests(cloud, host))} machines; empty it, or force it")
    for vm in guests(cloud, host):
        await machines.stop(cloud, vm, forced=True)
    if cloud.ledger.guests[host.row]:
        raise Conflict(f"{host} still has machines in transition; try again later")
    for pool in [*host.cluster.pools, *host.zone.pools]:
        await cloud.ports.blocks.detach_pool(pool, host)
    await cloud.ports.hypervisor.disconnect(host)
    if host.status is not HostStatus.REMOVED:
        if host.status not in (HostStatus.UP, HostStatus.DOWN, HostStatus.ALERT):
            cloud.move(host, HostEvent.AGENT_CONNECTED)
            cloud.move(host, HostEvent.READY)
        cloud.move(host, HostEvent.REMOVE)
    cloud.ledger.remove_host(host)
    host.cluster.hosts.remove(host)
    for vm in cloud.inventory.vms:
        if vm.last_host is host:
            vm.last_host = None
    host.removed = cloud.now
    cloud.inventory.hosts.drop(host)


def guests(cloud: Cloud, host: Host) -> list[VirtualMachine]:
    """Return the machines that run on `host`, oldest first."""
    there = cloud.ledger.guests[host.row].values()
    return sorted((vm for vm in there if vm.host is host), key=lambda vm: vm.id)


# --- maintenance -----------------------------------------------------------------------


async def enter_maintenance(cloud: Cloud, host: Host) -> Host:
    """Move every machine off `host` and take it out of service.

    Machines migrate inside the cluster; where no other host of the cluster is usable they
    are stopped. A migration that fails is tried again `vm.ha.migration.max.retries` times,
    every `migrate.retry.interval`; then the host is left in ErrorInMaintenance.

    Raises:
        Conflict: another host of the cluster is being prepared, or a machine uses local storage.
        IllegalMove: it is not Enabled.
        InsufficientCapacity: a machine found no other place.
    """
    _check_may_empty(cloud, host)
    cloud.move(host, ResourceEvent.ADMIN_ASK_MAINTENANCE)
    cloud.ledger.forget_reservations(host)
    try:
        for vm in guests(cloud, host):
            await _evacuate(cloud, vm, host)
    except CloudError as error:
        if host.resource_state is ResourceState.PREPARE_FOR_MAINTENANCE:
            cloud.move(host, ResourceEvent.UNABLE_TO_MIGRATE)
        cloud.alert(AlertType.HOST, str(host), f"Unable to empty host {host.name}", str(error))
        raise
    except Exception:
        if host.resource_state is ResourceState.PREPARE_FOR_MAINTENANCE:
            cloud.move(host, ResourceEvent.ADMIN_CANCEL_MAINTENANCE)
        raise
    if host.resource_state is ResourceState.PREPARE_FOR_MAINTENANCE:
        cloud.move(host, ResourceEvent.INTERNAL_ENTER_MAINTENANCE)
    return host


def _check_may_empty(cloud: Cloud, host: Host) -> None:
    busy = (ResourceState.PREPARE_FOR_MAINTENANCE, ResourceState.ERROR_IN_MAINTENANCE)
    for other in host.cluster.hosts:
        if other is not host and other.resource_state in busy:
            raise Conflict(f"{other} of the same cluster is in {other.resource_state}")
    for vm in guests(cloud, host):
        if any(volume.pool is not None and volume.pool.is_local for volume in vm.volumes):
            raise Conflict(f"{vm} on {host} has a disk on local storage; stop it first")


async def _evacuate(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Get `vm` off `host`, trying again while there is hope."""
    settings = cloud.settings
    for tried in range(settings.migrate_retries + 1):
        if vm.host is not host or vm.state is not VmState.RUNNING:
            return
        if host.resource_state is not ResourceState.PREPARE_FOR_MAINTENANCE:
            return
        if not any(other.is_usable for other in host.cluster.hosts if other is not host):
            await machines.stop(cloud, vm, forced=True)
            return
        try:
            await migration.migrate(cloud, vm)
        except CloudError:
            if tried == settings.migrate_retries:
                raise
            await cloud.engine.sleep(settings.migrate_retry_interval_s)


async def cancel_maintenance(cloud: Cloud, host: Host) -> Host:
    """Put `host` back into service; machines that left do not come back by themselves.

    Raises:
        IllegalMove: it is not in, or on the way to, maintenance.
        Conflict: a migration from it is under way.
    """
    moving = [vm.name for vm in guests(cloud, host) if vm.state is VmState.MIGRATING]
    if moving:
        raise Conflict(f"{host}: {', '.join(moving)} is migrating; cancel when that has ended")
    cloud.move(host, ResourceEvent.ADMIN_CANCEL_MAINTENANCE)
    return host
