"""Which host of a cluster takes the VM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.draws import draw
from simulator.kernel.compiled.jit import compiled
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.kernel.compiled.rows import Cluster, Counts, Free, Host, Marks, Request, Settings


@compiled
def need(request: Request, host: Host) -> int:
    """Return the MHz that the VM takes of the host."""
    return request.vcpu * (request.mhz if request.mhz > 0 else host.mhz)


@compiled
def suits(request: Request, host: Host) -> bool:
    """Tell whether the host has cores enough, each fast enough."""
    return host.cores >= request.vcpu and host.mhz >= request.mhz


@compiled
def _fits(request: Request, host: Host, free: Free) -> bool:
    """Tell whether the host can take the VM now."""
    return (
        free[host.leaf, 1] >= request.ram
        and free[host.leaf, 0] >= need(request, host)
        and suits(request, host)
    )


@compiled
def _least_need(request: Request, cluster: Cluster) -> int:
    """Return the MHz that the VM takes of the cluster's slowest host."""
    return request.vcpu * (request.mhz if request.mhz > 0 else cluster.least_mhz)


@compiled
def first_host(
    settings: Settings,
    request: Request,
    cluster: Cluster,
    hosts: Sequence[Host],
    free: Free,
) -> int:
    """Return the host of lowest index in the cluster that fits, or -1."""
    cpu, ram = float(_least_need(request, cluster)), float(request.ram)
    both = min(cpu * settings.ram_per_mhz, ram)
    tree, width = cluster.tree, cluster.width
    node = 1
    while node:
        row = tree + node
        if free[row, 0] >= cpu and free[row, 1] >= ram and free[row, 2] >= both:
            if node < width:
                node *= 2
                continue
            host = cluster.first_host + node - width
            if _fits(request, hosts[host], free):
                return host
        while node & 1:  # a right child, or the root: all below its parent is done
            node >>= 1
        if node:
            node += 1
    return -1


@compiled
def may_fit(settings: Settings, request: Request, cluster: Cluster, free: Free) -> bool:
    """Tell whether the most that is free in the cluster leaves the VM a chance."""
    cpu, ram = float(_least_need(request, cluster)), float(request.ram)
    both, root = min(cpu * settings.ram_per_mhz, ram), cluster.tree + 1
    return bool(free[root, 0] >= cpu and free[root, 1] >= ram and free[root, 2] >= both)


@compiled
def _takes_the_same(request: Request, cluster: Cluster) -> bool:
    """Tell whether the VM suits every host of the cluster and takes the same of each."""
    return (
        cluster.least_cores >= request.vcpu
        and cluster.least_mhz >= request.mhz
        and (request.mhz > 0 or cluster.least_mhz == cluster.most_mhz)
    )


@compiled
def _mark_fitting(
    request: Request,
    cluster: Cluster,
    hosts: Sequence[Host],
    free: Free,
    fits: Marks,
) -> int:
    """Mark which of the cluster's hosts can take the VM now; return how many.

    Hosts that are alike are compared eight at a time by the processor: the loop has no
    branch and looks at nothing but the leaves.
    """
    count, fitting = cluster.end_host - cluster.first_host, 0
    if _takes_the_same(request, cluster):
        leaves = free[cluster.tree + cluster.width :]
        cpu, ram = float(_least_need(request, cluster)), float(request.ram)
        for place in range(count):
            fits[place] = (leaves[place, 0] >= cpu) & (leaves[place, 1] >= ram)
            fitting += fits[place]
        return fitting
    for place in range(count):
        fits[place] = _fits(request, hosts[cluster.first_host + place], free)
        fitting += fits[place]
    return fitting


@compiled
def _random_place(
    settings: Settings, number: int, cluster: Cluster, fitting: int, fits: Marks
) -> int:
    """Return one of the `fitting` marked places, all equally likely."""
    before = int(draw(settings.seed, number, 2 * cluster.number) * fitting)
    place = 0
    while before > 0 or not fits[place]:
        before -= fits[place]
        place += 1
    return place


@compiled
def _least_of_account(
    request: Request, cluster: Cluster, fits: Marks, counts: Counts, seat: int
) -> int:
    """Return the marked place with the fewest VMs of the account, ties by index."""
    best, fewest = -1, 0
    for place in range(cluster.end_host - cluster.first_host):
        running = counts[request.account, seat + place]
        if fits[place] and (best < 0 or running < fewest):
            best, fewest = place, running
    return best


@compiled
def _least_consumed(
    settings: Settings, cluster: Cluster, hosts: Sequence[Host], free: Free, fits: Marks
) -> int:
    """Return the marked place with the largest free share, ties by index."""
    best, largest = -1, -1.0
    for place in range(cluster.end_host - cluster.first_host):
        if not fits[place]:
            continue
        host = hosts[cluster.first_host + place]
        usable = host.ram if settings.by_ram else host.cpu
        share = free[host.leaf, settings.by_ram] / usable  # column 1 is RAM
        if share > largest:
            best, largest = place, share
    return best


@compiled
def choose_host(
    settings: Settings,
    number: int,
    request: Request,
    cluster: Cluster,
    hosts: Sequence[Host],
    free: Free,
    fits: Marks,
    counts: Counts,
) -> int:
    """Return the host of the cluster that the algorithm takes, -1 when none fits.

    `fits` is room to write to, one mark for every host of the largest cluster.
    """
    if settings.hosts == Order.INDEX:
        return first_host(settings, request, cluster, hosts, free)
    fitting = _mark_fitting(request, cluster, hosts, free, fits)
    if fitting == 0:
        return -1
    if settings.hosts == Order.RANDOM:
        place = _random_place(settings, number, cluster, fitting, fits)
    elif settings.hosts == Order.LEAST_OF_ACCOUNT:
        seat = hosts[cluster.first_host].seat
        place = _least_of_account(request, cluster, fits, counts, seat)
    else:
        place = _least_consumed(settings, cluster, hosts, free, fits)
    return cluster.first_host + place
