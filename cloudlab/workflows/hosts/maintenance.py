"""A host is emptied for maintenance, and put back into service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError, Conflict
from cloudlab.model import AlertType, Host, ResourceEvent, ResourceState, VirtualMachine, VmState
from cloudlab.workflows import machines, migration, networks
from cloudlab.workflows.hosts.reach import guests, next_guest
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.settling import at_rest

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def enter_maintenance(cloud: Cloud, host: Host) -> Host:
    """Move every machine and virtual router off `host` and take it out of service.

    Machines migrate inside the cluster; where no other host of the cluster is usable they
    are stopped. A migration that fails is tried again `vm.ha.migration.max.retries` times,
    every `migrate.retry.interval`; then the host is left in ErrorInMaintenance.

    Raises:
        Conflict: another host of the cluster is being prepared, or a machine uses local storage.
        IllegalMove: it is not Enabled.
        InsufficientCapacity: a machine found no other place.
        CloudError: a machine could not be moved.
    """
    _check_may_empty(cloud, host)
    cloud.move(host, ResourceEvent.ADMIN_ASK_MAINTENANCE)
    cloud.ledger.forget_reservations(host)
    try:
        await _empty(cloud, host)
    except CloudError as error:
        if _is_preparing(host):
            cloud.move(host, ResourceEvent.UNABLE_TO_MIGRATE)
        cloud.alert(AlertType.HOST, scope_of(host), f"Unable to empty host {host.name}", str(error))
        raise
    except Exception:
        if _is_preparing(host):
            cloud.move(host, ResourceEvent.ADMIN_CANCEL_MAINTENANCE)
        raise
    if _is_preparing(host):
        cloud.ledger.forget_reservations(host)
        cloud.move(host, ResourceEvent.INTERNAL_ENTER_MAINTENANCE)
    return host


def _is_preparing(host: Host) -> bool:
    """Return whether `host` is on its way to maintenance; somebody may have cancelled it."""
    return host.resource_state is ResourceState.PREPARE_FOR_MAINTENANCE


def _check_may_empty(cloud: Cloud, host: Host) -> None:
    busy = (ResourceState.PREPARE_FOR_MAINTENANCE, ResourceState.ERROR_IN_MAINTENANCE)
    for other in host.cluster.hosts:
        if other is not host and other.resource_state in busy:
            raise Conflict(f"{other} of the same cluster is in {other.resource_state}")
    for vm in guests(cloud, host):
        if any(volume.pool is not None and volume.pool.is_local for volume in vm.volumes):
            raise Conflict(f"{vm} on {host} has a disk on local storage; stop it first")


async def _empty(cloud: Cloud, host: Host) -> None:
    """Get everything off `host`, also what is still on its way to it."""
    while _is_preparing(host) and (vm := next_guest(cloud, host)) is not None:
        await at_rest(cloud, vm)
        await _evacuate(cloud, vm, host)
    if _is_preparing(host):
        await networks.evacuate(cloud, host)


async def _evacuate(cloud: Cloud, vm: VirtualMachine, host: Host) -> None:
    """Get `vm` off `host`, trying again while there is hope."""
    settings = cloud.settings
    for tried in range(settings.migrate_retries + 1):
        if vm.host is not host or vm.state is not VmState.RUNNING or not _is_preparing(host):
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
