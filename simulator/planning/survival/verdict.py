"""Whether a cluster survives the loss of any k hosts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.survival.bounds import too_many, too_much
from simulator.planning.survival.exact import Budget, placeable
from simulator.planning.survival.packing import Packed, pack
from simulator.planning.survival.record import Proof
from simulator.planning.survival.sets import failure_sets, number_of_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

CELLS: Final = 1 << 20
"""Failures times hosts that are packed at a time: a few dozen MB."""

STEPS_FOR_ONE: Final = 20_000
"""So many placements are tried before the exact searches for the loss of one host are cut off."""

STEPS_FOR_MORE: Final = 2_000
"""The same for the loss of more: there are many such questions, and they are larger."""


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A failure after which not every VM restarts.

    Attributes:
        failed: `(hosts,)` which hosts fail.
        packed: what the best heuristic made of it; its first axis has length 1.
        pinned: VMs lost with a local disk.
        proof: how it is known.
    """

    failed: NDArray[np.bool_]
    packed: Packed
    pinned: int
    proof: Proof

    @property
    def vms_left(self) -> int:
        """How many VMs do not restart."""
        return int(self.packed.left.sum()) + self.pinned


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
    doubtful = [found for chunk in _chunks(sets, scene.bins) for found in _doubtful(scene, chunk)]
    doubtful.sort(key=lambda broken: -broken.vms_left)
    broken = next((each for each in doubtful if each.proof is not Proof.NOT_FOUND), None)
    if broken is None:
        broken = _searched(scene, doubtful)
    return Verdict(count, len(sets), number_of_sets(scene.hosts, count), broken)


def _chunks(sets: NDArray[np.bool_], bins: int) -> Iterator[NDArray[np.bool_]]:
    step = max(CELLS // max(bins, 1), 1)
    for start in range(0, len(sets), step):
        yield sets[start : start + step]


def _doubtful(scene: Scene, failed: NDArray[np.bool_]) -> Iterator[Broken]:
    """Yield the failures that no heuristic placed, with a quick proof where there is one."""
    packed = pack(scene, failed)
    pinned = failed.astype(np.int64) @ scene.pinned
    rows = np.flatnonzero((packed.vms_left > 0) | (pinned > 0))
    much, many = too_much(scene, failed[rows]), too_many(scene, failed[rows])
    for place, row in enumerate(rows.tolist()):
        one = slice(row, row + 1)
        proof = _proof(pinned=bool(pinned[row]), much=bool(much[place]), many=bool(many[place]))
        own = Packed(packed.left[one], packed.free_cpu[one], packed.free_ram[one])
        yield Broken(failed[row], own, int(pinned[row]), proof)


def _proof(*, pinned: bool, much: bool, many: bool) -> Proof:
    if pinned:
        return Proof.LOCAL_DISK
    if much:
        return Proof.SUMS
    return Proof.SIZES if many else Proof.NOT_FOUND


def _searched(scene: Scene, doubtful: list[Broken]) -> Broken | None:
    """Return the worst of the failures that an exact search does not place either."""
    budget = Budget(STEPS_FOR_ONE if doubtful and doubtful[0].failed.sum() == 1 else STEPS_FOR_MORE)
    undecided: Broken | None = None
    for broken in doubtful:
        fits = placeable(scene, broken.failed, budget)
        if fits is False:
            return replace(broken, proof=Proof.SEARCH)
        if fits is None and undecided is None:
            undecided = broken
    return undecided
