"""The most hosts that may fail together, found by halving.

The most that sums and thresholds allow is tried first: as a rule it is the answer. Halving
takes for granted that fewer failures are no worse. Where VMs take their places in turn that
can break, rarely; so the loss of any one host is always tried as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.survival.bounds import most_by_sums
from simulator.planning.survival.sets import MOST_SETS, number_of_sets
from simulator.planning.survival.verdict import verdict_on

if TYPE_CHECKING:
    from simulator.planning.survival.scene import Scene
    from simulator.planning.survival.verdict import Verdict


class Halving:
    """The search in one scene, with the verdicts it has come to."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene = scene
        self.seed = seed
        self.verdicts: dict[int, Verdict] = {}

    def verdict(self, count: int) -> Verdict:
        """Return the verdict on `count` failures, come to once."""
        if count not in self.verdicts:
            self.verdicts[count] = verdict_on(self.scene, count, self.seed)
        return self.verdicts[count]

    def survives(self, count: int) -> bool:
        """Return whether all VMs restart when any `count` of the hosts there are fail."""
        return count == 0 or count > self.scene.hosts or self.verdict(count).broken is None

    def most(self, at_most: int) -> int:
        """Return the most failures, up to `at_most`, that are survived.

        Where that many are too many to try every set, the largest number of hosts for which
        every set can be tried is tried as well, and one host always.
        """
        found = min(at_most, most_by_sums(self.scene))
        if not self.survives(found):
            found = self._halved(found - 1)
        for fewer in (self._largest_certain(found), 1):
            if fewer < found and not self.survives(fewer):
                found = self._halved(fewer - 1)
        return found

    def _halved(self, high: int) -> int:
        low = 0
        while low < high:
            middle = (low + high + 1) // 2
            if self.survives(middle):
                low = middle
            else:
                high = middle - 1
        return low

    def _largest_certain(self, count: int) -> int:
        while count > 1 and number_of_sets(self.scene.hosts, count) > MOST_SETS:
            count -= 1
        return count
