"""Which VMs would not restart, and what each of them lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import size_text
from simulator.planning.survival.record import Left, Worst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.planning.site import Site
    from simulator.planning.survival.scene import Scene
    from simulator.planning.survival.verdict import Broken
    from simulator.workload import Demand

LOST_DISK = "its disk is on a local disk of the failed host"


def worst_of(site: Site, demand: Demand, scene: Scene, cluster: int, broken: Broken) -> Worst:
    """Return the failure `broken` with names: hosts, VMs and what they lack."""
    begin = int(site.fleet.cluster_start[cluster])
    names = site.fleet.host_names[begin : begin + scene.hosts]
    return Worst(
        failed=tuple(names[host] for host in np.flatnonzero(broken.failed)),
        at_s=scene.at_s,
        vms=int(np.count_nonzero(broken.failed[scene.vm_host])),
        left=tuple(_left(demand, scene, names, broken)),
        proof=broken.proof,
    )


def _left(demand: Demand, scene: Scene, names: tuple[str, ...], broken: Broken) -> Iterator[Left]:
    """Yield the VMs left behind in order of arrival; of equal ones the latest are left."""
    on_failed = np.flatnonzero(broken.failed[scene.vm_host])
    rows = on_failed[scene.vm_size[on_failed] < 0].tolist()
    for size in np.flatnonzero(broken.packed.left[0]).tolist():
        alike = on_failed[scene.vm_size[on_failed] == size]
        rows += alike[-int(broken.packed.left[0, size]) :].tolist()
    reasons = {
        size: _why(scene, broken, size) for size in {int(scene.vm_size[row]) for row in rows}
    }
    for row in sorted(rows):
        vm = int(scene.vm[row])
        yield Left(
            id=demand.id_of(vm),
            vcpu=int(demand.vcpu[vm]),
            ram_mib=int(demand.ram_mib[vm]),
            host=names[scene.vm_host[row]],
            why=reasons[int(scene.vm_size[row])],
        )


def _why(scene: Scene, broken: Broken, size: int) -> str:
    """Return what a VM of `size` lacks once the others are placed."""
    if size < 0:
        return LOST_DISK
    alive = np.ones(scene.bins, np.bool_)
    alive[: scene.hosts] = ~broken.failed
    usable = alive & scene.fits[size]
    if not usable.any():
        return "no other host has cores enough, or fast enough"
    cpu, ram = broken.packed.free_cpu[0, usable], broken.packed.free_ram[0, usable]
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
