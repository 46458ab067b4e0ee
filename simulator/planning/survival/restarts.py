"""Restarts after a failure as the HA workflow does them, for many failures at once.

VMs restart one after another: host by host in their order in the cluster, on each host the
oldest first. Each is refused when it would lift what is left of the cluster over a disable
threshold; else the placement algorithm chooses among the hosts with room. One that is refused
stays down, and the next has its turn. A failure costs one step a VM, and all failures take
their steps side by side.

Source: CloudStack 4.0 `HighAvailabilityManagerImpl.scheduleRestartForVmsOnHost` for the order;
`FirstFitPlanner.removeClustersCrossingThreshold`, which knows no exemption for restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

_NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Restarted:
    """What became of the VMs of every failure.

    Attributes:
        vm: `(sets, most)` the VMs that fell in the order of their restarts, as rows of the
            scene's VMs; -1 behind the last.
        is_down: `(sets, most)` whether it did not restart.
        is_held: `(sets, most)` whether it found room and only the threshold kept it down.
        free_cpu: `(sets, bins)` CPU free afterwards, MHz; -1 on failed hosts.
        free_ram: `(sets, bins)` RAM free afterwards, MiB; -1 on failed hosts.
        taken_cpu: `(sets,)` CPU allocated on the hosts in service afterwards, MHz.
        taken_ram: `(sets,)` RAM allocated on them, MiB.
    """

    vm: NDArray[np.int64]
    is_down: NDArray[np.bool_]
    is_held: NDArray[np.bool_]
    free_cpu: NDArray[np.int64]
    free_ram: NDArray[np.int64]
    taken_cpu: NDArray[np.int64]
    taken_ram: NDArray[np.int64]

    @property
    def down(self) -> NDArray[np.int64]:
        """How many VMs of every failure did not restart, `(sets,)`."""
        return np.asarray(self.is_down.sum(axis=1))


def restarts(
    scene: Scene, failed: NDArray[np.bool_], draws: NDArray[np.float64] | None = None
) -> Restarted:
    """Return what restarts after every failure.

    Args:
        scene: the cluster.
        failed: `(sets, hosts)` which hosts fail together.
        draws: `(n,)` the random number of every VM; left out: the scene's first.
    """
    queue = _queues(scene, failed)
    order = np.argsort(-(queue != _NOBODY).sum(axis=1), kind="stable")
    books = _Books(scene, failed[order], scene.draws[0] if draws is None else draws)
    down, held = np.zeros(queue.shape, np.bool_), np.zeros(queue.shape, np.bool_)
    for step in range(queue.shape[1]):
        turn = queue[order, step]
        active = int(np.count_nonzero(turn != _NOBODY))
        rows = order[:active]
        down[rows, step], held[rows, step] = books.restart(turn[:active])
    back = np.argsort(order, kind="stable")
    return Restarted(
        vm=queue,
        is_down=down,
        is_held=held,
        free_cpu=books.free_cpu[back],
        free_ram=books.free_ram[back],
        taken_cpu=books.taken_cpu[back],
        taken_ram=books.taken_ram[back],
    )


def _queues(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the VMs of every failure in the order of their restarts, filled up with -1."""
    by_host = np.argsort(scene.vm_host, kind="stable")
    fell = failed[:, scene.vm_host[by_host]]
    lengths = fell.sum(axis=1)
    queue = np.full((len(failed), int(lengths.max(initial=0))), _NOBODY, np.int64)
    row, place = np.nonzero(fell)
    start = np.cumsum(lengths) - lengths
    queue[row, np.arange(len(row)) - start[row]] = by_host[place]
    return queue


class _Books:
    """What is free and what is taken after every failure, while VMs restart."""

    def __init__(self, scene: Scene, failed: NDArray[np.bool_], draws: NDArray[np.float64]) -> None:
        alive, hosts = scene.alive(failed), ~failed
        self._scene, self._draws = scene, draws
        self.free_cpu = np.where(alive, scene.free_cpu, -1)
        self.free_ram = np.where(alive, scene.free_ram, -1)
        self.taken_cpu = hosts @ scene.taken_cpu
        self.taken_ram = hosts @ scene.taken_ram
        self._total_cpu = np.maximum(alive @ scene.usable_cpu, 1)
        self._total_ram = np.maximum(alive @ scene.usable_ram, 1)
        self._seats = self._seats_of(len(failed))

    def _seats_of(self, sets: int) -> NDArray[np.int32] | None:
        """Return the VMs of every account on every bin, `(sets, bins, accounts)`, if they matter.

        VMs of failed hosts are counted there still: nothing restarts on those hosts.
        """
        scene = self._scene
        if scene.hosts_by is not Order.LEAST_OF_ACCOUNT:
            return None
        accounts = int(scene.vm_account.max(initial=-1)) + 1
        seats = np.zeros((scene.bins, accounts), np.int32)
        np.add.at(seats, (scene.vm_host, scene.vm_account), 1)
        return np.repeat(seats[None], sets, axis=0)

    def restart(self, vm: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Restart one VM in each of the first sets; return who stays down, and who is held."""
        scene, size, sets = self._scene, self._scene.vm_size[vm], len(vm)
        cpu, ram = scene.cpu[size], scene.ram[size]
        fits = (self.free_cpu[:sets] >= cpu) & (self.free_ram[:sets] >= ram[:, None])
        fits &= scene.fits[size]
        has_room, is_over = fits.any(axis=1), self._over(scene.asked_cpu[size], ram)
        rows = np.flatnonzero(has_room & ~is_over)
        chosen = self._chosen(fits, vm)[rows]
        self.free_cpu[rows, chosen] -= cpu[rows, chosen]
        self.free_ram[rows, chosen] -= ram[rows]
        self.taken_cpu[rows] += cpu[rows, chosen]
        self.taken_ram[rows] += ram[rows]
        if self._seats is not None:
            self._seats[rows, chosen, scene.vm_account[vm[rows]]] += 1
        return ~has_room | is_over, has_room & is_over

    def _over(self, cpu: NDArray[np.int64], ram: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which clusters the VMs would lift over a disable threshold."""
        scene, sets = self._scene, len(cpu)
        cpu_share = (self.taken_cpu[:sets] + cpu) / self._total_cpu[:sets]
        ram_share = (self.taken_ram[:sets] + ram) / self._total_ram[:sets]
        return np.asarray((cpu_share > scene.cpu_disable) | (ram_share > scene.ram_disable))

    def _chosen(self, fits: NDArray[np.bool_], vm: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the bin that the algorithm takes of those that fit; any where none does."""
        scene, sets = self._scene, len(vm)
        key: NDArray[np.generic] = fits
        if scene.hosts_by is Order.RANDOM:
            wanted = (self._draws[vm] * fits.sum(axis=1)).astype(np.int64)
            key = np.cumsum(fits, axis=1) > wanted[:, None]
        elif self._seats is not None:
            own = self._seats[np.arange(sets), :, scene.vm_account[vm]]
            key = np.where(fits, -own, np.iinfo(np.int32).min)
        elif scene.hosts_by is Order.LEAST_CONSUMED:
            free, usable = (
                (self.free_ram, scene.usable_ram)
                if scene.by_ram
                else (self.free_cpu, scene.usable_cpu)
            )
            key = np.where(fits, free[:sets] / np.maximum(usable, 1), -1.0)
        return np.asarray(key.argmax(axis=1))
