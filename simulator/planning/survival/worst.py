"""Which VMs would not restart, and what each of them lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import size_text
from simulator.planning.survival.packable import proof_of
from simulator.planning.survival.record import Left, Worst
from simulator.planning.survival.restarts import restarts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.planning.site import Site
    from simulator.planning.survival.scene import Scene
    from simulator.planning.survival.verdict import Broken
    from simulator.workload import Demand


def worst_of(site: Site, demand: Demand, scene: Scene, cluster: int, broken: Broken) -> Worst:
    """Return the failure `broken` with names: hosts, VMs and what they lack."""
    begin = int(site.fleet.cluster_start[cluster])
    names = site.fleet.host_names[begin : begin + scene.hosts]
    return Worst(
        failed=tuple(names[host] for host in np.flatnonzero(broken.failed)),
        at_s=scene.at_s,
        vms=int(np.count_nonzero(broken.failed[scene.vm_host])),
        left=tuple(_left(demand, scene, names, broken)),
        held=_held(scene, broken),
        proof=proof_of(scene, broken.failed),
    )


def _held(scene: Scene, broken: Broken) -> int:
    """Return how many VMs more would restart if thresholds were off."""
    free = replace(scene, cpu_disable=np.inf, ram_disable=np.inf)
    down = restarts(free, broken.failed[None], broken.draws).down[0]
    return max(broken.vms_left - int(down), 0)


def _left(demand: Demand, scene: Scene, names: tuple[str, ...], broken: Broken) -> Iterator[Left]:
    """Yield the VMs left behind in order of arrival."""
    found = broken.restarted
    down = found.is_down[0]
    held = dict(zip(found.vm[0, down].tolist(), found.is_held[0, down].tolist(), strict=True))
    reasons: dict[tuple[int, bool], str] = {}
    for row in sorted(held):
        vm, kind = int(scene.vm[row]), (int(scene.vm_size[row]), held[row])
        if kind not in reasons:
            why = _held_back if held[row] else _lacks
            reasons[kind] = why(scene, broken, kind[0])
        yield Left(
            id=demand.id_of(vm),
            vcpu=int(demand.vcpu[vm]),
            ram_mib=int(demand.ram_mib[vm]),
            host=names[scene.vm_host[row]],
            why=reasons[kind],
            is_held=held[row],
        )


def _held_back(scene: Scene, broken: Broken, size: int) -> str:
    """Return over which thresholds a VM of `size` would lift the cluster."""
    alive, found = scene.alive(broken.failed[None])[0], broken.restarted
    shares = (
        ("CPU", found.taken_cpu, scene.asked_cpu, scene.usable_cpu, scene.cpu_disable),
        ("RAM", found.taken_ram, scene.ram, scene.usable_ram, scene.ram_disable),
    )
    over = []
    for name, taken, asked, usable, threshold in shares:
        share = int(taken[0] + asked[size]) / max(int(usable[alive].sum()), 1)
        if share > threshold:
            allowed = f"{100 * threshold:g} % may be"
            over.append(f"{100 * share:.1f} % of the {name} would be allocated, {allowed}")
    return "room is there, the disable threshold holds it back: " + " and ".join(over)


def _lacks(scene: Scene, broken: Broken, size: int) -> str:
    """Return what a VM of `size` lacks once the others are placed."""
    alive = scene.alive(broken.failed[None])[0]
    usable = alive & scene.fits[size] & scene.takes
    if not usable.any():
        if not (alive & scene.takes).any():
            return "there is no spare host to restart on"
        return "no other host has cores enough, or fast enough"
    cpu, ram = broken.restarted.free_cpu[0, usable], broken.restarted.free_ram[0, usable]
    need_cpu, need_ram = int(scene.cpu[size, usable].min()), int(scene.ram[size])
    lacks = []
    if need_cpu > cpu.max():
        lacks.append(f"needs {need_cpu:,} MHz; no other host has more than {cpu.max():,} MHz free")
    if need_ram > ram.max():
        lacks.append(
            f"needs {size_text(need_ram)} of RAM; no other host has more than "
            f"{size_text(int(ram.max()))} free"
        )
    return "; ".join(lacks) or "no other host has CPU and RAM for it at the same time"
