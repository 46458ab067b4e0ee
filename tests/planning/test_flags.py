"""Yes and no over time, against looking at every moment."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.planning.exhaustion.flags import Flags
from tests.planning.test_steps import usage_of

GROUPS, TIMES = 4, np.arange(0, 12)
TABLES = st.lists(
    st.lists(st.booleans(), min_size=len(TIMES), max_size=len(TIMES)),
    min_size=GROUPS,
    max_size=GROUPS,
).map(lambda rows: np.array(rows, np.bool_))


def flags_of(table: np.ndarray) -> Flags:
    """Return flags that have the values of `table`, `(groups, times)`, from time 1 on."""
    changes = [(g, t, int(table[g, t])) for g in range(len(table)) for t in range(1, len(TIMES))]
    usage = usage_of(changes, len(table))
    return Flags.where(usage, usage.amount > 0, table[:, 0])


def table_of(flags: Flags) -> np.ndarray:
    """Return the value of every group at every time."""
    table = np.repeat(flags.initial[:, None], len(TIMES), axis=1)
    for group, time, value in zip(flags.group, flags.time_s, flags.value, strict=True):
        table[group, time <= TIMES] = value
    return table


@given(TABLES)
def test_flags_remember_what_they_were_told(table) -> None:
    """Every value comes back, and no row is there without a change."""
    flags = flags_of(table)
    assert np.array_equal(table_of(flags), table)
    assert len(flags.value) == np.count_nonzero(np.diff(table, axis=1))


@given(TABLES, TABLES)
def test_and_or_not(one, other) -> None:
    """Logic on flags is logic at every moment."""
    assert np.array_equal(table_of(flags_of(one) & flags_of(other)), one & other)
    assert np.array_equal(table_of(flags_of(one) | flags_of(other)), one | other)
    assert np.array_equal(table_of(~flags_of(one)), ~one)


@given(TABLES, st.lists(st.integers(-1, 2), min_size=GROUPS, max_size=GROUPS))
def test_every_is_all_of_the_children(table, parents) -> None:
    """A parent says yes while all its children do; one without children always does."""
    home = np.array(parents)
    found = table_of(flags_of(table).every(home, 3))
    for parent in range(3):
        assert np.array_equal(found[parent], table[home == parent].all(axis=0))


@given(TABLES, st.lists(st.integers(0, GROUPS - 1), max_size=6))
def test_take_picks_groups(table, chosen) -> None:
    """Groups can be put in any order and repeated."""
    assert np.array_equal(table_of(flags_of(table).take(np.array(chosen, int))), table[chosen])


@given(TABLES)
def test_first_is_the_first_yes(table) -> None:
    """0 for a yes from the start, the time of the first yes, or infinity."""
    first = [float(np.argmax(row)) if row.any() else np.inf for row in table]
    assert flags_of(table).first_s().tolist() == first
