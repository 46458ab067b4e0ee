"""Buckets keep time-weighted means and peaks exact, however many changes and how long a run."""

from __future__ import annotations

import json
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from simulator.metrics import StepFunctions
from simulator.metrics.step_functions import FINEST_S

BUCKETS = 8
VALUES = st.integers(-1000, 1000)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[float], list[list[int]], float]:
    """Return moments of change in order, the values of two quantities, and the end."""
    longest = draw(st.sampled_from([1.0, 10.0, 1e3, 1e6]))
    moments = draw(st.lists(st.floats(0, longest), min_size=1, max_size=30, unique=True))
    values = [[draw(VALUES), draw(VALUES)] for _ in moments]
    return sorted(moments), values, max(moments) + draw(st.floats(0, longest))


def recorded(
    moments: list[float], values: list[list[int]], end: float, cuts: int = 1
) -> StepFunctions:
    """Return the history, handed over in `cuts` parts."""
    functions = StepFunctions(moments[0], 2, buckets=BUCKETS)
    edges = np.linspace(0, len(moments), cuts + 1).astype(int)
    for left, right in pairwise(edges):
        if left < right:
            until = moments[right] if right < len(moments) else end
            functions.extend(np.array(moments[left:right]), np.array(values[left:right]), until)
    return functions


def pieces(
    moments: list[float], values: list[list[int]], end: float, since: float, until: float
) -> list[tuple[float, list[int]]]:
    """Return by brute force how many seconds which values held between two moments."""
    held = [
        (min(right, until) - max(left, since), row)
        for (left, right), row in zip(pairwise([*moments, end]), values, strict=True)
    ]
    return [(seconds, row) for seconds, row in held if seconds > 0]


def mean(held: list[tuple[float, list[int]]]) -> np.ndarray:
    """Return the time-weighted mean of each quantity."""
    seconds = np.array([each for each, _ in held])
    return seconds @ np.array([row for _, row in held], dtype=float) / seconds.sum()


@given(histories(), st.integers(1, 5))
def test_the_whole_is_exact(history: tuple, cuts: int) -> None:
    """Mean, peak and low over everything are those of brute force, however it was handed over."""
    moments, values, end = history
    functions = recorded(*history, cuts)
    held = pieces(moments, values, end, -inf, inf)
    rows = np.array([row for _, row in held] + [values[-1]])
    expected = mean(held) if held else np.array(values[-1])
    assert functions.means() == pytest.approx(expected, rel=1e-9, abs=1e-6)
    assert functions.peaks().tolist() == rows.max(axis=0).tolist()
    assert functions.lows().tolist() == rows.min(axis=0).tolist()


@given(histories(), st.data())
def test_whole_buckets_are_exact(history: tuple, data: st.DataObject) -> None:
    """Between two edges of buckets, mean, peak and low are those of brute force."""
    moments, values, end = history
    functions = recorded(*history)
    edges = [each for each in functions.edges.tolist() if moments[0] <= each < end]
    if len(edges) < 2:
        return
    since, until = sorted(
        data.draw(st.lists(st.sampled_from(edges), min_size=2, max_size=2, unique=True))
    )
    held = pieces(moments, values, end, since, until)
    rows = np.array([row for _, row in held])
    assert functions.means(since, until) == pytest.approx(mean(held), rel=1e-9, abs=1e-6)
    assert functions.peaks(since, until).tolist() == rows.max(axis=0).tolist()
    assert functions.lows(since, until).tolist() == rows.min(axis=0).tolist()


@given(histories(), st.floats(-1e6, 3e6), st.floats(-1e6, 3e6))
def test_any_stretch_lies_between_its_extremes(history: tuple, one: float, two: float) -> None:
    """Inside buckets a mean is approximate, but never outside what the buckets held."""
    functions = recorded(*history)
    since, until = sorted((one, two))
    low, high = functions.lows(since, until), functions.peaks(since, until)
    means = functions.means(since, until)
    assert ((low - 1e-6 <= means) & (means <= high + 1e-6)).all()


@given(histories())
def test_buckets_are_few_and_double(history: tuple) -> None:
    """Everything fits into the buckets, whose width is a power of two times the finest."""
    functions = recorded(*history)
    assert functions.until <= functions.edges[-1]
    assert np.log2(functions.width / FINEST_S) % 1 == 0
    assert functions.integral.shape == (BUCKETS, 2)
    assert functions.spans().sum() == pytest.approx(functions.until - functions.start)


@given(histories())
def test_a_state_goes_on_exactly(history: tuple) -> None:
    """A state that went through JSON holds the same, and goes on as if nothing had been."""
    functions = recorded(*history)
    state = json.loads(json.dumps(functions.state(), allow_nan=False))
    again = StepFunctions.restored(state, buckets=BUCKETS)
    for each in (functions, again):
        each.extend(np.array([each.until + 5]), np.array([[7, 8]]), each.until + 9)
    for name in ("integral", "low", "high", "held", "edges"):
        assert np.array_equal(getattr(functions, name), getattr(again, name))


@given(histories())
def test_new_quantities_were_nothing_before(history: tuple) -> None:
    """A column added later was 0 until then; the others do not change."""
    moments, values, end = history
    functions = recorded(*history)
    before = functions.means()
    functions.add_columns(1)
    assert functions.means().tolist() == [*before, 0.0]
    functions.extend(np.array([end]), np.array([[*values[-1], 6]]), end + (end - moments[0]) + 1)
    share = (end - moments[0] + 1) / (2 * (end - moments[0]) + 1)
    assert functions.means()[2] == pytest.approx(6 * share)
    assert functions.peaks()[2] == 6
    assert functions.lows()[2] == (0 if end > moments[0] else 6)


def test_what_holds_for_no_time_does_not_count() -> None:
    """A value that is replaced at its own moment leaves no trace."""
    functions = StepFunctions(0, 1, buckets=BUCKETS)
    functions.extend(np.array([0.0]), np.array([[99]]), 0)
    functions.extend(np.array([0.0]), np.array([[1]]), 10)
    functions.extend(np.array([10.0]), np.array([[99]]), 10)
    functions.extend(np.array([10.0]), np.array([[2]]), 20)
    assert functions.means().tolist() == [1.5]
    assert functions.peaks().tolist() == [2]


def test_the_present_belongs_to_the_peak() -> None:
    """A value that holds from now on is the peak of the present, not of the past."""
    functions = StepFunctions(0, 1, buckets=BUCKETS)
    functions.extend(np.array([0.0, 7200.0]), np.array([[1], [5]]), 7200)
    assert functions.peaks().tolist() == [5]
    assert functions.peaks(until=3600).tolist() == [1]
    assert functions.means(since=7200).tolist() == [5]


@settings(max_examples=20)
@given(st.floats(0, 1e9))
def test_buckets_begin_at_the_full_hour(start: float) -> None:
    """The first bucket begins at the hour before the start."""
    functions = StepFunctions(start, 1)
    assert functions.origin % 3600 == 0
    assert 0 <= start - functions.origin < 3600


def test_a_state_needs_its_room() -> None:
    """A state with more buckets than there is room for is refused."""
    functions = recorded([0.0], [[1, 2]], 6.0)
    with pytest.raises(InvalidParameter, match="7 buckets, here is room for 4"):
        StepFunctions.restored(functions.state(), buckets=4)
