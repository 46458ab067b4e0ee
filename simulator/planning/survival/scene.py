"""The VMs of one cluster at one moment, counted by size on every host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet, HostKind
    from simulator.placements import Placements
    from simulator.planning.site import Site
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What has to restart when hosts fail, and where it could.

    H hosts with VMs on them, then spare hosts, are B bins; VMs come in T sizes.

    Attributes:
        at_s: the moment, seconds from time 0.
        vcpu: `(T,)` virtual CPUs of every size.
        cpu: `(T, B)` CPU that a VM of the size takes on the bin, MHz.
        ram: `(T,)` its memory, MiB.
        fits: `(T, B)` whether the bin's cores are enough and fast enough.
        counts: `(H, T)` VMs of every size on every host.
        pinned: `(H,)` VMs whose disk is lost with their host; they are not in `counts`.
        free_cpu: `(B,)` CPU free on every bin, MHz.
        free_ram: `(B,)` RAM free on every bin, MiB.
        vm: `(n,)` the requests that run there, in order of arrival.
        vm_host: `(n,)` the host of each, counted inside the cluster.
        vm_size: `(n,)` its size; -1 for a pinned VM.
    """

    at_s: float
    vcpu: NDArray[np.int64]
    cpu: NDArray[np.int64]
    ram: NDArray[np.int64]
    fits: NDArray[np.bool_]
    counts: NDArray[np.int64]
    pinned: NDArray[np.int64]
    free_cpu: NDArray[np.int64]
    free_ram: NDArray[np.int64]
    vm: NDArray[np.int64]
    vm_host: NDArray[np.int64]
    vm_size: NDArray[np.int64]

    @property
    def hosts(self) -> int:
        """How many hosts can fail."""
        return len(self.counts)

    @property
    def bins(self) -> int:
        """How many hosts VMs can restart on, before any fails."""
        return len(self.free_ram)


def scene_of(
    site: Site, demand: Demand, placements: Placements, cluster: int, at_s: float
) -> Scene:
    """Return the VMs of `cluster` at `at_s`, departures of that instant gone."""
    fleet = site.fleet
    begin, end = (int(edge) for edge in fleet.cluster_start[cluster : cluster + 2])
    running = placements.vms_at(at_s)
    host = placements.host[running].astype(np.int64) - begin
    own = (host >= 0) & (host < end - begin)
    vm, host = running[own], host[own]
    kinds = [fleet.kind_of(at) for at in range(begin, end)]
    kinds += [spare.kind for spare in site.spares if spare.cluster == cluster]
    size, row = _sizes(demand, vm)
    cpu, fits = _on_kinds(size, kinds)
    pinned = np.isin(placements.pool[vm], list(site.local_pools))
    counts = np.zeros((end - begin, len(size)), np.int64)
    np.add.at(counts, (host[~pinned], row[~pinned]), 1)
    usable_cpu, usable_ram = _usable(fleet, cluster, kinds)
    taken_cpu = np.bincount(host, cpu[row, host], minlength=len(kinds))
    taken_ram = np.bincount(host, size[row, 2], minlength=len(kinds))
    return Scene(
        at_s=at_s,
        vcpu=size[:, 0],
        cpu=cpu,
        ram=size[:, 2],
        fits=fits,
        counts=counts,
        pinned=np.bincount(host[pinned], minlength=end - begin),
        free_cpu=usable_cpu - taken_cpu.astype(np.int64),
        free_ram=usable_ram - taken_ram.astype(np.int64),
        vm=vm,
        vm_host=host,
        vm_size=np.where(pinned, -1, row),
    )


def _sizes(demand: Demand, vm: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sizes there are, `(T, 3)` vCPU, MHz and MiB, and the size of every VM."""
    columns = (demand.vcpu[vm], demand.cpu_mhz[vm], demand.ram_mib[vm])
    size, row = np.unique(np.stack(columns, axis=1).astype(np.int64), axis=0, return_inverse=True)
    return size.reshape(-1, 3), row.reshape(-1)


def _on_kinds(
    size: NDArray[np.int64], kinds: list[HostKind]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the MHz that every size takes on every bin, and whether the bin's cores suffice."""
    cores = np.array([kind.cores for kind in kinds], np.int64)
    mhz = np.array([kind.mhz for kind in kinds], np.int64)
    vcpu, speed = size[:, :1], size[:, 1:2]
    return vcpu * np.where(speed > 0, speed, mhz), (vcpu <= cores) & (speed <= mhz)


def _usable(
    fleet: Fleet, cluster: int, kinds: list[HostKind]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what every bin may promise, over-provisioned: MHz and MiB."""
    cpu = np.array([kind.cores * kind.mhz for kind in kinds], np.float64)
    ram = np.array([kind.ram_mib for kind in kinds], np.float64)
    factors = float(fleet.cpu_factor[cluster]), float(fleet.ram_factor[cluster])
    return np.floor(cpu * factors[0]).astype(np.int64), np.floor(ram * factors[1]).astype(np.int64)
