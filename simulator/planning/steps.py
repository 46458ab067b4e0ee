"""Step functions of time put together and averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Usage

if TYPE_CHECKING:
    from numpy.typing import NDArray


def groups_of(usage: Usage) -> NDArray[np.int64]:
    """Return the group of every change, `(k,)`."""
    return np.repeat(np.arange(usage.groups), np.diff(usage.start))


def merged(usage: Usage, into: NDArray[np.integer], groups: int) -> Usage:
    """Return the sums of groups that belong together.

    Args:
        usage: step functions of the parts.
        into: `(usage.groups,)` the sum that every part belongs to; -1 for none.
        groups: how many sums there are.
    """
    part = groups_of(usage)
    before = np.concatenate((np.zeros(1, np.int64), usage.amount[:-1]))
    before[usage.start[:-1][np.diff(usage.start) > 0]] = 0
    kept = np.asarray(into)[part] >= 0
    whole = np.asarray(into)[part[kept]]
    time_s, change = usage.time_s[kept], (usage.amount - before)[kept]
    order = np.lexsort((time_s, whole))
    whole, time_s = whole[order], time_s[order]
    total = np.cumsum(change[order])
    last = np.ones(len(order), np.bool_)
    last[:-1] = (time_s[1:] != time_s[:-1]) | (whole[1:] != whole[:-1])
    whole, time_s, total = whole[last], time_s[last], total[last]
    start = np.searchsorted(whole, np.arange(groups + 1))
    base = np.concatenate((np.zeros(1, np.int64), total))[start[:-1]]
    return Usage(groups, start, time_s, total - np.repeat(base, np.diff(start)))


def means(usage: Usage, until_s: float) -> NDArray[np.float64]:
    """Return the time-weighted mean of every group from 0 to `until_s`, `(groups,)`.

    Where `until_s` is 0 it is what is held at that moment.
    """
    if until_s <= 0:
        return np.asarray(usage.at(np.zeros(1))[0], np.float64)
    begin = np.clip(usage.time_s, 0.0, until_s)
    end = np.concatenate((begin[1:], [until_s]))
    end[usage.start[1:][np.diff(usage.start) > 0] - 1] = until_s
    area = np.bincount(
        groups_of(usage), weights=usage.amount * (end - begin), minlength=usage.groups
    )
    mean: NDArray[np.float64] = area / until_s
    return mean
