"""Which hosts of a cluster can take a VM, and in which order they are tried.

Source: CloudStack 4.0 `FirstFitRoutingAllocator` (the name of every host allocator).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from cloudlab.model import Cluster, Host, VirtualMachine
from cloudlab.policy.scene import Avoid, Scene, Wish

Fitting = NDArray[np.intp]
"""Ledger rows of the hosts that fit, ascending."""

HostOrder = Callable[[Scene, VirtualMachine, Cluster, Fitting], Iterator[Host]]


def candidates(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, wish: Wish, avoid: Avoid
) -> Fitting:
    """Return the hosts of `cluster` that can take `vm` now, as ledger rows, ascending."""
    ledger, rows = scene.ledger, scene.ledger.cluster_rows[cluster.row]
    fitting: Fitting = has_room(scene, vm, cluster).nonzero()[0]
    fitting = fitting + rows.start if isinstance(rows, slice) else rows[fitting]
    if avoid.hosts:
        fitting = _kept(fitting, [ledger.hosts[row].id not in avoid.hosts for row in fitting])
    needs_tag = vm.offering.host_tag or vm.template.host_tag
    if not ledger.is_plain[cluster.row] or needs_tag or wish.for_ha:
        hosts = [ledger.hosts[row] for row in fitting]
        fitting = _kept(fitting, [suits(scene, vm, host, wish) for host in hosts])
    return fitting


def has_room(scene: Scene, vm: VirtualMachine, cluster: Cluster) -> NDArray[np.bool_]:
    """Return, for each host of `cluster`, whether it is open and has what `vm` needs.

    That is cores, their speed, free CPU and free RAM. Questions to which the answer is the
    same for every host are asked once: with 100 hosts that takes 3 of 8 us.
    """
    ledger, offering, row = scene.ledger, vm.offering, cluster.row
    rows, speeds = ledger.cluster_rows[row], ledger.speeds[row]
    mhz = offering.cpu_mhz or (next(iter(speeds)) if len(speeds) == 1 else ledger.mhz[rows])
    mask: NDArray[np.bool_] = ledger.cpu_free[rows] >= offering.vcpu * mhz
    mask &= ledger.ram_free[rows] >= offering.ram_mib
    if ledger.closed[row]:
        mask &= ledger.is_open[rows]
    if offering.vcpu > ledger.least_cores[row]:
        mask &= ledger.cores[rows] >= offering.vcpu
    if offering.cpu_mhz and offering.cpu_mhz > min(speeds, default=0):
        mask &= ledger.mhz[rows] >= offering.cpu_mhz
    return mask


def suits(scene: Scene, vm: VirtualMachine, host: Host, wish: Wish) -> bool:
    """Return whether tags, abilities and guests of `host` allow `vm`, whatever room it has."""
    return is_meant_for(scene, vm, host, wish) and has_seat(scene, host)


def is_meant_for(scene: Scene, vm: VirtualMachine, host: Host, wish: Wish) -> bool:
    """Return whether `host` has the tags and abilities that `vm` asks for.

    Hosts with the tag `ha.tag` are for restarts after a failure, and those go nowhere else,
    whatever tags were asked for. Other VMs get such a host only if it carries a tag they ask for.
    """
    ha_tag = scene.settings.ha_tag
    asked = {tag for tag in (vm.offering.host_tag, vm.template.host_tag) if tag}
    if ha_tag and wish.for_ha:
        is_tagged = ha_tag in host.tags
    elif asked:
        is_tagged = asked <= host.tags
    else:
        is_tagged = ha_tag not in host.tags
    hvm_counts = vm.template.requires_hvm and scene.settings.check_hvm
    return is_tagged and (host.has_hvm or not hvm_counts)


def has_seat(scene: Scene, host: Host) -> bool:
    """Return whether `host` runs fewer guests than its hypervisor may."""
    return host.max_guests is None or len(scene.ledger.guests[host.row]) < host.max_guests


def _kept(fitting: Fitting, keep: list[bool]) -> Fitting:
    chosen: Fitting = fitting[np.array(keep, dtype=np.bool_)]
    return chosen


def by_preference(scene: Scene, vm: VirtualMachine, fitting: Fitting) -> list[Fitting]:
    """Return `fitting` in groups: those to try before others come first.

    Hosts kept for the guest's category of operating systems come before hosts kept for none,
    and those before hosts kept for another. Among hosts kept for none, a guest that needs no
    HVM goes to those without it first.

    Source: CloudStack 4.0 `FirstFitAllocator.prioritizeHosts`.
    """

    def rank(row: int) -> tuple[int, bool]:
        host = scene.ledger.hosts[row]
        category = host.guest_os_category
        if category is None:
            return 1, host.has_hvm and not vm.template.requires_hvm
        return (0 if _is_of(category, vm.template.guest_os) else 2), False

    groups: dict[tuple[int, bool], list[int]] = {}
    for row in fitting.tolist():
        groups.setdefault(rank(row), []).append(row)
    return [np.array(groups[each], dtype=np.intp) for each in sorted(groups)]


def _is_of(category: str, guest_os: str) -> bool:
    """Return whether a guest OS is of `category`: `CentOS 6 (64-bit)` is of `CentOS`."""
    return category.replace(" ", "").lower() in guest_os.replace(" ", "").lower()


def in_order_of_id(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, fitting: Fitting
) -> Iterator[Host]:
    """Yield the hosts as they come: first fit."""
    del vm, cluster
    return (scene.ledger.hosts[row] for row in fitting)


def one_at_random(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, fitting: Fitting
) -> Iterator[Host]:
    """Yield the hosts beginning with one drawn at random.

    The first of a shuffled list that fits is a uniform draw among those that fit; hosts
    after the first are only asked when the first cannot reach a pool.
    """
    hosts = scene.ledger.hosts
    if len(fitting) == 0:
        return
    first = int(scene.draw(vm, 2 * cluster.row) * len(fitting))
    for place in range(len(fitting)):
        yield hosts[fitting[(first + place) % len(fitting)]]


def fewest_of_account(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, fitting: Fitting
) -> Iterator[Host]:
    """Yield the hosts with fewest VMs of the account first; ties in order of row."""
    del cluster
    counts = Counter(scene.ledger.places.get(vm.account.id, {}).values())
    order = sorted(fitting.tolist(), key=counts.__getitem__)
    return (scene.ledger.hosts[row] for row in order)


def least_consumed(
    scene: Scene, vm: VirtualMachine, cluster: Cluster, fitting: Fitting
) -> Iterator[Host]:
    """Yield the hosts with the largest free share first; ties in order of row."""
    del vm, cluster
    ledger = scene.ledger
    if scene.settings.order_clusters_by == "CPU":
        share = ledger.cpu_free[fitting] / ledger.cpu_total[fitting]
    else:
        share = ledger.ram_free[fitting] / ledger.ram_total[fitting]
    return (ledger.hosts[row] for row in fitting[np.argsort(-share, kind="stable")])
