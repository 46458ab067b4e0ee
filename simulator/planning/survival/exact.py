"""Whether VMs fit, decided by trying every way of placing them, up to a bound."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.survival.bounds import allowed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.planning.survival.scene import Scene

MOST_VMS: Final = 100
"""Sets with more VMs are not searched."""

_Bin = tuple[int, int, int]
"""Free MHz, free MiB and the kind of host: what makes two bins alike."""


@dataclass(slots=True)
class Budget:
    """How many placements may still be tried."""

    steps: int

    def spend(self) -> None:
        """Take one step off, or end the search."""
        if not self.steps:
            raise _CutOffError
        self.steps -= 1


def placeable(scene: Scene, failed: NDArray[np.bool_], budget: Budget) -> bool | None:
    """Return whether all VMs of the hosts `failed`, `(hosts,)`, fit; None when cut off."""
    need = scene.counts[failed].sum(axis=0)
    if not need.any():
        return True
    if need.sum() > MOST_VMS:
        return None
    return _Search(scene, need, failed, budget).answer()


class _CutOffError(Exception):
    """The search took too many steps."""


class _Search:
    """A depth-first search over VMs, largest first, that visits no arrangement twice.

    Arrangements are alike when their bins are, in any order. VMs of one size are placed one
    after another, so that swapping two of them is not tried either.
    """

    def __init__(
        self,
        scene: Scene,
        need: NDArray[np.int64],
        failed: NDArray[np.bool_],
        budget: Budget,
    ) -> None:
        alive = scene.alive(failed[None])[0]
        kinds = np.concatenate((scene.cpu, scene.fits.astype(np.int64)))[:, alive]
        alike, kind = np.unique(kinds.T, axis=0, return_inverse=True)
        sizes = len(scene.ram)
        self.cpu: list[list[int]] = alike[:, :sizes].T.tolist()
        self.fits: list[list[int]] = alike[:, sizes:].T.tolist()
        self.ram: list[int] = scene.ram.tolist()
        self.items = self._largest_first(scene, need)
        self.rest_cpu = _sums_from_here([min(self.cpu[size], default=0) for size in self.items])
        self.rest_ram = _sums_from_here([self.ram[size] for size in self.items])
        self.kept_cpu, self.kept_ram = self._kept(scene, failed, alive)
        free = zip(scene.free_cpu[alive], scene.free_ram[alive], kind.reshape(-1), strict=True)
        self.bins: list[_Bin] = [(int(cpu), int(ram), int(at)) for cpu, ram, at in free]
        self.seen: set[tuple[int, tuple[_Bin, ...]]] = set()
        self.budget = budget

    @staticmethod
    def _kept(scene: Scene, failed: NDArray[np.bool_], alive: NDArray[np.bool_]) -> tuple[int, int]:
        """Return the MHz and MiB that thresholds keep free, whatever is placed where."""
        cpu, ram = (int(each[0]) for each in allowed(scene, failed[None]))
        free_cpu, free_ram = scene.free_cpu[alive].sum(), scene.free_ram[alive].sum()
        return max(int(free_cpu) - cpu, 0), max(int(free_ram) - ram, 0)

    @staticmethod
    def _largest_first(scene: Scene, need: NDArray[np.int64]) -> list[int]:
        cpu = scene.cpu.min(axis=1, initial=np.iinfo(np.int64).max)
        worth = np.maximum(
            cpu / max(scene.free_cpu.sum(), 1), scene.ram / max(scene.free_ram.sum(), 1)
        )
        order = np.argsort(-worth, kind="stable")
        return np.repeat(order, need[order]).tolist()

    def answer(self) -> bool | None:
        """Return whether everything fits; None when the search was cut off."""
        try:
            return self._place(0, tuple(sorted(self.bins)))
        except _CutOffError:
            return None

    def _place(self, item: int, bins: tuple[_Bin, ...]) -> bool:
        """Return whether the items from number `item` on fit into `bins`."""
        if (item, bins) in self.seen or not self._enough(item, bins):
            return False
        if item == len(self.items):
            return True
        self.seen.add((item, bins))
        size = self.items[item]
        for place, (cpu, ram, kind) in enumerate(bins):
            if place and bins[place - 1] == bins[place]:
                continue
            need = self.cpu[size][kind]
            if self.fits[size][kind] and cpu >= need and ram >= self.ram[size]:
                self.budget.spend()
                rest = (cpu - need, ram - self.ram[size], kind)
                after = tuple(sorted((*bins[:place], rest, *bins[place + 1 :])))
                if self._place(item + 1, after):
                    return True
        return False

    def _enough(self, item: int, bins: tuple[_Bin, ...]) -> bool:
        """Return whether the sums of CPU and RAM, and thresholds, still allow the rest."""
        free_cpu, free_ram = sum(each[0] for each in bins), sum(each[1] for each in bins)
        return (
            self.rest_cpu[item] <= free_cpu - self.kept_cpu
            and self.rest_ram[item] <= free_ram - self.kept_ram
        )


def _sums_from_here(values: list[int]) -> list[int]:
    """Return for every place the sum of the values from there to the end, and 0 for the end."""
    return list(accumulate(reversed(values), initial=0))[::-1]
