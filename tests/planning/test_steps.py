"""Step functions put together and averaged, against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.placements import Usage
from simulator.planning.steps import groups_of, means, merged

CHANGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(-5, 9)), max_size=30
)


def usage_of(changes: list[tuple[int, int, int]], groups: int = 4) -> Usage:
    """Return the step functions whose value changes to the given one at the given time."""
    last = {(group, time): value for group, time, value in changes}
    rows = sorted(last)
    start = np.searchsorted([group for group, _ in rows], np.arange(groups + 1))
    times = np.array([float(time) for _, time in rows])
    return Usage(groups, start, times, np.array([last[row] for row in rows], np.int64))


@given(CHANGES, st.lists(st.integers(-1, 2), min_size=4, max_size=4))
def test_a_sum_is_the_sum_at_every_moment(changes, into) -> None:
    """Merged groups hold at any time what their parts hold together."""
    usage, home = usage_of(changes), np.array(into)
    times = np.arange(-1, 22, dtype=np.float64)
    parts, whole = usage.at(times), merged(usage, home, 3).at(times)
    for group in range(3):
        assert np.array_equal(whole[:, group], parts[:, home == group].sum(axis=1))


@given(CHANGES)
def test_merging_keeps_one_row_an_instant(changes) -> None:
    """No group has two changes at one moment."""
    whole = merged(usage_of(changes), np.zeros(4, np.int64), 1)
    assert (np.diff(whole.time_s) > 0).all()
    assert np.array_equal(groups_of(whole), np.zeros(len(whole.time_s)))


@given(CHANGES, st.integers(1, 25))
def test_a_mean_weighs_by_time(changes, until: int) -> None:
    """The mean is the area under the steps from 0 on, divided by the time."""
    usage = usage_of(changes)
    grid = np.arange(0, until, dtype=np.float64)  # steps change on whole seconds only
    assert means(usage, float(until)) == pytest.approx(usage.at(grid).mean(axis=0))


def test_the_mean_of_no_time_is_what_is_held_then() -> None:
    """At time 0 there is nothing to average."""
    assert means(usage_of([(0, 0, 7)]), 0.0).tolist() == [7, 0, 0, 0]
