"""Hosts are pinged; those that do not answer are dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import CloudError
from cloudlab.model import AlertType, Host, HostStatus, ResourceEvent, ResourceState
from cloudlab.workflows import hosts, recovery
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def watch_hosts(cloud: Cloud) -> None:
    """Ping every host that should be up; deal with those that do not answer."""
    for host in cloud.inventory.hosts:
        if await _is_silent(cloud, host):
            cloud.engine.spawn(_deal_with(cloud, host), f"recovery of {host.name}")
        elif host.status is HostStatus.DOWN and _may_fence_again(cloud, host):
            cloud.engine.spawn(_fence(cloud, host), f"fencing of {host.name}")
        if host.resource_state is ResourceState.ERROR_IN_MAINTENANCE:
            _finish_maintenance(cloud, host)


async def _is_silent(cloud: Cloud, host: Host) -> bool:
    """Return whether `host` should answer a ping and does not."""
    if host.status is not HostStatus.UP:
        return False
    return not await hosts.answers(cloud, host) and host.status is HostStatus.UP


async def _deal_with(cloud: Cloud, host: Host) -> None:
    """Ask once more after the rest of the time-out, then treat the host as down."""
    settings = cloud.settings
    await cloud.engine.sleep(settings.ping_interval_s * (settings.ping_timeout - 1))
    if not await _is_silent(cloud, host):
        return
    try:
        await recovery.host_down(cloud, host)
    except CloudError:
        return  # the administrator has been told, and fencing is tried again


def _may_fence_again(cloud: Cloud, host: Host) -> bool:
    """Return whether `host` may still run machines and `restart.retry.interval` is over."""
    settings = cloud.settings
    is_time = cloud.now % settings.restart_retry_interval_s < settings.ping_interval_s
    return is_time and bool(cloud.ledger.guests[host.row])


async def _fence(cloud: Cloud, host: Host) -> None:
    try:
        await recovery.fence(cloud, host)
    except CloudError:
        return  # the administrator has been told


def _finish_maintenance(cloud: Cloud, host: Host) -> None:
    """Let a host whose evacuation failed enter maintenance once it is empty all the same."""
    if not cloud.ledger.guests[host.row]:
        cloud.move(host, ResourceEvent.INTERNAL_ENTER_MAINTENANCE)
        text = f"Migration Complete for host {host.name}"
        cloud.alert(AlertType.HOST, scope_of(host), text)
