"""Why nobody took the VM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.clusters import over_threshold
from simulator.kernel.compiled.hosts import first_host, need, suits
from simulator.kernel.compiled.jit import compiled
from simulator.placements import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.kernel.compiled.rows import Addresses, Cluster, Free, Host, Request, Settings


@compiled
def refusal(
    settings: Settings,
    request: Request,
    clusters: Sequence[Cluster],
    hosts: Sequence[Host],
    addresses: Addresses,
    free: Free,
    lacked_pool: bool,  # noqa: FBT001  (compiled code takes no keywords)
) -> int:
    """Return the reason: what hindered a host with room, else what the hosts are short of."""
    threshold = False
    for index in range(len(clusters)):
        cluster = clusters[index]
        if first_host(settings, request, cluster, hosts, free) < 0:
            continue
        if over_threshold(request, cluster):
            threshold = True
        elif addresses[cluster.address_pool] <= 0:
            return Reason.ADDRESS
    if lacked_pool:
        return Reason.STORAGE
    if threshold:
        return Reason.THRESHOLD
    return _shortage(request, hosts, free)


@compiled
def _shortage(request: Request, hosts: Sequence[Host], free: Free) -> int:
    """Return what the hosts that could hold the VM when empty are short of."""
    possible, cpu_only, ram_only = False, False, False
    for index in range(len(hosts)):
        host = hosts[index]
        cpu = need(request, host)
        if host.cpu < cpu or host.ram < request.ram or not suits(request, host):
            continue
        possible = True
        short_of_cpu = free[host.leaf, 0] < cpu
        short_of_ram = free[host.leaf, 1] < request.ram
        cpu_only |= short_of_cpu and not short_of_ram
        ram_only |= short_of_ram and not short_of_cpu
        if cpu_only and ram_only:
            break
    if not possible:
        return Reason.SIZE
    if cpu_only == ram_only:
        return Reason.CPU_AND_RAM
    return Reason.CPU if cpu_only else Reason.RAM
