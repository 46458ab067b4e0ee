"""Hosts are pinged; those that do not answer are looked into, again and again until they do."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from cloudlab.model import AlertType, Host, HostStatus, ResourceEvent, ResourceState
from cloudlab.workflows import hosts, recovery
from cloudlab.workflows.defects import quietly
from cloudlab.workflows.restarting import restart, unattended
from cloudlab.workflows.scopes import scope_of
from cloudlab.workflows.services.halted import HaltedMachines

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_LOST = (HostStatus.ALERT, HostStatus.DISCONNECTED)


class Monitor:
    """Makes the rounds of `watch_hosts`, and knows when it made the last one and what it told.

    On a live clock a round may take longer than `ping.interval`.
    """

    def __init__(self) -> None:
        """Have made none."""
        self._last: float | None = None
        self._halted = HaltedMachines()

    async def __call__(self, cloud: Cloud) -> None:
        """Make a round."""
        since, self._last = self._last, cloud.now
        await watch_hosts(cloud, since, self._halted)


async def watch_hosts(
    cloud: Cloud, since: float | None = None, halted: HaltedMachines | None = None
) -> None:
    """Ping every host that should be up; deal with those that do not answer.

    Machines that fell and are to run again, and that nobody restarts, are taken up; those that
    stand still as storage was full are told, and go on once there is room.

    Args:
        cloud: whose hosts.
        since: when the last round was made, seconds; `ping.interval` ago if not given.
        halted: who knows which machines were told to stand still; somebody new if not given.
    """
    seen = halted or HaltedMachines()
    settings = cloud.settings
    last = cloud.now - settings.ping_interval_s if since is None else since
    everywhere = list(cloud.inventory.hosts)
    silent = await cloud.engine.all(*(_look_at(cloud, host, seen) for host in everywhere))
    for host, is_silent in zip(everywhere, silent, strict=True):
        if is_silent and host.status is HostStatus.UP:
            _begin(cloud, _deal_with(cloud, host), f"investigation of {host.name}")
        elif host.status in _LOST and _is_time(cloud, settings.investigate_interval_s, last):
            _begin(cloud, recovery.look_again(cloud, host), f"another look at {host.name}")
        elif host.status is HostStatus.DOWN and _may_fence_again(cloud, host, last):
            _begin(cloud, recovery.fence(cloud, host), f"fencing of {host.name}")
        if host.resource_state is ResourceState.ERROR_IN_MAINTENANCE:
            _finish_maintenance(cloud, host)
    if _is_time(cloud, settings.restart_retry_interval_s, last):
        for vm in unattended(cloud, settings.restart_retry_interval_s):
            _begin(cloud, restart(cloud, vm), f"restart of {vm.name}")


def _begin(cloud: Cloud, work: Awaitable[object], name: str) -> None:
    """Let `work` go on beside the rounds of the monitor."""
    cloud.engine.spawn(quietly(cloud, work, name), name)


async def _look_at(cloud: Cloud, host: Host, halted: HaltedMachines) -> bool:
    """Return whether `host` should answer a ping and does not; one that does is looked at."""
    if await _is_silent(cloud, host):
        return True
    if host.status is HostStatus.UP:
        await halted.look_at(cloud, host)
    return False


async def _is_silent(cloud: Cloud, host: Host) -> bool:
    """Return whether `host` should answer a ping and does not."""
    if host.status is not HostStatus.UP:
        return False
    return not await hosts.answers(cloud, host) and host.status is HostStatus.UP


async def _deal_with(cloud: Cloud, host: Host) -> None:
    """Ask once more after the rest of the time-out, then find out what is the matter."""
    settings = cloud.settings
    await cloud.engine.sleep(settings.ping_interval_s * (settings.ping_timeout - 1))
    if await _is_silent(cloud, host):
        await recovery.look_into(cloud, host)


def _may_fence_again(cloud: Cloud, host: Host, last: float) -> bool:
    """Return whether `host` may still run machines and `restart.retry.interval` is over."""
    is_time = _is_time(cloud, cloud.settings.restart_retry_interval_s, last)
    return is_time and bool(cloud.ledger.guests[host.row])


def _is_time(cloud: Cloud, interval: float, last: float) -> bool:
    """Return whether another `interval` has come to an end since the `last` round."""
    return cloud.now // interval > last // interval


def _finish_maintenance(cloud: Cloud, host: Host) -> None:
    """Let a host whose evacuation failed enter maintenance once it is empty all the same."""
    if not cloud.ledger.guests[host.row]:
        cloud.move(host, ResourceEvent.INTERNAL_ENTER_MAINTENANCE)
        text = f"Migration Complete for host {host.name}"
        cloud.alert(AlertType.HOST, scope_of(host), text)
