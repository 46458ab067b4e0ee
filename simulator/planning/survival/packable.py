"""How many failures could be survived if VMs were placed in whatever order is best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.survival.bounds import most_by_sums, over_threshold, too_many, too_much
from simulator.planning.survival.exact import Budget, placeable
from simulator.planning.survival.packing import pack
from simulator.planning.survival.record import Proof
from simulator.planning.survival.sets import failure_sets
from simulator.planning.survival.verdict import chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

STEPS_FOR_ONE: Final = 20_000
"""So many placements are tried before the exact searches for the loss of one host are cut off."""

STEPS_FOR_MORE: Final = 2_000
"""The same for the loss of more: there are many such questions, and they are larger."""


def proof_of(scene: Scene, failed: NDArray[np.bool_]) -> Proof:
    """Return why the VMs of the hosts `failed`, `(hosts,)`, do not all restart."""
    one = failed[None]
    for proof, holds in (
        (Proof.SUMS, too_much),
        (Proof.THRESHOLD, over_threshold),
        (Proof.SIZES, too_many),
    ):
        if holds(scene, one)[0]:
            return proof
    if not pack(scene, one).vms_left[0]:
        return Proof.ORDER
    fits = placeable(scene, failed, _budget(int(failed.sum())))
    if fits is None:
        return Proof.NOT_FOUND
    return Proof.ORDER if fits else Proof.SEARCH


def most_packable(scene: Scene, survives: int, seed: int) -> int:
    """Return the most failures, `survives` or more, of which every one can be packed.

    If the VMs of every set of k hosts can be placed, so can those of every smaller set: they
    keep the places they had. So the question is monotone, and halving finds its edge.
    """
    low, high = survives, max(most_by_sums(scene), survives)
    while low < high:
        middle = (low + high + 1) // 2
        if _is_packable(scene, middle, seed):
            low = middle
        else:
            high = middle - 1
    return low


def _is_packable(scene: Scene, count: int, seed: int) -> bool:
    """Return whether the VMs of any `count` hosts can be placed on the others."""
    budget = _budget(count)
    for chunk in chunks(failure_sets(scene, count, seed), scene.bins):
        for row in np.flatnonzero(pack(scene, chunk).vms_left).tolist():
            one = chunk[row : row + 1]
            if too_much(scene, one)[0] or over_threshold(scene, one)[0] or too_many(scene, one)[0]:
                return False
            if not placeable(scene, chunk[row], budget):
                return False
    return True


def _budget(count: int) -> Budget:
    return Budget(STEPS_FOR_ONE if count == 1 else STEPS_FOR_MORE)
