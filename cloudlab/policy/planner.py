"""Where a VM goes: the chain of questions from zone to host and pools.

Source: CloudStack 4.0 `FirstFitPlanner.plan` and the two planners that only order clusters
differently (`UserDispersingPlanner`, `UserConcentratedPodPlanner`).
"""

from __future__ import annotations

from cloudlab.model import AllocationState, Cluster, Host, VirtualMachine
from cloudlab.policy.algorithms import Algorithm, algorithm
from cloudlab.policy.hosts import candidates, suits
from cloudlab.policy.pools import place_volumes
from cloudlab.policy.scene import Avoid, Destination, Scene, Wish


def plan(scene: Scene, vm: VirtualMachine, wish: Wish, avoid: Avoid) -> Destination | None:
    """Return where `vm` should run, `None` if no place will do."""
    if wish.zone.id in avoid.zones:
        return None
    rules = algorithm(scene.settings.allocation_algorithm)
    if wish.host is not None and not (wish.for_ha and scene.settings.ha_tag):
        return _on(scene, vm, wish.host, rules, avoid)
    if vm.last_host is not None:
        found = _on_last_host(scene, vm, wish, rules, avoid)
        if found is not None:
            return found
    for cluster in _clusters(scene, vm, wish, rules):
        if avoid.contains(cluster) or not is_open_to(scene, vm, cluster):
            continue
        found = _in_cluster(scene, vm, cluster, wish, rules, avoid)
        if found is not None:
            return found
    return None


def _clusters(
    scene: Scene, vm: VirtualMachine, wish: Wish, rules: Algorithm
) -> list[Cluster]:
    """Return the clusters of the wished place in the order to try them."""
    if wish.cluster is not None:
        return [wish.cluster]
    clusters = scene.ledger.zone_clusters.get(wish.zone.id, [])
    if wish.pod is not None:
        clusters = [cluster for cluster in clusters if cluster.pod is wish.pod]
    ordered = rules.clusters(scene, vm, clusters)
    return _pods_first(scene, ordered) if scene.settings.pods_first else ordered


def _pods_first(scene: Scene, clusters: list[Cluster]) -> list[Cluster]:
    """Return `clusters` pod by pod, the pod with the best cluster first."""
    del scene
    rank: dict[int, int] = {}
    for cluster in clusters:
        rank.setdefault(cluster.pod.id, len(rank))
    return sorted(clusters, key=lambda cluster: rank[cluster.pod.id])


def is_open_to(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether `cluster` may take `vm` at all: switched on, right kind, below threshold."""
    if not vm.template.runs_on(cluster.hypervisor):
        return False
    on = AllocationState.ENABLED
    if not vm.account.is_root_admin and not (cluster.state is cluster.pod.state is on):
        return False
    return not crosses_threshold(scene, vm, cluster) and has_address(scene, vm, cluster)


def crosses_threshold(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether `cluster` would be over a disable threshold with `vm` on it."""
    ledger, row = scene.ledger, cluster.row
    total = int(ledger.cluster_cpu_total[row])
    if total == 0:
        return False
    used = total - int(ledger.cluster_cpu_free[row])
    offering = vm.offering
    mhz = offering.cpu_mhz or cluster.mhz
    if (used + offering.vcpu * mhz) / total > scene.cpu_disable(cluster):
        return True
    total = int(ledger.cluster_ram_total[row])
    used = total - int(ledger.cluster_ram_free[row])
    return (used + offering.ram_mib) / total > scene.ram_disable(cluster)


def has_address(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether a guest address is left for every NIC of `vm` that needs one there."""
    ranges = cluster.guest_ranges
    needed = sum(nic.range not in ranges for nic in vm.nics)
    return needed == 0 or sum(scene.addresses[each.row].free for each in ranges) >= needed


def _in_cluster(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, wish: Wish, rules: Algorithm, avoid: Avoid
) -> Destination | None:
    fitting = candidates(scene, vm, cluster, wish, avoid)
    if len(fitting) == 0:
        return None
    for host in rules.hosts(scene, vm, cluster, fitting):
        pools = place_volumes(scene, vm, host, rules.pools, avoid)
        if pools is not None and _reaches_its_volumes(vm, host):
            return Destination(host, pools)
    return None


def _on(
    scene: Scene, vm: VirtualMachine, host: Host, rules: Algorithm, avoid: Avoid
) -> Destination | None:
    """Return the place on a host that was asked for; room is only checked by the claim."""
    if host.id in avoid.hosts or not host.is_usable or not _reaches_its_volumes(vm, host):
        return None
    if not has_address(scene, vm, host.cluster):
        return None
    pools = place_volumes(scene, vm, host, rules.pools, avoid)
    return Destination(host, pools) if pools is not None else None


def _on_last_host(
    scene: Scene, vm: VirtualMachine, wish: Wish, rules: Algorithm, avoid: Avoid
) -> Destination | None:
    """Return the place where `vm` ran before, if the host can and may take it again."""
    host = vm.last_host
    assert host is not None  # noqa: S101  (the caller asked only because there is one)
    inside = wish.cluster in (None, host.cluster) and wish.pod in (None, host.pod)
    if not inside or host.zone is not wish.zone or avoid.contains(host.cluster):
        return None
    if not suits(scene, vm, host, wish) or not scene.ledger.fits(vm, host):
        return None
    return _on(scene, vm, host, rules, avoid)


def _reaches_its_volumes(vm: VirtualMachine, host: Host) -> bool:
    """Return whether every volume that has a pool is on one `host` can reach."""
    return all(
        volume.pool is None or reaches(host, volume.pool.cluster, volume.pool.host)
        for volume in vm.volumes
    )


def reaches(host: Host, cluster: Cluster | None, only: Host | None) -> bool:
    """Return whether `host` reaches a pool of `cluster` (`None`: zone-wide) or of one host."""
    return cluster in (None, host.cluster) and only in (None, host)
