"""The interval of one more replication."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.planning.statistics import (
    likeliest,
    median,
    prediction_interval,
    t_probability,
    t_quantile,
)

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 9: 2.262, 30: 2.042, 120: 1.980, 1000: 1.962}


@pytest.mark.parametrize(("freedom", "quantile"), TABLE.items())
def test_quantiles_are_those_of_the_printed_table(freedom: int, quantile: float) -> None:
    """The 97.5 % quantile of Student's t agrees with the tables to three decimals."""
    assert round(t_quantile(freedom), 3) == quantile


@given(st.floats(0, 50), st.integers(1, 60))
def test_probability_undoes_the_quantile(t: float, freedom: int) -> None:
    """A probability turned into a quantile and back is the same."""
    probability = t_probability(t, freedom)
    assert 0 <= probability <= 1
    if 1e-6 < probability < 1 - 1e-4:
        assert t_quantile(freedom, probability) == pytest.approx(t, rel=1e-5)


def test_cauchy_is_the_first_of_the_family() -> None:
    """With one degree of freedom the quantile has a closed form."""
    assert t_quantile(1, 0.8) == pytest.approx(math.tan(math.pi * 0.4))


def test_the_interval_by_hand() -> None:
    """Mean ± t · s · √(1 + 1/n) of 1, 2, 3: s is 1 and t is 4.303."""
    low, high = prediction_interval([1.0, 2.0, 3.0], least=-math.inf)
    assert high - 2 == pytest.approx(4.30265 * math.sqrt(4 / 3), rel=1e-5)
    assert 2 - low == pytest.approx(high - 2)


def test_the_interval_stops_where_it_must() -> None:
    """A time cannot be before time 0."""
    assert prediction_interval([1.0, 100.0], least=0.0)[0] == 0.0


@pytest.mark.parametrize("values", [[], [3.0]])
def test_one_value_has_no_interval(values: list[float]) -> None:
    """From fewer than two replications nothing is said about the next."""
    assert prediction_interval(values, least=0.0) is None


def test_values_that_were_not_seen_count() -> None:
    """Of a normal sample cut off above, mean and deviation of the whole are found again."""
    chance = np.random.default_rng(3)
    sample = chance.normal(100, 10, 5000)
    seen, cut = sample[sample < 105], int((sample >= 105).sum())
    mean, deviation = likeliest(seen.tolist(), [105.0] * cut)
    assert (mean, deviation) == (pytest.approx(100, abs=0.5), pytest.approx(10, abs=0.5))
    assert float(seen.mean()) < 97  # what was seen alone says too early


def test_an_interval_ends_where_it_was_seen_to() -> None:
    """With one of five beyond what was seen there is no end; with one of a hundred there is."""
    assert prediction_interval([1.0, 2.0, 3.0, 4.0], [9.0], least=0.0)[1] is None
    low, high = prediction_interval([float(n) for n in range(99)], [99.0], least=-math.inf)
    assert low < 0
    assert high > 99
    assert prediction_interval([], [9.0, 9.0], least=0.0) is None


def test_the_median_counts_all() -> None:
    """What was not seen is later than all that was."""
    assert median([3.0, 1.0, 2.0], 0) == 2.0
    assert median([4.0, 1.0], 0) == 2.5
    assert median([3.0, 1.0], 1) == 3.0
    assert median([3.0, 1.0], 2) is None
    assert median([], 1) is None


def test_equal_values_leave_no_doubt() -> None:
    """Where all replications agree the interval is a point."""
    assert prediction_interval([5.0] * 4, least=0.0) == (5.0, 5.0)
