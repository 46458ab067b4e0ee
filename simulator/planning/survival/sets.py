"""Which hosts fail together: every set where there are few, else the worst and a sample."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

MOST_SETS: Final = 5000
"""Up to so many sets of k hosts are all tried."""

SAMPLE: Final = 200
"""Where there are more, so many are drawn, beside those that look worst."""


def failure_sets(scene: Scene, count: int, seed: int) -> NDArray[np.bool_]:
    """Return sets of `count` hosts that fail together, `(sets, hosts)`, the likely worst first.

    Where not all are tried, the likely worst are: the hosts with most CPU allocated, with most
    RAM allocated, with most VMs, with the largest VMs, those whose loss takes most CPU and
    most RAM from the cluster, and runs of neighbours in order of RAM allocated.
    """
    hosts = scene.hosts
    if math.comb(hosts, count) <= MOST_SETS:
        return _masks(np.array(list(combinations(range(hosts), count))), hosts)
    chosen = [order[:count] for order in _orders(scene)]
    by_ram = _orders(scene)[1]
    chosen += [by_ram[start : start + count] for start in range(0, hosts - count, count)]
    generator = stream(seed, f"planning/failures-{count}")
    chosen += [generator.permutation(hosts)[:count] for _ in range(SAMPLE)]
    return np.unique(_masks(np.array(chosen), hosts), axis=0)[::-1]


def number_of_sets(hosts: int, count: int) -> int:
    """Return how many sets of `count` hosts there are."""
    return math.comb(hosts, count)


def _orders(scene: Scene) -> list[NDArray[np.intp]]:
    """Return the hosts in orders in which the first ones are the likely worst to lose."""
    own = slice(0, scene.hosts)
    cpu = np.sum(scene.counts * scene.cpu[:, own].T, axis=1)
    ram = scene.counts @ scene.ram
    largest = np.max(np.where(scene.counts > 0, scene.ram, 0), axis=1, initial=0)
    worths = (
        cpu,
        ram,
        scene.counts.sum(axis=1),
        largest,
        cpu + scene.free_cpu[own],
        ram + scene.free_ram[own],
    )
    return [np.argsort(-worth, kind="stable") for worth in worths]


def _masks(chosen: NDArray[np.intp], hosts: int) -> NDArray[np.bool_]:
    """Return sets of indices, `(sets, count)`, as masks, `(sets, hosts)`."""
    masks = np.zeros((len(chosen), hosts), np.bool_)
    np.put_along_axis(masks, chosen.reshape(len(chosen), -1), values=True, axis=1)
    return masks
