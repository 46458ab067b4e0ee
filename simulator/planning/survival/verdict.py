"""Whether a cluster survives the loss of any k hosts, played as the HA workflow restarts VMs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.kernel.tables import Order
from simulator.planning.survival.restarts import Restarted, restarts
from simulator.planning.survival.sets import failure_sets, number_of_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

CELLS: Final = 1 << 20
"""Failures times hosts that are played at a time: a few dozen MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A failure after which not every VM restarts.

    Attributes:
        failed: `(hosts,)` which hosts fail.
        draws: `(n,)` the random numbers it was played with.
        restarted: what became of the VMs; its first axis has length 1.
    """

    failed: NDArray[np.bool_]
    draws: NDArray[np.float64]
    restarted: Restarted

    @property
    def vms_left(self) -> int:
        """How many VMs do not restart."""
        return int(self.restarted.down[0])


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What trying sets of `count` hosts gave.

    Attributes:
        count: how many hosts fail together.
        tested: sets tried.
        sets: sets there are.
        broken: the set that leaves most VMs behind; None when all restart in every set.
    """

    count: int
    tested: int
    sets: int
    broken: Broken | None


def verdict_on(scene: Scene, count: int, seed: int) -> Verdict:
    """Return whether every VM restarts when any `count` hosts of the cluster fail."""
    sets = failure_sets(scene, count, seed)
    worst: tuple[int, NDArray[np.bool_], NDArray[np.float64]] | None = None
    for chunk in chunks(sets, _width(scene)):
        for draws in scene.draws:
            down = restarts(scene, chunk, draws).down
            row = int(np.argmax(down))
            if down[row] > (worst[0] if worst else 0):
                worst = int(down[row]), chunk[row], draws
    broken = None
    if worst is not None:
        _, failed, draws = worst
        broken = Broken(failed, draws, restarts(scene, failed[None], draws))
    return Verdict(count, len(sets), number_of_sets(scene.hosts, count), broken)


def chunks(sets: NDArray[np.bool_], width: int) -> Iterator[NDArray[np.bool_]]:
    """Yield the failures, as many at a time as tables of `width` cells each allow."""
    step = max(CELLS // max(width, 1), 1)
    for start in range(0, len(sets), step):
        yield sets[start : start + step]


def _width(scene: Scene) -> int:
    """Return the cells that one failure takes: bins, times accounts where those are counted."""
    by_account = scene.hosts_by is Order.LEAST_OF_ACCOUNT
    return scene.bins * (int(scene.vm_account.max(initial=0)) + 1 if by_account else 1)
