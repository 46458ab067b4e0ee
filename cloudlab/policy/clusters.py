"""In which order the clusters of a zone are tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from cloudlab.model import Cluster, VirtualMachine, Zone
from cloudlab.policy.scene import Scene

ClusterOrder = Callable[[Scene, VirtualMachine, list[Cluster]], list[Cluster]]


def taken_shares(scene: Scene, clusters: list[Cluster]) -> list[float]:
    """Return the taken share of each cluster, of the resource that orders clusters.

    The resource is `host.capacityType.to.order.clusters`; a cluster without a usable host
    counts as full.
    """
    ledger, rows = scene.ledger, [cluster.row for cluster in clusters]
    if scene.settings.order_clusters_by == "CPU":
        total, free = ledger.cluster_cpu_total[rows], ledger.cluster_cpu_free[rows]
    else:
        total, free = ledger.cluster_ram_total[rows], ledger.cluster_ram_free[rows]
    shares = np.full(len(rows), np.inf)
    np.divide(total - free, total, out=shares, where=total > 0)
    taken: list[float] = shares.tolist()
    return taken


def by_capacity(scene: Scene, vm: VirtualMachine, clusters: list[Cluster]) -> list[Cluster]:
    """Return `clusters`, the least taken first (FirstFitPlanner); ties in order of row."""
    del vm
    if len(clusters) == 1:
        return clusters
    shares = taken_shares(scene, clusters)
    return [clusters[place] for place in sorted(range(len(clusters)), key=shares.__getitem__)]


def by_dispersion(scene: Scene, vm: VirtualMachine, clusters: list[Cluster]) -> list[Cluster]:
    """Return `clusters`, those with fewest VMs of the account first (UserDispersingPlanner).

    `vm.user.dispersion.weight` w blends that count with the taken share:
    `share * (1 - w) + count / total * w`; at 1, and outside 0..1, the count alone decides
    and the share breaks ties.
    """
    weight = scene.settings.dispersion_weight
    counts = _per_cluster(scene, vm)
    ordered = by_capacity(scene, vm, clusters)
    if not 0 <= weight < 1:
        return sorted(ordered, key=lambda cluster: counts[cluster.row])
    everywhere = sum(counts.values())
    shares = dict(zip((each.row for each in clusters), taken_shares(scene, clusters), strict=True))

    def score(cluster: Cluster) -> float:
        own = counts[cluster.row] / everywhere if everywhere else 0.0
        return shares[cluster.row] * (1 - weight) + own * weight

    return sorted(ordered, key=score)


def by_concentration(scene: Scene, vm: VirtualMachine, clusters: list[Cluster]) -> list[Cluster]:
    """Return `clusters`, those in the account's fullest pods first (UserConcentratedPodPlanner).

    Within a pod, and among pods with as many VMs of the account, the least taken goes first.
    """
    per_pod: Counter[int] = Counter()
    for row, count in _per_cluster(scene, vm).items():
        per_pod[scene.ledger.clusters[row].pod.id] += count
    ordered = by_capacity(scene, vm, clusters)
    return sorted(ordered, key=lambda cluster: -per_pod[cluster.pod.id])


def _per_cluster(scene: Scene, vm: VirtualMachine) -> Counter[int]:
    """Return how many VMs of the account of `vm` run in each cluster, by row."""
    places = scene.ledger.places.get(vm.account.id, {})
    host_cluster = scene.ledger.host_cluster
    return Counter(int(host_cluster[row]) for row in places.values())


def by_zone_load(scene: Scene, zones: Iterable[Zone]) -> list[Zone]:
    """Return `zones`, the least taken first; for requests that name no zone."""

    def share(zone: Zone) -> float:
        ledger, rows = scene.ledger, [each.row for each in scene.ledger.zone_clusters[zone.id]]
        if scene.settings.order_clusters_by == "CPU":
            total, free = ledger.cluster_cpu_total[rows], ledger.cluster_cpu_free[rows]
        else:
            total, free = ledger.cluster_ram_total[rows], ledger.cluster_ram_free[rows]
        whole = int(total.sum())
        return (whole - int(free.sum())) / whole if whole else float("inf")

    found = list(zones)
    return found if len(found) == 1 else sorted(found, key=share)
