"""The tree of a design as rows: a line for every zone, pod, cluster, group of hosts and pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cloudlab import units
from cloudlab.design.hosts import shape_of
from cloudlab.design.limits import cluster_limits, pool_limits
from cloudlab.design.schema import CloudDocument, HostGroup, Pod, PrimaryStorage, Zone
from cloudlab.design.totals import (
    Totals,
    cloud_totals,
    cluster_totals,
    pod_totals,
    zone_totals,
)
from cloudlab.design.walk import ClusterPlace, clusters_of
from cloudlab.model.topology import AllocationState


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree.

    Attributes:
        depth: 0 for the cloud, 1 for a zone ...
        is_last: whether no brother follows.
        totals: what it holds; `None` for what only explains the line above.
    """

    depth: int
    is_last: bool
    label: str
    totals: Totals | None = None


def rows_of(document: CloudDocument) -> Iterator[Row]:
    """Yield the rows of the tree from the cloud down."""
    yield Row(0, is_last=True, label=document.cloud, totals=cloud_totals(document))
    for place, zone in enumerate(document.zones, start=1):
        is_last = place == len(document.zones)
        yield Row(1, is_last, _zone_label(zone), zone_totals(document, zone))
        yield from _inside_zone(document, zone)


def _inside_zone(document: CloudDocument, zone: Zone) -> Iterator[Row]:
    for pool in zone.primary_storage:
        yield Row(2, is_last=False, label=_pool_label(document, zone, pool))
    for place, pod in enumerate(zone.pods, start=1):
        is_last = place == len(zone.pods)
        label = f"pod {pod.name}{_state(pod.allocation_state)}, {pod.cidr}"
        yield Row(2, is_last, label, pod_totals(document, zone, pod))
        yield from _inside_pod(document, zone, pod)


def _inside_pod(document: CloudDocument, zone: Zone, pod: Pod) -> Iterator[Row]:
    for place, at in enumerate(clusters_of(zone, pod), start=1):
        is_last = place == len(pod.clusters)
        state = _state(at.cluster.allocation_state)
        label = f"cluster {at.cluster.name}{state}, {at.cluster.hypervisor}"
        yield Row(3, is_last, label, cluster_totals(document, at))
        leaves = [_limits_label(document, at)]
        leaves += [_group_label(document, group) for group in at.cluster.hosts]
        leaves += [_pool_label(document, zone, pool) for pool in at.cluster.primary_storage]
        for number, leaf in enumerate(leaves, start=1):
            yield Row(4, number == len(leaves), leaf)


def _zone_label(zone: Zone) -> str:
    owner = f" of {zone.domain}" if zone.domain else ""
    return f"zone {zone.name}{_state(zone.allocation_state)}, {zone.network_type}{owner}"


def _limits_label(document: CloudDocument, at: ClusterPlace) -> str:
    limits = cluster_limits(document.settings, at.cluster)
    cpu = f"CPU ×{limits.cpu_factor:g}{_stop(limits.cpu_disable)}"
    ram = f"RAM ×{limits.ram_factor:g}{_stop(limits.ram_disable)}"
    return f"places VMs: {cpu}; {ram}"


def _group_label(document: CloudDocument, group: HostGroup) -> str:
    shape = shape_of(document, group)
    name = f" {group.type}:" if group.type else ""
    tags = f" [{', '.join(group.tags)}]" if group.tags else ""
    spare = ", kept free for restarts" if document.settings.ha_tag in group.tags else ""
    size = f"{shape.cpus} cores at {shape.mhz} MHz, {units.size_text(shape.ram_mib)}"
    return f"{group.count} ×{name} {size}{tags}{spare}"


def _pool_label(document: CloudDocument, zone: Zone, pool: PrimaryStorage) -> str:
    limits = pool_limits(document.settings, zone, pool)
    size = units.size_text(units.mib(pool.capacity_gib))
    tags = f" [{', '.join(pool.tags)}]" if pool.tags else ""
    where = "local disks" if pool.is_local else f"{pool.type}, {pool.scope.lower()}"
    return f"{pool.name}: {size} ×{limits.factor:g}{_stop(limits.disable)}, {where}{tags}"


def _state(state: AllocationState) -> str:
    return "" if state is AllocationState.ENABLED else " (Disabled)"


def _stop(threshold: float) -> str:
    return "" if math.isinf(threshold) else f", until {threshold:.0%} full"
