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
        fitting = _preferred(scene, vm, fitting)
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
    if offering.cpu_mhz and offering.cpu_mhz > min(speeds):
        mask &= ledger.mhz[rows] >= offering.cpu_mhz
    return mask


def suits(scene: Scene, vm: VirtualMachine, host: Host, wish: Wish) -> bool:
    """Return whether tags, limits and abilities of `host` allow `vm`, whatever room it has."""
    ha_tag = scene.settings.ha_tag
    asked = {tag for tag in (vm.offering.host_tag, vm.template.host_tag) if tag}
    if not asked <= host.tags:
        return False
    if ha_tag and wish.for_ha and ha_tag not in host.tags:
        return False
    if ha_tag and not wish.for_ha and ha_tag in host.tags and ha_tag not in asked:
        return False
    if host.max_guests is not None and len(scene.ledger.guests[host.row]) >= host.max_guests:
        return False
    return host.has_hvm or not (vm.template.requires_hvm and scene.settings.check_hvm)


def _kept(fitting: Fitting, keep: list[bool]) -> Fitting:
    chosen: Fitting = fitting[np.array(keep, dtype=np.bool_)]
    return chosen


def _preferred(scene: Scene, vm: VirtualMachine, fitting: Fitting) -> Fitting:
    """Return `fitting` with hosts for the guest's OS and abilities first, others' last."""

    def rank(row: int) -> tuple[bool, int]:
        host = scene.ledger.hosts[row]
        wastes_hvm = host.has_hvm and not vm.template.requires_hvm
        category = host.guest_os_category
        if category is None:
            return wastes_hvm, 1
        return wastes_hvm, 0 if category in vm.template.guest_os else 2

    return np.array(sorted(fitting.tolist(), key=rank), dtype=np.intp)


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
