"""The physical part of a design as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cloudlab import units
from cloudlab.design import (
    ClusterLimits,
    ClusterPlace,
    Design,
    PlannedHost,
    PoolLimits,
    cluster_limits,
    each_cluster,
    hosts_of,
    pool_limits,
)
from cloudlab.errors import InputError
from simulator.fleet import Fleet, HostKind, Spare

if TYPE_CHECKING:
    from cloudlab.design.schema import Pod, PrimaryStorage, Zone


def fleet_of(design: Design) -> Fleet:
    """Return the part of `design` that takes VMs of users, in the order of the document.

    Left out are zones, pods and clusters that are Disabled, and local disks: a request for a
    VM asks for shared storage. Hosts that `ha.tag` keeps free for restarts are its spares. A
    Basic zone has one pool of addresses a pod, an Advanced zone one for all its clusters.

    Raises:
        InputError: nothing is left: every cluster is Disabled or holds only spare hosts.
    """
    columns = _Columns(design)
    for place in each_cluster(design):
        if place.is_open:
            columns.add_cluster(place)
    if not columns.hosts:
        raise InputError(
            f"{design.cloud} has no host that takes VMs: all are Disabled or kept free by ha.tag"
        )
    return columns.fleet()


@dataclass(slots=True)
class _Columns:
    """The rows seen so far, each with the index of what it belongs to."""

    design: Design
    zones: list[Zone] = field(default_factory=list)
    pods: list[tuple[Pod, int]] = field(default_factory=list)
    clusters: list[tuple[ClusterPlace, int, int]] = field(default_factory=list)
    hosts: list[tuple[PlannedHost, int]] = field(default_factory=list)
    spares: list[Spare] = field(default_factory=list)
    address_pools: list[tuple[str, int]] = field(default_factory=list)

    def add_cluster(self, place: ClusterPlace) -> None:
        """Add a cluster with its hosts, and its pod and zone when they are new."""
        if not self.zones or self.zones[-1] is not place.zone:
            self.zones.append(place.zone)
            if not place.zone.is_basic:
                self._add_addresses(place.zone)
        if not self.pods or self.pods[-1][0] is not place.pod:
            self.pods.append((place.pod, len(self.zones) - 1))
            if place.zone.is_basic:
                self._add_addresses(place.pod)
        cluster = len(self.clusters)
        self.clusters.append((place, len(self.pods) - 1, len(self.address_pools) - 1))
        for number, host in enumerate(hosts_of(self.design, place)):
            if host.is_spare:
                self.spares.append(Spare(cluster, host.name, _kind_of(host), number == 0))
            else:
                self.hosts.append((host, cluster))

    def _add_addresses(self, owner: Zone | Pod) -> None:
        self.address_pools.append((owner.name, sum(run.size for run in owner.guest_ranges)))

    def _pools(self) -> Iterator[tuple[PrimaryStorage, PoolLimits, int, int]]:
        """Yield the shared pools with the index of cluster (-1: zone-wide) and zone."""
        settings = self.design.settings
        for index, zone in enumerate(self.zones):
            for pool in zone.primary_storage:
                yield pool, pool_limits(settings, zone, pool), -1, index
        for cluster, (place, pod, _) in enumerate(self.clusters):
            for pool in place.cluster.primary_storage:
                if not pool.is_local:
                    limits = pool_limits(settings, place.zone, pool)
                    yield pool, limits, cluster, self.pods[pod][1]

    def _limits(self) -> list[ClusterLimits]:
        settings = self.design.settings
        return [cluster_limits(settings, place.cluster) for place, _, _ in self.clusters]

    def fleet(self) -> Fleet:
        """Return the rows as columns."""
        limits, pools = self._limits(), list(self._pools())
        shapes = [host.shape for host, _ in self.hosts]
        return Fleet(
            zone_names=tuple(zone.name for zone in self.zones),
            pod_names=tuple(pod.name for pod, _ in self.pods),
            pod_zone=np.array([zone for _, zone in self.pods], np.int32),
            cluster_names=tuple(place.cluster.name for place, _, _ in self.clusters),
            cluster_pod=np.array([pod for _, pod, _ in self.clusters], np.int32),
            cpu_factor=np.array([each.cpu_factor for each in limits], np.float64),
            ram_factor=np.array([each.ram_factor for each in limits], np.float64),
            cpu_disable=np.array([each.cpu_disable for each in limits], np.float64),
            ram_disable=np.array([each.ram_disable for each in limits], np.float64),
            host_names=tuple(host.name for host, _ in self.hosts),
            host_cluster=np.array([cluster for _, cluster in self.hosts], np.int32),
            host_cores=np.array([shape.cpus for shape in shapes], np.int32),
            host_mhz=np.array([shape.mhz for shape in shapes], np.int32),
            host_ram_mib=np.array([shape.ram_mib for shape in shapes], np.int64),
            host_type=tuple(shape.type for shape in shapes),
            pool_names=tuple(pool.name for pool, _, _, _ in pools),
            pool_cluster=np.array([cluster for _, _, cluster, _ in pools], np.int32),
            pool_zone=np.array([zone for _, _, _, zone in pools], np.int32),
            pool_capacity_mib=np.array(
                [units.mib(pool.capacity_gib) for pool, _, _, _ in pools], np.int64
            ),
            pool_factor=np.array([each.factor for _, each, _, _ in pools], np.float64),
            pool_disable=np.array([each.disable for _, each, _, _ in pools], np.float64),
            address_pool_names=tuple(name for name, _ in self.address_pools),
            address_total=np.array([total for _, total in self.address_pools], np.int64),
            cluster_address_pool=np.array([pool for _, _, pool in self.clusters], np.int32),
            spares=tuple(self.spares),
        )


def _kind_of(host: PlannedHost) -> HostKind:
    shape = host.shape
    return HostKind(shape.type, shape.cpus, shape.mhz, shape.ram_mib)
