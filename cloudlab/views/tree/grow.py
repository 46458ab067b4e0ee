"""The tree grown from a cloud: as deep as it can be without too many nodes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import Cluster, Host, Pod, Record, VirtualMachine, Zone
from cloudlab.units import size_text
from cloudlab.views.places import Level, Place, Spot, above, as_spot, hosts_in
from cloudlab.views.tones import host_state, tone_of
from cloudlab.views.tree.node import Node, Tally, TopologyView

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Share


def topology(cloud: Cloud, focus: Record | None = None, collapse_above: int = 500) -> TopologyView:
    """Return the cloud as a tree that has at most `collapse_above` nodes if that is possible.

    With more, the VMs of each host become a number on it; with still more, the hosts of each
    cluster, then the clusters of each pod. The zones are always there.

    Args:
        cloud: What to show.
        focus: Show only this zone, pod, cluster or host and what is inside; for a VM, its host.
        collapse_above: The largest number of nodes, >= 0.

    Raises:
        InvalidParameter: the focus has no place in the tree, or the number is negative.
    """
    if collapse_above < 0:
        raise InvalidParameter(f"collapse_above is {collapse_above}; allowed: 0 or more")
    spot = _focus(focus)
    roots: list[Spot] = [spot] if spot is not None else list(cloud.inventory.zones)
    crop = _crop(cloud, roots)
    counts = _counts(crop, roots)
    deepest = _deepest(counts, collapse_above)
    return TopologyView(
        name=cloud.name,
        at=cloud.now,
        roots=tuple(_node(cloud, crop, root, deepest) for root in roots),
        path=tuple(map(Place.of, above(spot))) if spot is not None else (),
        deepest=deepest,
        total=sum(counts.values()),
    )


def _focus(focus: Record | None) -> Spot | None:
    """Return what the tree should start with; a VM is seen on its host."""
    if focus is None:
        return None
    spot = as_spot(focus)
    if isinstance(spot, VirtualMachine):
        return spot.host if spot.host is not None else spot.zone
    return spot


@dataclass(frozen=True, slots=True)
class _Crop:
    """Which VMs are where: read once, so that the tree is of one moment."""

    on_host: dict[int, list[VirtualMachine]]
    """By id of the host."""
    idle: dict[int, list[VirtualMachine]]
    """By id of the zone: VMs on no host."""


def _crop(cloud: Cloud, roots: list[Spot]) -> _Crop:
    hosts = {host.id for root in roots for host in hosts_in(root)}
    zones = {root.id for root in roots if isinstance(root, Zone)}
    crop = _Crop({}, {})
    for vm in cloud.inventory.vms:
        if vm.host is None:
            if vm.zone.id in zones:
                crop.idle.setdefault(vm.zone.id, []).append(vm)
        elif vm.host.id in hosts:
            crop.on_host.setdefault(vm.host.id, []).append(vm)
    return crop


def _counts(crop: _Crop, roots: list[Spot]) -> Counter[Level]:
    """Return how many nodes each level has."""
    counts: Counter[Level] = Counter()
    for root in roots:
        counts[Level(root.kind)] += 1
        tally = _tally(crop, root)
        counts.update(
            {
                Level.POD: tally.pods,
                Level.CLUSTER: tally.clusters,
                Level.HOST: tally.hosts if not isinstance(root, Host) else 0,
                Level.VM: tally.vms,
            }
        )
    return counts


def _deepest(counts: Counter[Level], most: int) -> Level:
    """Return the lowest level down to which there are at most `most` nodes."""
    total, deepest = 0, Level.ZONE
    for level in Level:
        total += counts[level]
        if total > most:
            break
        deepest = level
    return max(deepest, _top(counts), key=lambda level: level.depth)


def _top(counts: Counter[Level]) -> Level:
    """Return the level the tree starts with: that is drawn in any case."""
    return next((level for level in Level if counts[level]), Level.ZONE)


def _node(cloud: Cloud, crop: _Crop, spot: Spot, deepest: Level) -> Node:
    level = Level(spot.kind)
    if isinstance(spot, VirtualMachine):
        return _vm(spot)
    deeper = level.depth < deepest.depth
    with_vms = deepest is Level.VM and isinstance(spot, Zone)
    state = host_state(spot) if isinstance(spot, Host) else spot.state.value
    cpu, ram = _load(cloud, spot)
    inside = _inside(crop, spot) if deeper else []
    return Node(
        level=level,
        id=spot.id,
        name=spot.name,
        state=state,
        tone=tone_of(state),
        label=_label(spot),
        cpu=cpu,
        ram=ram,
        tally=_tally(crop, spot),
        children=tuple(_node(cloud, crop, each, deepest) for each in inside),
        idle=tuple(map(_vm, crop.idle.get(spot.id, ()))) if with_vms else (),
    )


def _vm(vm: VirtualMachine) -> Node:
    offering = vm.offering
    label = f"{offering.vcpu} vCPU, {size_text(offering.ram_mib)}"
    return Node(Level.VM, vm.id, vm.name, vm.state.value, tone_of(vm.state), label)


def _inside(crop: _Crop, spot: Zone | Pod | Cluster | Host) -> list[Spot]:
    match spot:
        case Zone():
            return list(spot.pods)
        case Pod():
            return list(spot.clusters)
        case Cluster():
            return list(spot.hosts)
        case Host():
            return list(crop.on_host.get(spot.id, ()))


def _load(cloud: Cloud, spot: Zone | Pod | Cluster | Host) -> tuple[Share, Share]:
    """Return CPU and RAM as the planner counts them: of hosts that are Up and Enabled."""
    alone = isinstance(spot, Host)
    hosts = [host for host in hosts_in(spot) if alone or host.is_usable]
    return cloud.ledger.cpu(*hosts), cloud.ledger.ram(*hosts)


def _tally(crop: _Crop, spot: Spot) -> Tally:
    hosts = hosts_in(spot)
    there = [vm for host in hosts for vm in crop.on_host.get(host.id, ())]
    if isinstance(spot, Zone):
        there += crop.idle.get(spot.id, ())
    states = Counter(vm.state.value for vm in there)
    return Tally(
        pods=len(spot.pods) if isinstance(spot, Zone) else 0,
        clusters=len(spot.clusters) if isinstance(spot, (Zone, Pod)) else 0,
        hosts=len(hosts) if not isinstance(spot, Host) else 0,
        out_of_service=0 if isinstance(spot, Host) else sum(not each.is_usable for each in hosts),
        states=tuple(states.most_common()),
    )


def _label(spot: Zone | Pod | Cluster | Host) -> str:
    match spot:
        case Zone():
            return f"{spot.network_type.value}, {'public' if spot.is_public else 'private'}"
        case Pod():
            return spot.cidr
        case Cluster():
            return f"{spot.hypervisor}{_overcommit(spot)}"
        case Host():
            return f"{spot.cpus} cores x {spot.mhz} MHz, {size_text(spot.ram_mib)}"


def _overcommit(cluster: Cluster) -> str:
    """Return the over-provisioning of `cluster`, if there is any."""
    factors = (("CPU", cluster.cpu_overcommit), ("RAM", cluster.ram_overcommit))
    return "".join(f", {what} x {factor:g}" for what, factor in factors if factor != 1)
