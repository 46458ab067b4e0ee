"""How far a cluster and a pool may be filled: their own value, else their scope's, else global."""

from __future__ import annotations

from dataclasses import dataclass

from cloudlab.design.schema import Cluster, PrimaryStorage, Settings, Zone
from cloudlab.model.storage import PoolType


@dataclass(frozen=True, slots=True)
class ClusterLimits:
    """Factors and thresholds that hold in one cluster.

    Attributes:
        cpu_factor: how many times CPU may be allocated, >= 1.
        ram_factor: how many times RAM may be allocated, >= 1.
        cpu_disable: allocated share of CPU above which it takes nothing more; infinity: off.
        ram_disable: the same for RAM.
    """

    cpu_factor: float
    ram_factor: float
    cpu_disable: float
    ram_disable: float


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Factor and threshold that hold for one pool.

    Attributes:
        factor: how many times the capacity may be allocated, >= 1.
        disable: allocated share it must stay below; infinity: off.
    """

    factor: float
    disable: float


def cluster_limits(settings: Settings, cluster: Cluster) -> ClusterLimits:
    """Return the factors and thresholds that hold in `cluster`."""
    own = cluster.settings
    return ClusterLimits(
        _first(cluster.cpu_overcommit, settings.cpu_overprovisioning_factor),
        _first(cluster.ram_overcommit, settings.mem_overprovisioning_factor),
        _first(
            own.cluster_cpu_allocated_capacity_disablethreshold,
            settings.cluster_cpu_allocated_capacity_disablethreshold,
        ),
        _first(
            own.cluster_memory_allocated_capacity_disablethreshold,
            settings.cluster_memory_allocated_capacity_disablethreshold,
        ),
    )


def pool_limits(settings: Settings, zone: Zone, pool: PrimaryStorage) -> PoolLimits:
    """Return the factor and threshold that hold for `pool`; only NFS is over-provisioned."""
    thin = pool.type is PoolType.NFS
    usual = settings.storage_overprovisioning_factor if thin else 1.0
    return PoolLimits(
        _first(pool.overprovisioning_factor, usual),
        _first(
            zone.settings.pool_storage_allocated_capacity_disablethreshold,
            settings.pool_storage_allocated_capacity_disablethreshold,
        ),
    )


def _first(own: float | None, usual: float) -> float:
    return usual if own is None else own
