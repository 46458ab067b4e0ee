"""What the cloud does by itself: watch hosts and capacity, expunge what was destroyed."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.engine import Interrupted
from cloudlab.errors import CloudError, Conflict
from cloudlab.model import AlertType, HostStatus
from cloudlab.workflows import machines, recovery

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Process


@dataclass(slots=True)
class Service:
    """A round that is made every `interval` seconds, at whole multiples of it."""

    name: str
    interval: float
    round: Callable[[Cloud], Awaitable[None]]

    def due_after(self, now: float) -> float:
        """Return the first multiple of the interval after `now`."""
        return (math.floor(now / self.interval) + 1) * self.interval


def services(cloud: Cloud) -> list[Service]:
    """Return the services this cloud's settings ask for."""
    settings = cloud.settings
    found = [
        Service("capacity check", settings.capacity_check_ms / 1000, check_capacity),
        Service("host monitor", settings.ping_interval_s, watch_hosts),
    ]
    if settings.expunge_interval_s > 0:
        found.append(Service("expunge", settings.expunge_interval_s, expunge_destroyed))
    return found


def start(cloud: Cloud, *names: str) -> list[Process[None]]:
    """Start the services of these names, or all; return their processes."""
    return [
        cloud.engine.spawn(_serve(cloud, service), service.name)
        for service in services(cloud)
        if not names or service.name in names
    ]


async def _serve(cloud: Cloud, service: Service) -> None:
    while True:
        try:
            await cloud.engine.sleep_until(service.due_after(cloud.now))
        except Interrupted:
            return
        await service.round(cloud)


async def expunge_destroyed(cloud: Cloud) -> None:
    """Remove the machines that were destroyed `expunge.delay` ago or earlier."""
    for vm in machines.destroyed_before(cloud, cloud.now - cloud.settings.expunge_delay_s):
        try:
            await machines.expunge(cloud, vm)
        except CloudError as error:
            cloud.alert(AlertType.USERVM, str(vm), f"Unable to expunge {vm.name}", str(error))


async def watch_hosts(cloud: Cloud) -> None:
    """Ping every host that should be up; deal with those that do not answer."""
    for host in cloud.inventory.hosts:
        if host.status is not HostStatus.UP:
            continue
        if not await cloud.ports.hypervisor.ping(host) and host.status is HostStatus.UP:
            cloud.engine.spawn(_deal_with(cloud, host.id), f"recovery of {host.name}")


async def _deal_with(cloud: Cloud, host_id: int) -> None:
    """Ask once more after the rest of the time-out, then treat the host as down."""
    settings = cloud.settings
    await cloud.engine.sleep(settings.ping_interval_s * (settings.ping_timeout - 1))
    host = cloud.inventory.hosts.get(host_id)
    if host.status is not HostStatus.UP or await cloud.ports.hypervisor.ping(host):
        return
    try:
        await recovery.host_down(cloud, host)
    except Conflict as error:
        cloud.alert(AlertType.HOST, str(host), f"Host {host.name} is down", str(error))


async def check_capacity(cloud: Cloud) -> None:
    """Free reservations that are over, and raise or close alerts about capacity."""
    cloud.ledger.expire_reservations(cloud.now)
    settings = cloud.settings
    for cluster in cloud.inventory.clusters:
        hosts = [host for host in cluster.hosts if host.is_usable]
        if not hosts:
            continue
        cpu, ram = cloud.ledger.cpu(*hosts), cloud.ledger.ram(*hosts)
        _watch(cloud, AlertType.CPU, str(cluster), cpu.taken, settings.cpu_notify, "CPU")
        _watch(cloud, AlertType.MEMORY, str(cluster), ram.taken, settings.ram_notify, "memory")
        for pool in cluster.pools:
            taken = cloud.ledger.pool_share(pool)
            kind = AlertType.STORAGE_ALLOCATED
            _watch(cloud, kind, str(pool), taken, settings.storage_notify, "allocated storage")
    for each in cloud.inventory.ranges:
        numbers = cloud.addresses[each.row]
        kind = AlertType.DIRECT_ATTACHED_PUBLIC_IP
        taken = numbers.taken / numbers.total
        _watch(cloud, kind, str(each), taken, settings.guest_ip_notify, "addresses")


def _watch(
    cloud: Cloud, kind: AlertType, scope: str, taken: float, limit: float | None, what: str
) -> None:
    if limit is not None and taken > limit:
        cloud.alert(kind, scope, f"{scope}: {what} {taken:.0%} allocated, over {limit:.0%}")
    else:
        cloud.resolve(kind, scope)


__all__ = ["Service", "check_capacity", "expunge_destroyed", "services", "start"]
