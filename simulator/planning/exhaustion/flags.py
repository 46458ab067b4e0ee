"""Yes or no over time, for many things at once, and what follows for what they make up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.steps import groups_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.placements import Usage


@dataclass(frozen=True, slots=True, eq=False)
class Flags:
    """A step function to yes and no for every group.

    Attributes:
        initial: `(groups,)` before the first change.
        group: `(k,)` whose change it is, ascending.
        time_s: `(k,)` when, ascending inside a group.
        value: `(k,)` from then on; every change is one.
    """

    initial: NDArray[np.bool_]
    group: NDArray[np.int64]
    time_s: NDArray[np.float64]
    value: NDArray[np.bool_]

    @classmethod
    def where(cls, usage: Usage, value: NDArray[np.bool_], initial: NDArray[np.bool_]) -> Flags:
        """Return the flags that have `value` from every change of `usage` on."""
        group = groups_of(usage)
        return _changes(initial, group, usage.time_s, value)

    def first_s(self) -> NDArray[np.float64]:
        """Return when every group first says yes: 0 if from the start, inf if never."""
        first = np.full(len(self.initial), np.inf)
        yes = np.flatnonzero(self.value)
        np.minimum.at(first, self.group[yes], self.time_s[yes])
        first[self.initial] = 0.0
        return first

    def take(self, groups: NDArray[np.integer]) -> Flags:
        """Return the flags of `groups`, in that order; one may occur more than once."""
        start = np.searchsorted(self.group, np.arange(len(self.initial) + 1))
        sizes = (start[1:] - start[:-1])[groups]
        ends = np.cumsum(sizes)
        rows = np.arange(int(sizes.sum())) + np.repeat(start[:-1][groups] - ends + sizes, sizes)
        return Flags(
            self.initial[groups],
            np.repeat(np.arange(len(groups)), sizes),
            self.time_s[rows],
            self.value[rows],
        )

    def every(self, parent: NDArray[np.integer], parents: int) -> Flags:
        """Return for each parent whether all groups in it say yes; yes for one without groups.

        Args:
            parent: `(groups,)` the parent of every group; -1 for none.
            parents: how many there are.
        """
        own = np.asarray(parent) >= 0
        size = np.bincount(parent[own], minlength=parents)
        saying_yes = np.bincount(parent[own & self.initial], minlength=parents)
        kept = own[self.group]
        whose, time_s = np.asarray(parent)[self.group[kept]], self.time_s[kept]
        change = np.where(self.value[kept], 1, -1)
        order = np.lexsort((time_s, whose))
        whose, time_s, change = whose[order], time_s[order], change[order]
        total = np.cumsum(change)
        start = np.searchsorted(whose, np.arange(parents + 1))
        base = np.concatenate((np.zeros(1, np.int64), total))[start[:-1]]
        count = total + (saying_yes - base)[whose]
        return _changes(saying_yes == size, whose, time_s, count == size[whose])

    def __or__(self, other: Flags) -> Flags:
        """Return where either says yes."""
        return ~(~self & ~other)

    def __and__(self, other: Flags) -> Flags:
        """Return where both say yes."""
        count = len(self.initial)
        joined = Flags(
            np.concatenate((self.initial, other.initial)),
            np.concatenate((self.group, other.group + count)),
            np.concatenate((self.time_s, other.time_s)),
            np.concatenate((self.value, other.value)),
        )
        return joined.every(np.tile(np.arange(count), 2), count)

    def __invert__(self) -> Flags:
        """Return where it says no."""
        return Flags(~self.initial, self.group, self.time_s, ~self.value)


def _changes(
    initial: NDArray[np.bool_],
    group: NDArray[np.int64],
    time_s: NDArray[np.float64],
    value: NDArray[np.bool_],
) -> Flags:
    """Return the flags without rows that change nothing; of one instant the last row counts."""
    last = np.ones(len(group), np.bool_)
    last[:-1] = (group[1:] != group[:-1]) | (time_s[1:] != time_s[:-1])
    group, time_s, value = group[last], time_s[last], value[last]
    before = np.concatenate((np.zeros(1, np.bool_), value[:-1]))[: len(value)]
    first = np.ones(len(group), np.bool_)
    first[1:] = group[1:] != group[:-1]
    before[first] = initial[group[first]]
    new = value != before
    return Flags(initial, group[new], time_s[new], value[new])
