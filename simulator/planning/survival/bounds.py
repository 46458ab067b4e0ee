"""Proofs that the VMs of failed hosts cannot all restart, without packing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.survival.packing import slots_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene


def too_much(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for which failures the VMs need more CPU or RAM than is free, `(sets,)`."""
    need = failed.astype(np.int64) @ scene.counts
    alive = _alive(scene, failed)
    least = scene.cpu.min(axis=1, initial=np.iinfo(np.int64).max)
    over_cpu = need @ least > alive @ scene.free_cpu
    over_ram = need @ scene.ram > alive @ scene.free_ram
    return np.asarray(over_cpu | over_ram)


def too_many(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for which failures some size is too frequent, `(sets,)`.

    Every VM that needs at least as much of everything as size t takes up one of the places
    that the other hosts have for VMs of size t.
    """
    need = failed.astype(np.int64) @ scene.counts
    alive = _alive(scene, failed).astype(np.int64)
    larger = (
        (scene.ram[:, None] >= scene.ram)
        & (scene.cpu[:, None] >= scene.cpu).all(axis=2)
        & (scene.fits[:, None] <= scene.fits).all(axis=2)
    )
    at_least = need @ larger.astype(np.int64)
    slots = (
        np.stack(
            [
                slots_of(scene, size, scene.free_cpu, scene.free_ram)
                for size in range(len(scene.ram))
            ],
            axis=1,
        )
        if len(scene.ram)
        else np.zeros((scene.bins, 0), np.int64)
    )
    return np.asarray((at_least > alive @ slots).any(axis=1))


def most_by_sums(scene: Scene) -> int:
    """Return the most hosts that may fail if only sums of CPU and RAM counted.

    Losing hosts leaves enough while what they can hold is no more than what is free in the
    whole cluster; so the largest hosts are the worst to lose.
    """
    own = slice(0, scene.hosts)
    least = scene.cpu.min(axis=1, initial=np.iinfo(np.int64).max)
    cpu = scene.counts @ least + scene.free_cpu[own]
    ram = scene.counts @ scene.ram + scene.free_ram[own]
    survived = scene.hosts
    for worth, free in ((cpu, scene.free_cpu.sum()), (ram, scene.free_ram.sum())):
        lost = np.cumsum(np.sort(worth)[::-1])
        survived = min(survived, int(np.count_nonzero(lost <= free)))
    return survived


def _alive(scene: Scene, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    alive = np.ones((len(failed), scene.bins), np.bool_)
    alive[:, : scene.hosts] = ~failed
    return alive
