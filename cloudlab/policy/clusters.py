"""In which order the clusters of a zone are tried, and the pods where those come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from math import inf
from typing import TypeVar

from cloudlab.model import Cluster, Pod, VirtualMachine, Zone
from cloudlab.policy.scene import Scene

ClusterOrder = Callable[[Scene, VirtualMachine, list[Cluster]], list[Cluster]]
PodOrder = Callable[[Scene, VirtualMachine, list[Pod]], list[Pod]]

P = TypeVar("P", Cluster, Pod)


def taken_shares(scene: Scene, clusters: list[Cluster]) -> list[float]:
    """Return the taken share of each cluster, of the resource that orders clusters.

    The resource is `host.capacityType.to.order.clusters`; a cluster without a usable host
    counts as full.
    """
    totals, frees = _ordering_sums(scene)
    shares = []
    for cluster in clusters:
        total = totals[cluster.row]
        shares.append((total - frees[cluster.row]) / total if total else inf)
    return shares


def taken_share(scene: Scene, clusters: list[Cluster]) -> float:
    """Return the taken share of `clusters` together; infinite without a usable host."""
    totals, frees = _ordering_sums(scene)
    total = sum(totals[cluster.row] for cluster in clusters)
    free = sum(frees[cluster.row] for cluster in clusters)
    return (total - free) / total if total else inf


def _ordering_sums(scene: Scene) -> tuple[list[int], list[int]]:
    """Return what there is and what is free of the ordering resource, by cluster row."""
    ledger = scene.ledger
    if scene.settings.order_clusters_by == "CPU":
        return ledger.cluster_cpu_total, ledger.cluster_cpu_free
    return ledger.cluster_ram_total, ledger.cluster_ram_free


# --- clusters --------------------------------------------------------------------------


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
    per_cluster = _per_cluster(scene, vm)
    counts = [per_cluster[cluster.row] for cluster in clusters]
    shares = taken_shares(scene, clusters)
    return _dispersed(scene, clusters, shares, counts, everywhere=per_cluster.total())


def by_concentration(scene: Scene, vm: VirtualMachine, clusters: list[Cluster]) -> list[Cluster]:
    """Return `clusters`, those in the account's fullest pods first (UserConcentratedPodPlanner).

    Within a pod, and among pods with as many VMs of the account, the least taken goes first.
    """
    per_pod = _per_pod(scene, vm)
    ordered = by_capacity(scene, vm, clusters)
    return sorted(ordered, key=lambda cluster: -per_pod[cluster.pod.id])


# --- pods, where `apply.allocation.algorithm.to.pods` puts them first ------------------------


def pods_by_capacity(scene: Scene, vm: VirtualMachine, pods: list[Pod]) -> list[Pod]:
    """Return `pods`, the least taken first; ties in order of creation."""
    del vm
    return sorted(pods, key=lambda pod: taken_share(scene, pod.clusters))


def pods_by_dispersion(scene: Scene, vm: VirtualMachine, pods: list[Pod]) -> list[Pod]:
    """Return `pods`, those with fewest VMs of the account first, weighed like clusters."""
    per_pod = _per_pod(scene, vm)
    counts = [per_pod[pod.id] for pod in pods]
    shares = [taken_share(scene, pod.clusters) for pod in pods]
    return _dispersed(scene, pods, shares, counts, everywhere=per_pod.total())


def pods_by_concentration(scene: Scene, vm: VirtualMachine, pods: list[Pod]) -> list[Pod]:
    """Return `pods`, those with most VMs of the account first; ties by taken share."""
    per_pod = _per_pod(scene, vm)
    return sorted(pods_by_capacity(scene, vm, pods), key=lambda pod: -per_pod[pod.id])


# --- zones -----------------------------------------------------------------------------


def by_zone_load(scene: Scene, zones: Iterable[Zone]) -> list[Zone]:
    """Return `zones`, the least taken first; for requests that name no zone."""
    found, clusters = list(zones), scene.ledger.zone_clusters
    if len(found) == 1:
        return found
    return sorted(found, key=lambda zone: taken_share(scene, clusters.get(zone.id, [])))


# --- inside ----------------------------------------------------------------------------


def _dispersed(
    scene: Scene, places: list[P], shares: list[float], counts: list[int], *, everywhere: int
) -> list[P]:
    """Return `places` by the account's VMs in each, blended with the taken share of each."""
    weight = scene.settings.dispersion_weight
    if 0 <= weight < 1:
        whole = max(everywhere, 1)
        keys = [
            (share * (1 - weight) + count / whole * weight, share)
            for share, count in zip(shares, counts, strict=True)
        ]
    else:
        keys = [(float(count), share) for share, count in zip(shares, counts, strict=True)]
    return [places[place] for place in sorted(range(len(places)), key=keys.__getitem__)]


def _per_cluster(scene: Scene, vm: VirtualMachine) -> Counter[int]:
    """Return how many VMs of the account of `vm` hold a host in each cluster, by row."""
    places = scene.ledger.places.get(vm.account.id, {})
    host_cluster = scene.ledger.host_cluster
    return Counter(int(host_cluster[row]) for row in places.values())


def _per_pod(scene: Scene, vm: VirtualMachine) -> Counter[int]:
    """Return how many VMs of the account of `vm` hold a host in each pod, by id."""
    per_pod: Counter[int] = Counter()
    for row, count in _per_cluster(scene, vm).items():
        per_pod[scene.ledger.clusters[row].pod.id] += count
    return per_pod
