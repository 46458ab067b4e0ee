"""A growing demand is asked for more often month by month, and repeats beyond its end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from cloudlab.units import DAY, HOUR, MONTH
from simulator.workload import Demand, generate
from simulator.workload.growth import period_s
from tests.workload.strategies import demands, rows

WEEK = generate(7, 60, seed=3)
GROWTHS = st.floats(-90, 100)


@settings(max_examples=50)
@given(demands(least=1, longest_s=3e5), GROWTHS, st.floats(0.01, 20), st.integers(0, 5))
def test_grown_keeps_what_a_demand_promises(
    demand: Demand, growth: float, days: float, seed: int
) -> None:
    """Whatever grows stays in order, in range, before its horizon and uniquely named."""
    grown = demand.grown(growth, days, seed)
    assert grown.span_s < days * DAY
    assert len(set(grown.names())) == len(grown)
    assert {row[2:] for row in rows(grown)} <= {row[2:] for row in rows(demand)}


def test_the_formula_holds_on_average() -> None:
    """In its nth month a steady trace is asked for (1 + g)^(t / month) times as often."""
    steady = Demand.of("steady", arrival_s=np.arange(0, 7 * DAY, 60.0), lifetime_s=60.0)
    grown = steady.grown(10, 180, seed=1)
    for month in range(5):
        start, end = month * MONTH, (month + 1) * MONTH
        count = np.sum((grown.arrival_s >= start) & (grown.arrival_s < end))
        expected = (1.1 ** (month + 1) - 1.1**month) / math.log(1.1) * MONTH / 60
        assert count == pytest.approx(expected, rel=0.02)


def test_without_growth_the_trace_just_repeats() -> None:
    """The fourth week of a weekly trace is its first, later."""
    month = WEEK.grown(0, 28, seed=1)
    assert len(month) == 4 * len(WEEK)
    fourth = month.arrival_s[month.arrival_s >= 21 * DAY] - 21 * DAY
    assert fourth == pytest.approx(WEEK.arrival_s)
    assert rows(month.until(7 * DAY)) == rows(WEEK)
    assert month.names()[-1] == f"{len(WEEK) - 1}+3.0"


def test_a_longer_horizon_extends_a_shorter_one() -> None:
    """What comes in the first month does not depend on how far the plan looks."""
    assert rows(WEEK.grown(5, 60, seed=4).until(30 * DAY)) == rows(WEEK.grown(5, 30, seed=4))


def test_more_growth_holds_at_least_as_much() -> None:
    """Under one seed every request of a slower growth is part of a faster one."""
    slow, fast = set(rows(WEEK.grown(5, 60, seed=4))), set(rows(WEEK.grown(20, 60, seed=4)))
    assert slow < fast


def test_seeds_differ_where_chance_has_a_say() -> None:
    """Another seed grows other batches; the same seed the same."""
    assert rows(WEEK.grown(5, 30, seed=1)) == rows(WEEK.grown(5, 30, seed=1))
    assert rows(WEEK.grown(5, 30, seed=1)) != rows(WEEK.grown(5, 30, seed=2))


def test_what_lives_on_is_not_asked_for_twice() -> None:
    """Standing VMs neither double when the trace repeats nor miss the growth."""
    standing = Demand.of(
        "standing",
        arrival_s=[0.0] * 1000,
        tenant=np.arange(1000),
        tenant_names=map(str, range(1000)),
    )
    assert len(standing.grown(0, 60, seed=1)) == 1000
    half_year = standing.grown(5, 182.625, seed=1)
    assert len(half_year) == pytest.approx(1000 * 1.05**6, rel=0.02)


def test_repetition_keeps_a_level_that_was_reached() -> None:
    """Once the longest lives have filled up, the peak of half a year is that of ten weeks."""
    week = generate(7, 42, seed=5, standing=100)
    ten_weeks, half_year = week.grown(0, 70).summary(), week.grown(0, 182).summary()
    assert half_year.peak_vms <= 1.01 * ten_weeks.peak_vms


def test_shrinking_thins() -> None:
    """Negative growth asks for less; a tenth a month leaves about half after half a year."""
    shrunk = WEEK.grown(-10, 189, seed=1)
    last = np.sum(shrunk.arrival_s >= 182 * DAY)
    assert last == pytest.approx(len(WEEK) * 0.9 ** (185.5 * DAY / MONTH), rel=0.2)


def test_growth_within_the_trace_needs_no_horizon() -> None:
    """Without a horizon the trace grows within its own span."""
    grown = WEEK.grown(100, seed=1)
    assert grown.span_s <= 7 * DAY
    assert len(WEEK) * 1.02 < len(grown) < len(WEEK) * 1.2


PERIODS = [
    (np.arange(0, 7 * DAY, HOUR), 7 * DAY),
    (np.arange(0, 16 * DAY, HOUR), 14 * DAY),
    (np.arange(0, 5.7 * DAY, HOUR), 5 * DAY),
    (np.arange(0, 3 * DAY - HOUR / 2, 60.0), 3 * DAY),
    (np.arange(0, 7200.0, 60.0), 7200),
    (np.arange(0, 600.0, 60.0), HOUR),
    ([5.0, 5.0], DAY),
    ([0.0, 0.0], DAY),
    ([], DAY),
]


@pytest.mark.parametrize(("arrival_s", "period"), PERIODS)
def test_the_period_is_whole_weeks_or_days(arrival_s, period: float) -> None:
    """A trace repeats after whole weeks, else whole days, else its own span and a gap."""
    assert period_s(Demand.of("trace", arrival_s=arrival_s)) == pytest.approx(period)


def test_repetition_stays_in_phase_after_an_odd_end() -> None:
    """A trace of 10 days goes on with what it has for that day of the week."""
    trace = Demand.of("ten days", arrival_s=np.arange(10) * DAY, lifetime_s=60.0, ids="abcdefghij")
    names = [name[0] for name in trace.grown(0, 21).names()]
    assert "".join(names) == "abcdefghij" + "defg" + "abcdefg"


@pytest.mark.parametrize(
    ("growth", "days", "message"),
    [
        (-100, 10, "growth is -100 % a month; allowed: above -100"),
        (math.nan, 10, "growth is nan"),
        (5, 0, "horizon is 0 days; allowed: more than 0"),
        (5, math.inf, "horizon is inf"),
        (5, 1e9, "at most 10,000,000 are made: shorten the horizon"),
        (1e300, 300, "at most 10,000,000"),
    ],
)
def test_impossible_growth_is_refused(growth: float, days: float, message: str) -> None:
    """Growth, horizon and size have a range, and the message says it."""
    with pytest.raises(InvalidParameter) as refusal:
        WEEK.grown(growth, days)
    assert message in str(refusal.value)


def test_nothing_grows_to_nothing() -> None:
    """An empty demand stays empty."""
    assert len(Demand.of("none", arrival_s=[]).grown(5, 30)) == 0
