"""Proofs that the VMs of failed hosts cannot all restart, in whatever order and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

_ENDLESS: Final = 1 << 60
"""MHz or MiB that a threshold allows that is off."""


def too_much(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for which failures the VMs need more CPU or RAM than is free, `(sets,)`."""
    need = failed.astype(np.int64) @ scene.counts
    alive = scene.alive(failed)
    over_cpu = need @ _least(scene) > alive @ scene.free_cpu
    over_ram = need @ scene.ram > alive @ scene.free_ram
    return np.asarray(over_cpu | over_ram)


def over_threshold(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return after which failures the VMs would lift the cluster over a threshold, `(sets,)`."""
    need = failed.astype(np.int64) @ scene.counts
    cpu, ram = allowed(scene, failed)
    over = (need @ _judged(scene) > cpu) | (need @ scene.ram > ram)
    return np.asarray(over & need.any(axis=1))


def allowed(scene: Scene, failed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the MHz and MiB that thresholds let restart after every failure, `(sets,)` each.

    It is less than 0 where the hosts that are left hold more already.
    """
    alive, hosts = scene.alive(failed), ~failed
    return (
        _room(alive @ scene.usable_cpu, hosts @ scene.taken_cpu, scene.cpu_disable),
        _room(alive @ scene.usable_ram, hosts @ scene.taken_ram, scene.ram_disable),
    )


def _room(
    usable: NDArray[np.int64], taken: NDArray[np.int64], threshold: float
) -> NDArray[np.int64]:
    if np.isinf(threshold):
        return np.full(len(usable), _ENDLESS)
    return np.asarray(np.floor(usable * threshold + 1e-6).astype(np.int64) - taken)


def too_many(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for which failures some size is too frequent, `(sets,)`.

    Every VM that needs at least as much of everything as size t takes up one of the places
    that the other hosts have for VMs of size t.
    """
    need = failed.astype(np.int64) @ scene.counts
    alive = scene.alive(failed).astype(np.int64)
    larger = (
        (scene.ram[:, None] >= scene.ram)
        & (scene.cpu[:, None] >= scene.cpu).all(axis=2)
        & (scene.fits[:, None] <= scene.fits).all(axis=2)
    )
    at_least = need @ larger.astype(np.int64)
    slots = (
        np.stack(
            [scene.slots(size, scene.free_cpu, scene.free_ram) for size in range(len(scene.ram))],
            axis=1,
        )
        if len(scene.ram)
        else np.zeros((scene.bins, 0), np.int64)
    )
    return np.asarray((at_least > alive @ slots).any(axis=1))


def most_by_sums(scene: Scene) -> int:
    """Return the most hosts that may fail if only sums of CPU and RAM counted.

    Losing hosts leaves enough while what they can hold is no more than what is free in the
    whole cluster; so the largest hosts are the worst to lose. Likewise below a threshold: what
    may be allocated without them must be no less than what all VMs hold.
    """
    own = slice(0, scene.hosts)
    cpu, ram = scene.counts @ _least(scene), scene.taken_ram
    survived = min(
        _survived(cpu + scene.free_cpu[own], scene.free_cpu.sum()),
        _survived(ram + scene.free_ram[own], scene.free_ram.sum()),
    )
    rooms = allowed(scene, np.zeros((1, scene.hosts), np.bool_))
    for room, usable, taken, again, threshold in (
        (rooms[0], scene.usable_cpu, scene.taken_cpu, _judged(scene), scene.cpu_disable),
        (rooms[1], scene.usable_ram, scene.taken_ram, scene.ram, scene.ram_disable),
    ):
        if np.isfinite(threshold):
            worth = np.floor(usable[own] * threshold) - taken + scene.counts @ again
            survived = min(survived, _below_threshold(scene, worth, float(room[0]) + 1))
    return survived


def _survived(worth: NDArray[np.float64] | NDArray[np.int64], free: float) -> int:
    """Return how many hosts, those of most `worth` first, may be lost within `free`."""
    over = np.cumsum(np.sort(worth)[::-1]) > free
    return int(np.argmax(over)) if over.any() else len(worth)


def _below_threshold(scene: Scene, worth: NDArray[np.float64], room: float) -> int:
    """Return how many hosts may be lost, those of most `worth` first, one of them with VMs.

    Where nothing falls no threshold is asked; so a set of idle hosts proves nothing.
    """
    busy = scene.counts.any(axis=1)
    if not busy.any():
        return scene.hosts
    first = np.argmax(np.where(busy, worth, -np.inf))
    others = np.sort(np.delete(worth, first))[::-1]
    over = worth[first] + np.cumsum(np.concatenate(([0.0], others))) > room
    return int(np.argmax(over)) if over.any() else scene.hosts


def _least(scene: Scene) -> NDArray[np.int64]:
    """Return the MHz that a VM of every size takes at least, `(sizes,)`."""
    return np.asarray(scene.cpu.min(axis=1, initial=np.iinfo(np.int64).max))


def _judged(scene: Scene) -> NDArray[np.int64]:
    """Return the MHz with which a VM of every size counts at the threshold at least."""
    return np.minimum(_least(scene), scene.asked_cpu)
