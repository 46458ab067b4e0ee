"""Packing the VMs of failed hosts into the others, for many failures at once.

VMs of one size are placed together, which gives exactly what placing them one after another
would: the first host that has room takes as many as fit, then the next. So a failure costs one
pass over the hosts for every size, and all failures are packed by the same passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.survival.bounds import allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene


class Filling(Enum):
    """Which hosts take the VMs of one size."""

    FIRST = auto()
    """First fit: each host takes all it has room for, then the next in index order."""
    SPREAD = auto()
    """Each in proportion to how many it has room for. This mixes VMs that are rich in RAM
    with VMs that are rich in CPU on one host, where first fit would keep them apart."""
    TIGHTEST = auto()
    """Best fit: the host with least room first, CPU and RAM as shares of the roomiest."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What became of the VMs of every failure.

    Attributes:
        left: `(sets, sizes)` VMs that were not placed.
        free_cpu: `(sets, bins)` CPU free afterwards, MHz; 0 on failed hosts.
        free_ram: `(sets, bins)` RAM free afterwards, MiB.
    """

    left: NDArray[np.int64]
    free_cpu: NDArray[np.int64]
    free_ram: NDArray[np.int64]

    @property
    def vms_left(self) -> NDArray[np.int64]:
        """How many VMs of every failure were not placed, `(sets,)`."""
        return np.asarray(self.left.sum(axis=1))


def pack(scene: Scene, failed: NDArray[np.bool_]) -> Packed:
    """Return the best packing that any of the heuristics finds for every failure.

    They are first fit, spreading and best fit (see `Filling`), each with the VMs in decreasing
    order of their dominant share, of RAM and of CPU. A later one only packs again what the
    earlier ones did not place.

    Args:
        scene: the cluster.
        failed: `(sets, hosts)` which hosts fail together.
    """
    need = failed.astype(np.int64) @ scene.counts
    alive, most = scene.alive(failed), allowed(scene, failed)
    best = Packed(need.copy(), alive * scene.free_cpu, alive * scene.free_ram)
    open_rows = np.flatnonzero(need.any(axis=1))
    for how in _heuristics(scene):
        room = most[0][open_rows], most[1][open_rows]
        tried = _packed(scene, need[open_rows], alive[open_rows], room, how)
        better = tried.vms_left < best.vms_left[open_rows]
        _keep(best, open_rows[better], tried, better)
        open_rows = open_rows[tried.vms_left > 0]
        if not len(open_rows):
            break
    return best


def _keep(best: Packed, rows: NDArray[np.intp], tried: Packed, better: NDArray[np.bool_]) -> None:
    best.left[rows] = tried.left[better]
    best.free_cpu[rows] = tried.free_cpu[better]
    best.free_ram[rows] = tried.free_ram[better]


def _heuristics(scene: Scene) -> Iterator[tuple[NDArray[np.intp], Filling]]:
    """Yield orders of sizes, and how the hosts are filled."""
    cpu = scene.cpu.min(axis=1, initial=np.iinfo(np.int64).max)
    shares = cpu / max(scene.free_cpu.sum(), 1), scene.ram / max(scene.free_ram.sum(), 1)
    worths = (np.maximum(*shares), scene.ram, cpu)
    for filling in Filling:
        for worth in worths:
            yield np.argsort(-worth, kind="stable"), filling


def _packed(
    scene: Scene,
    need: NDArray[np.int64],
    alive: NDArray[np.bool_],
    room: tuple[NDArray[np.int64], NDArray[np.int64]],
    how: tuple[NDArray[np.intp], Filling],
) -> Packed:
    """Return one packing; thresholds let no more than `room`, MHz and MiB, restart."""
    (order, filling), (room_cpu, room_ram) = how, (room[0].copy(), room[1].copy())
    left, free_cpu, free_ram = need.copy(), alive * scene.free_cpu, alive * scene.free_ram
    for size in order.tolist():
        rows = np.flatnonzero(left[:, size])
        if not len(rows):
            continue
        cpu, ram = free_cpu[rows], free_ram[rows]
        slots = scene.slots(size, cpu, ram) * alive[rows]
        wanted = np.minimum(left[rows, size], _below(scene, size, room_cpu[rows], room_ram[rows]))
        taken = _taken(slots, wanted, cpu, ram, filling)
        free_cpu[rows] = cpu - taken * scene.cpu[size]
        free_ram[rows] = ram - taken * scene.ram[size]
        left[rows, size] -= taken.sum(axis=1)
        room_cpu[rows] -= taken @ scene.cpu[size]
        room_ram[rows] -= taken.sum(axis=1) * scene.ram[size]
    return Packed(left, free_cpu, free_ram)


def _below(
    scene: Scene, size: int, room_cpu: NDArray[np.int64], room_ram: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many VMs of `size` thresholds surely let restart, `(sets,)`."""
    vms = np.minimum(
        room_cpu // max(int(scene.cpu[size].max()), 1), room_ram // max(int(scene.ram[size]), 1)
    )
    return np.maximum(vms, 0)


def _taken(
    slots: NDArray[np.int64],
    wanted: NDArray[np.int64],
    cpu: NDArray[np.int64],
    ram: NDArray[np.int64],
    filling: Filling,
) -> NDArray[np.int64]:
    """Return how many of `wanted`, `(sets,)`, VMs every bin takes, in the shape of `slots`."""
    if filling is Filling.SPREAD:
        return _spread(slots, wanted)
    if filling is Filling.FIRST:
        return _filled(slots, wanted)
    order = np.argsort(_room(cpu, ram), axis=1, kind="stable")
    taken = np.empty_like(slots)
    ordered = _filled(np.take_along_axis(slots, order, axis=1), wanted)
    np.put_along_axis(taken, order, ordered, axis=1)
    return taken


def _room(cpu: NDArray[np.int64], ram: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the room of every bin as a share of the roomiest, CPU and RAM added."""
    most_cpu, most_ram = (np.maximum(each.max(axis=1, keepdims=True), 1) for each in (cpu, ram))
    return np.asarray(cpu / most_cpu + ram / most_ram)


def _filled(slots: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many every bin takes when each is filled before the next."""
    before = np.cumsum(slots, axis=1) - slots
    return np.asarray(np.clip(wanted[:, None] - before, 0, slots))


def _spread(slots: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many every bin takes in proportion to how many it has room for."""
    up_to = np.cumsum(slots, axis=1)
    total = up_to[:, -1:]
    placed = np.minimum(wanted[:, None], total)
    return np.diff(up_to * placed // np.maximum(total, 1), axis=1, prepend=0)
