"""A cluster is added to a pod, over-provisioned, and removed when it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import AllocationEvent, Cluster, Pod
from cloudlab.workflows.zones.checks import check_empty, check_name

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def add_cluster(
    cloud: Cloud,
    pod: Pod,
    name: str,
    hypervisor: str = "KVM",
    *,
    cpu_overcommit: float | None = None,
    ram_overcommit: float | None = None,
    cpu_disable_threshold: float | None = None,
    ram_disable_threshold: float | None = None,
) -> Cluster:
    """Add a cluster to `pod`, Enabled.

    Raises:
        InvalidParameter: the name is missing or taken, a factor is below 1, or a threshold is
            not positive.
    """
    check_name(name, pod.clusters, "cluster")
    settings = cloud.settings
    cpu = settings.cpu_overcommit if cpu_overcommit is None else cpu_overcommit
    ram = settings.ram_overcommit if ram_overcommit is None else ram_overcommit
    _check_factor(name, "cpu_overcommit", cpu)
    _check_factor(name, "ram_overcommit", ram)
    _check_threshold(name, "cpu_disable_threshold", cpu_disable_threshold)
    _check_threshold(name, "ram_disable_threshold", ram_disable_threshold)
    cluster = Cluster(
        name=name,
        zone=pod.zone,
        pod=pod,
        hypervisor=hypervisor,
        cpu_overcommit=cpu,
        ram_overcommit=ram,
        cpu_disable_threshold=cpu_disable_threshold,
        ram_disable_threshold=ram_disable_threshold,
        created=cloud.now,
    )
    cloud.inventory.clusters.add(cluster)
    cloud.ledger.add_cluster(cluster)
    cloud.move(cluster, AllocationEvent.ENABLE)
    pod.clusters.append(cluster)
    return cluster


async def set_overcommit(
    cloud: Cloud, cluster: Cluster, *, cpu: float | None = None, ram: float | None = None
) -> Cluster:
    """Change how many times the CPU or RAM of `cluster` may be allocated.

    Running VMs stay: less may be free than nothing until some leave.

    Raises:
        InvalidParameter: a factor is below 1.
    """
    new_cpu = cluster.cpu_overcommit if cpu is None else cpu
    new_ram = cluster.ram_overcommit if ram is None else ram
    _check_factor(cluster.name, "cpu_overcommit", new_cpu)
    _check_factor(cluster.name, "ram_overcommit", new_ram)
    cluster.cpu_overcommit, cluster.ram_overcommit = new_cpu, new_ram
    cloud.ledger.provision(cluster)
    return cluster


def _check_factor(name: str, what: str, factor: float) -> None:
    if not factor >= 1:
        raise InvalidParameter(f"cluster {name}: {what} is {factor}; allowed: 1 or more")


def _check_threshold(name: str, what: str, share: float | None) -> None:
    if share is not None and not share > 0:
        raise InvalidParameter(f"cluster {name}: {what} is {share}; allowed: more than 0")


async def remove_cluster(cloud: Cloud, cluster: Cluster) -> None:
    """Remove an empty cluster.

    Raises:
        Conflict: it has hosts or primary storage.
    """
    async with cloud.engine.lock(("zone", cluster.zone.id), ("cluster", cluster.id)):
        check_empty(cluster, hosts=cluster.hosts, primary_storage_pools=cluster.pools)
        cluster.pod.clusters.remove(cluster)
        cluster.removed = cloud.now
        cloud.ledger.remove_cluster(cluster)
        cloud.inventory.clusters.drop(cluster)
