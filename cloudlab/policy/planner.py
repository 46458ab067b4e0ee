"""Where a VM goes: the chain of questions from zone to host and pools.

Source: CloudStack 4.0 `FirstFitPlanner.plan` and the two planners that only order clusters
differently (`UserDispersingPlanner`, `UserConcentratedPodPlanner`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from cloudlab.model import AllocationState, Cluster, Host, VirtualMachine
from cloudlab.policy.algorithms import Algorithm, algorithm
from cloudlab.policy.hosts import Fitting, by_preference, candidates, suits
from cloudlab.policy.pools import place_volumes, reaches_volumes
from cloudlab.policy.scene import Avoid, Destination, Scene, Wish


def plan(scene: Scene, vm: VirtualMachine, wish: Wish, avoid: Avoid) -> Destination | None:
    """Return where `vm` should run, `None` if no place will do.

    A host that was asked for is taken without looking at its room: the claim will tell. So
    is, within what it reserves, the host where the VM ran before, whatever the thresholds.
    """
    if wish.zone.id in avoid.zones:
        return None
    rules = algorithm(scene.settings.allocation_algorithm)
    if wish.host is not None and not is_for_ha_hosts(scene, wish):
        return _on(scene, vm, wish.host, rules, wish, avoid=avoid)
    if vm.last_host is not None:
        found = _on_last_host(scene, vm, wish, rules, avoid)
        if found is not None:
            return found
    for cluster in _clusters(scene, vm, wish, rules):
        if avoid.contains(cluster) or not is_open_to(scene, vm, cluster):
            continue
        found = _in_cluster(scene, vm, cluster, rules, wish, avoid=avoid)
        if found is not None:
            return found
    return None


def is_for_ha_hosts(scene: Scene, wish: Wish) -> bool:
    """Return whether only hosts with the HA tag will do, and a host asked for counts nothing."""
    return wish.for_ha and bool(scene.settings.ha_tag)


def considered(scene: Scene, wish: Wish) -> list[Cluster]:
    """Return the clusters of the wished place, in order of row."""
    clusters = scene.ledger.zone_clusters.get(wish.zone.id, [])
    if wish.cluster is not None:
        return [wish.cluster] if wish.cluster in clusters else []
    if wish.pod is not None:
        return [cluster for cluster in clusters if cluster.pod is wish.pod]
    return clusters


def _clusters(scene: Scene, vm: VirtualMachine, wish: Wish, rules: Algorithm) -> list[Cluster]:
    """Return the clusters of the wished place in the order to try them."""
    clusters = considered(scene, wish)
    if len(clusters) < 2:
        return clusters
    if not scene.settings.pods_first:
        return rules.clusters(scene, vm, clusters)
    pods = rules.pods(scene, vm, list(dict.fromkeys(cluster.pod for cluster in clusters)))
    inside = ([cluster for cluster in clusters if cluster.pod is pod] for pod in pods)
    return [cluster for those in inside for cluster in rules.clusters(scene, vm, those)]


def is_open_to(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether `cluster` may take `vm` at all: switched on, right kind, below threshold."""
    return (
        vm.template.runs_on(cluster.hypervisor)
        and is_enabled_for(vm, cluster)
        and not crosses_threshold(scene, vm, cluster)
        and has_address(scene, vm, cluster)
    )


def is_enabled_for(vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether `cluster` and its pod are Enabled, or the owner is a root administrator."""
    return vm.account.is_root_admin or cluster.state is cluster.pod.state is AllocationState.ENABLED


def crosses_threshold(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether `cluster` would be over a disable threshold with `vm` on it."""
    ledger, row, offering = scene.ledger, cluster.row, vm.offering
    total, limit = ledger.cluster_cpu_total[row], scene.cpu_disable(cluster)
    if total == 0:
        return False
    used = total - ledger.cluster_cpu_free[row]
    if (used + offering.vcpu * (offering.cpu_mhz or cluster.mhz)) / total > limit:
        return True
    total, limit = ledger.cluster_ram_total[row], scene.ram_disable(cluster)
    used = total - ledger.cluster_ram_free[row]
    return (used + offering.ram_mib) / total > limit


def has_address(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> bool:
    """Return whether a guest address is left for every NIC of `vm` that needs one there."""
    ranges = cluster.guest_ranges
    missing = 0
    for nic in vm.nics:
        own = nic.network.range
        if own is None:
            missing += nic.range not in ranges
        elif nic.range is None and scene.addresses[own.row].free <= 0:
            return False
    for each in ranges:
        if missing <= 0:
            break
        missing -= scene.addresses[each.row].free
    return missing <= 0


def _in_cluster(
    scene: Scene,
    vm: VirtualMachine,
    cluster: Cluster,
    rules: Algorithm,
    wish: Wish,
    *,
    avoid: Avoid,
) -> Destination | None:
    fitting = candidates(scene, vm, cluster, wish, avoid)
    if len(fitting) == 0:
        return None
    for host in _ordered(scene, vm, cluster, rules, fitting):
        pools = place_volumes(scene, vm, host, rules.pools, avoid)
        if pools is not None and reaches_volumes(vm, host, avoid):
            return Destination(host, pools)
    return None


def _ordered(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, rules: Algorithm, fitting: Fitting
) -> Iterator[Host]:
    """Yield the hosts that fit in the order of the algorithm, preferred ones first."""
    if scene.ledger.is_plain[cluster.row]:
        return rules.hosts(scene, vm, cluster, fitting)
    groups = by_preference(scene, vm, fitting)
    return chain.from_iterable(rules.hosts(scene, vm, cluster, group) for group in groups)


def _on(
    scene: Scene, vm: VirtualMachine, host: Host, rules: Algorithm, wish: Wish, *, avoid: Avoid
) -> Destination | None:
    """Return the place on one host that is up, enabled and inside the wished place."""
    if not _is_inside(host, wish) or not vm.template.runs_on(host.cluster.hypervisor):
        return None
    if host.id in avoid.hosts or avoid.contains(host.cluster) or not host.is_usable:
        return None
    if not reaches_volumes(vm, host, avoid) or not has_address(scene, vm, host.cluster):
        return None
    pools = place_volumes(scene, vm, host, rules.pools, avoid)
    return Destination(host, pools) if pools is not None else None


def _is_inside(host: Host, wish: Wish) -> bool:
    return (
        host.zone is wish.zone
        and wish.pod in (None, host.pod)
        and wish.cluster in (None, host.cluster)
    )


def _on_last_host(
    scene: Scene, vm: VirtualMachine, wish: Wish, rules: Algorithm, avoid: Avoid
) -> Destination | None:
    """Return the place where `vm` ran before, if the host can and may take it again."""
    host = vm.last_host
    assert host is not None  # noqa: S101  (the caller asked only because there is one)
    if not suits(scene, vm, host, wish) or not scene.ledger.fits(vm, host):
        return None
    return _on(scene, vm, host, rules, wish, avoid=avoid)
