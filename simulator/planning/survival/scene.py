"""The VMs of one cluster at one moment, counted by size on every host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.streams import draw
from simulator.kernel.tables import Order, choice_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet, HostKind
    from simulator.placements import Placements, Rules
    from simulator.planning.site import Site
    from simulator.workload import Demand

DRAWS: Final = 5
"""Where placement is random, restarts are played with so many draws, and each must succeed."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What has to restart when hosts fail, and where it may.

    H hosts with VMs on them, then spare hosts, are B bins; VMs come in T sizes. Where `ha.tag`
    is set nothing restarts on the H hosts: nothing is free on them.

    Attributes:
        at_s: the moment, seconds from time 0.
        vcpu: `(T,)` virtual CPUs of every size.
        cpu: `(T, B)` CPU that a VM of the size takes on the bin, MHz.
        ram: `(T,)` its memory, MiB.
        fits: `(T, B)` whether the bin's cores are enough and fast enough.
        counts: `(H, T)` VMs of every size on every host.
        asked_cpu: `(T,)` CPU by which a VM of the size is judged at the threshold, MHz.
        takes: `(B,)` whether anything restarts there.
        free_cpu: `(B,)` CPU free for restarts on every bin, MHz.
        free_ram: `(B,)` RAM free for restarts on every bin, MiB.
        usable_cpu: `(B,)` CPU that every bin may promise, MHz.
        usable_ram: `(B,)` RAM that every bin may promise, MiB.
        cpu_disable: share of the CPU of hosts in service above which nothing restarts; inf: off.
        ram_disable: the same for RAM.
        vm: `(n,)` the requests that run there, in order of arrival.
        vm_host: `(n,)` the host of each, counted inside the cluster.
        vm_size: `(n,)` its size.
        vm_account: `(n,)` its account, counted inside the cluster.
        hosts_by: how the algorithm chooses among hosts that fit.
        by_ram: whether shares of hosts are of RAM, else of CPU.
        draws: `(draws, n)` the random number of every VM, in [0, 1); no rows that matter where
            nothing is drawn.
    """

    at_s: float
    vcpu: NDArray[np.int64]
    cpu: NDArray[np.int64]
    ram: NDArray[np.int64]
    fits: NDArray[np.bool_]
    counts: NDArray[np.int64]
    asked_cpu: NDArray[np.int64]
    takes: NDArray[np.bool_]
    free_cpu: NDArray[np.int64]
    free_ram: NDArray[np.int64]
    usable_cpu: NDArray[np.int64]
    usable_ram: NDArray[np.int64]
    cpu_disable: float
    ram_disable: float
    vm: NDArray[np.int64]
    vm_host: NDArray[np.int64]
    vm_size: NDArray[np.int64]
    vm_account: NDArray[np.int64]
    hosts_by: Order
    by_ram: bool
    draws: NDArray[np.float64]

    @property
    def hosts(self) -> int:
        """How many hosts can fail."""
        return len(self.counts)

    @property
    def bins(self) -> int:
        """How many hosts VMs can restart on, before any fails."""
        return len(self.free_ram)

    @property
    def taken_cpu(self) -> NDArray[np.int64]:
        """CPU allocated on every host, `(H,)` MHz."""
        return np.asarray(np.sum(self.counts * self.cpu[:, : self.hosts].T, axis=1))

    @property
    def taken_ram(self) -> NDArray[np.int64]:
        """RAM allocated on every host, `(H,)` MiB."""
        return np.asarray(self.counts @ self.ram)

    def alive(self, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which bins are in service after the failures `(sets, hosts)`, `(sets, bins)`."""
        alive = np.ones((len(failed), self.bins), np.bool_)
        alive[:, : self.hosts] = ~failed
        return alive

    def slots(
        self, size: int, free_cpu: NDArray[np.int64], free_ram: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return how many VMs of `size` every bin has room for, in the shape of `free_cpu`."""
        slots = np.minimum(free_cpu // self.cpu[size], free_ram // self.ram[size])
        return np.where(self.fits[size], np.maximum(slots, 0), 0)


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
    kinds += [spare.kind for spare in fleet.spares if spare.cluster == cluster]
    size, row = _sizes(demand, vm)
    cpu, fits = _on_kinds(size, kinds)
    counts = np.zeros((end - begin, len(size)), np.int64)
    np.add.at(counts, (host, row), 1)
    usable_cpu, usable_ram = _usable(fleet, cluster, kinds)
    taken_cpu = np.bincount(host, cpu[row, host], minlength=len(kinds)).astype(np.int64)
    taken_ram = np.bincount(host, size[row, 2], minlength=len(kinds)).astype(np.int64)
    takes = np.ones(len(kinds), np.bool_)
    takes[: end - begin] = not site.restarts_on_spares
    choice = choice_of(site.rules)
    return Scene(
        at_s=at_s,
        vcpu=size[:, 0],
        cpu=cpu,
        ram=size[:, 2],
        fits=fits,
        counts=counts,
        asked_cpu=size[:, 0] * np.where(size[:, 1] > 0, size[:, 1], fleet.first_mhz[cluster]),
        takes=takes,
        free_cpu=np.where(takes, usable_cpu - taken_cpu, 0),
        free_ram=np.where(takes, usable_ram - taken_ram, 0),
        usable_cpu=usable_cpu,
        usable_ram=usable_ram,
        cpu_disable=float(fleet.cpu_disable[cluster]),
        ram_disable=float(fleet.ram_disable[cluster]),
        vm=vm,
        vm_host=host,
        vm_size=row,
        vm_account=np.unique(demand.tenant[vm], return_inverse=True)[1].reshape(-1),
        hosts_by=Order(choice.hosts),
        by_ram=choice.by_ram,
        draws=_draws(site.rules, Order(choice.hosts), cluster, vm),
    )


def _draws(
    rules: Rules, hosts_by: Order, cluster: int, vm: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the numbers by which hosts are chosen, `(draws, n)`, those of the seed first."""
    if hosts_by is not Order.RANDOM:
        return np.zeros((1, len(vm)))
    seeds = range(rules.seed, rules.seed + DRAWS)
    rows = [[draw(seed, number, 2 * cluster) for number in vm.tolist()] for seed in seeds]
    return np.array(rows, np.float64).reshape(DRAWS, len(vm))


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
