"""How full the cloud is: old reservations end, and the administrator is told in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.model import AlertType, Cluster, Record, StoragePool
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_ADDRESSES: Final = AlertType.DIRECT_ATTACHED_PUBLIC_IP

_WORDS: Final = {
    AlertType.CPU: "CPU",
    AlertType.MEMORY: "memory",
    AlertType.STORAGE_ALLOCATED: "storage",
    _ADDRESSES: "addresses",
}
"""What is allocated, as the alert's subject line says it."""


async def check_capacity(cloud: Cloud) -> None:
    """Free reservations that are over, and raise or close alerts about capacity."""
    cloud.ledger.expire_reservations(cloud.now)
    for cluster in cloud.inventory.clusters:
        _check_cluster(cloud, cluster)
    for pool in cloud.inventory.pools:
        if pool.row >= 0:
            _check_pool(cloud, pool)
    limit = cloud.settings.guest_ip_notify
    for each in cloud.inventory.ranges:
        numbers = cloud.addresses[each.row]
        _watch(cloud, _ADDRESSES, each, numbers.taken / numbers.total, limit)


def _check_cluster(cloud: Cloud, cluster: Cluster) -> None:
    """Compare the hosts of `cluster` that are in service with both thresholds."""
    hosts = [host for host in cluster.hosts if host.is_usable]
    if hosts:
        settings = cloud.settings
        cpu, ram = cloud.ledger.cpu(*hosts), cloud.ledger.ram(*hosts)
        cpu_limit = _own(cluster.cpu_notify_threshold, settings.cpu_notify)
        ram_limit = _own(cluster.ram_notify_threshold, settings.ram_notify)
        _watch(cloud, AlertType.CPU, cluster, cpu.taken, cpu_limit)
        _watch(cloud, AlertType.MEMORY, cluster, ram.taken, ram_limit)


def _own(own: float | None, general: float | None) -> float | None:
    """Return the threshold that holds: the cluster's, else the cloud's; `None` and more: off."""
    return general if own is None else own


def _check_pool(cloud: Cloud, pool: StoragePool) -> None:
    """Compare what is allocated of `pool` with its threshold."""
    own = None if pool.cluster is None else pool.cluster.storage_notify_threshold
    limit, taken = _own(own, cloud.settings.storage_notify), cloud.ledger.pool_share(pool)
    _watch(cloud, AlertType.STORAGE_ALLOCATED, pool, taken, limit)


def _watch(
    cloud: Cloud, kind: AlertType, record: Record, taken: float, limit: float | None
) -> None:
    """Raise an alert about `record` when `taken` is over `limit`, close it when it is not."""
    if limit is not None and taken > limit:
        text = f"{record}: {_WORDS[kind]} {taken:.0%} allocated, over {limit:.0%}"
        cloud.alert(kind, scope_of(record), text)
    else:
        cloud.resolve(kind, scope_of(record))
