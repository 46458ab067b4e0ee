"""The capacity of a design as JSON: the numbers of `cloudlab show`, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace

from cloudlab.design import (
    ClusterPlace,
    Design,
    Totals,
    cloud_totals,
    cluster_limits,
    cluster_totals,
    each_cluster,
    pod_totals,
    shape_of,
    zone_totals,
)
from cloudlab.design.schema import HostGroup, Pod, Zone

JsonObject = Mapping[str, object]


def capacity_json(design: Design) -> str:
    """Return zones, pods, clusters and groups of hosts, each with what it holds.

    CPU is in MHz, RAM and storage in MiB; `raw`, `usable` and `plannable` as in the tree.
    """
    totals = cloud_totals(design)
    document = {
        "cloud": design.cloud,
        "currency": design.currency,
        "totals": asdict(replace(totals, price_per_month=round(totals.price_per_month, 2))),
        "zones": [_zone(design, zone) for zone in design.zones],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _zone(design: Design, zone: Zone) -> JsonObject:
    return {
        "name": zone.name,
        "network_type": zone.network_type,
        "allocation_state": zone.allocation_state,
        **_totals(zone_totals(design, zone)),
        "pods": [_pod(design, zone, pod) for pod in zone.pods],
    }


def _pod(design: Design, zone: Zone, pod: Pod) -> JsonObject:
    places = [at for at in each_cluster(design) if at.zone is zone and at.pod is pod]
    return {
        "name": pod.name,
        "cidr": str(pod.cidr),
        "allocation_state": pod.allocation_state,
        **_totals(pod_totals(design, zone, pod)),
        "clusters": [_cluster(design, at) for at in places],
    }


def _cluster(design: Design, at: ClusterPlace) -> JsonObject:
    limits = cluster_limits(design.settings, at.cluster)
    return {
        "name": at.cluster.name,
        "hypervisor": at.cluster.hypervisor,
        "allocation_state": at.cluster.allocation_state,
        "cpu_overcommit": limits.cpu_factor,
        "ram_overcommit": limits.ram_factor,
        "cpu_disable_threshold": _finite(limits.cpu_disable),
        "ram_disable_threshold": _finite(limits.ram_disable),
        **_totals(cluster_totals(design, at)),
        "host_groups": [_group(design, group) for group in at.cluster.hosts],
    }


def _group(design: Design, group: HostGroup) -> JsonObject:
    shape = shape_of(design, group)
    return {
        "count": group.count,
        "type": shape.type,
        "cpus": shape.cpus,
        "mhz": shape.mhz,
        "ram_mib": shape.ram_mib,
        "tags": list(group.tags),
        "kept_for_restarts": design.settings.ha_tag in group.tags,
    }


def _totals(totals: Totals) -> JsonObject:
    """Return hosts, cores and amounts, without the counts that the lists below tell."""
    told = asdict(totals)
    return {name: told[name] for name in told if name not in {"zones", "pods", "clusters"}}


def _finite(threshold: float) -> float | None:
    """Return a threshold, None when it is off."""
    return None if math.isinf(threshold) else threshold
