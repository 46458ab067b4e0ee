"""A scaled demand has more or fewer requests of the same kind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from simulator.workload import Demand, generate
from simulator.workload.batches import batch_of
from tests.workload.strategies import demands, rows

FACTORS = st.floats(0.01, 5)
WEEK = generate(7, 100, seed=3)


@given(demands(), FACTORS, st.integers(0, 10))
def test_scaled_is_a_demand_of_known_requests(demand: Demand, factor: float, seed: int) -> None:
    """Every request of the result is one of the source, at most an hour away, in the span."""
    scaled = demand.scaled(factor, seed)
    source = {row[0]: row for row in rows(demand)}
    for name, arrival_s, *rest in rows(scaled):
        original = (
            source.get(name) or source[max((n for n in source if name.startswith(n)), key=len)]
        )
        assert rest == list(original[2:])
        assert abs(arrival_s - original[1]) <= 3600 + 1e-6
    assert scaled.span_s <= demand.span_s
    assert len(set(scaled.names())) == len(scaled)


@given(demands(), FACTORS)
def test_scaled_hits_the_factor_to_within_one_batch(demand: Demand, factor: float) -> None:
    """The number of requests is the factor's share, up to half of the largest batch."""
    largest = np.bincount(batch_of(demand)).max(initial=0)
    assert abs(len(demand.scaled(factor, seed=1)) - factor * len(demand)) <= largest / 2 + 1e-6


def test_same_seed_same_demand_and_other_seed_another() -> None:
    """Chance comes from the seed alone."""
    assert rows(WEEK.scaled(1.3, 7)) == rows(WEEK.scaled(1.3, 7))
    assert rows(WEEK.scaled(1.3, 7)) != rows(WEEK.scaled(1.3, 8))


def test_less_is_part_of_more() -> None:
    """Under one seed the requests of a smaller factor are among those of a larger one."""
    less, more = set(rows(WEEK.scaled(1.2, 7))), set(rows(WEEK.scaled(1.6, 7)))
    assert less < more
    assert set(rows(WEEK.scaled(0.3, 7))) < set(rows(WEEK.scaled(0.8, 7)))


def test_scaling_keeps_the_statistics() -> None:
    """Load, sizes and batches of a scaled week are those of the week, times the factor."""
    before, after = WEEK.summary(), WEEK.scaled(2.5, 7).summary()
    assert after.mean_vcpu == pytest.approx(2.5 * before.mean_vcpu, rel=0.1)
    assert after.batch_mean == pytest.approx(before.batch_mean, rel=0.1)
    assert after.sizes[0].share == pytest.approx(before.sizes[0].share, abs=0.05)


def test_a_batch_is_copied_whole_and_moves_together() -> None:
    """What a tenant asks for at one moment stays one batch in the copy."""
    demand = Demand.of("batches", arrival_s=np.repeat(np.arange(50) * 7200.0, 4))
    sizes = np.bincount(batch_of(demand.scaled(1.5, seed=2)))
    assert sizes.tolist() == [4] * 75


def test_a_short_trace_keeps_its_copies_near() -> None:
    """In a trace of ten minutes a copy moves by 25 seconds at most, not by an hour."""
    burst = Demand.of("burst", arrival_s=np.arange(0.0, 601.0))
    moved = {row[0]: row[1] for row in rows(burst.scaled(2, seed=1))}
    distances = [abs(moved[name] - moved[f"{name}+1"]) for name in burst.names()]
    assert 20 < max(distances) <= 25


def test_copies_of_copies_have_names_of_their_own() -> None:
    """Scaling twice never gives two requests one name."""
    twice = Demand.of("one", arrival_s=[0.0, 90.0]).scaled(2, 1).scaled(2, 1)
    assert sorted(twice.names()) == ["0", "0++1", "0+1", "0+1++1", "1", "1++1", "1+1", "1+1++1"]


def test_one_changes_nothing() -> None:
    """A factor of exactly 1 gives the demand itself."""
    assert WEEK.scaled(1, 5) is WEEK


@pytest.mark.parametrize("factor", [0, -1, math.nan, math.inf])
def test_a_factor_must_be_positive(factor: float) -> None:
    """Nothing, less than nothing and no number are refused with the range."""
    with pytest.raises(InvalidParameter, match="allowed: more than 0"):
        WEEK.scaled(factor, 1)


def test_a_giant_is_refused_before_it_is_made() -> None:
    """A factor that would fill the memory is refused with the size it would have."""
    with pytest.raises(InvalidParameter, match=r"would have about .* at most 10,000,000"):
        WEEK.scaled(1e6, 1)


def test_a_negative_seed_is_refused() -> None:
    """Streams take seeds from 0."""
    with pytest.raises(InvalidParameter, match="seed is -1"):
        WEEK.scaled(2, -1)
