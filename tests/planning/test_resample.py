"""Another week like this one: the same days, tenants and sizes, drawn anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.units import DAY, HOUR
from simulator.planning.resample import FEW_BLOCKS, resampled
from simulator.workload import Demand
from tests.planning.worlds import churn, demand


def test_the_same_seed_draws_the_same_week() -> None:
    """Seeds decide everything."""
    first, again, other = (resampled(churn(), seed) for seed in (3, 3, 4))
    assert np.array_equal(first.arrival_s, again.arrival_s)
    assert np.array_equal(first.vcpu, again.vcpu)
    assert not np.array_equal(first.vcpu[:100], other.vcpu[:100])


@given(st.integers(0, 1000))
def test_a_drawn_demand_is_a_demand(seed: int) -> None:
    """It is in order, within the span, and of sizes that were asked for."""
    what = churn(120)
    drawn = resampled(what, seed)
    assert (np.diff(drawn.arrival_s) >= 0).all()
    assert 0 <= drawn.arrival_s.min() <= drawn.arrival_s.max() <= what.span_s
    sizes = {tuple(row) for row in np.stack((what.vcpu, what.ram_mib, what.tenant), 1).tolist()}
    assert {
        tuple(row) for row in np.stack((drawn.vcpu, drawn.ram_mib, drawn.tenant), 1).tolist()
    } <= sizes


def test_on_average_it_asks_for_as_much() -> None:
    """Over many seeds the mean number of requests is that of the demand, and it varies."""
    what = churn(600, tenants=40)
    counts = [len(resampled(what, seed)) for seed in range(60)]
    assert np.mean(counts) == pytest.approx(600, rel=0.03)
    assert np.std(counts) > 5


def test_days_keep_their_place() -> None:
    """A quiet day stays quiet: blocks are drawn within their day."""
    busy = np.repeat(np.arange(300) * 60.0, 1)
    quiet = DAY + np.arange(40) * 600.0
    what = Demand.of(
        "two days",
        arrival_s=np.concatenate((busy, quiet)),
        lifetime_s=60.0,
        tenant=np.arange(340) % 100,
        tenant_names=[str(number) for number in range(100)],
    )
    for seed in range(5):
        drawn = resampled(what, seed)
        late = np.count_nonzero(drawn.arrival_s > DAY + HOUR)
        assert 20 <= late <= 60


def test_what_a_tenant_does_in_a_day_stays_together() -> None:
    """With many tenants a block is a tenant's day: of each, all requests or none come."""
    tenants = FEW_BLOCKS + 10
    what = Demand.of(
        "pairs",
        arrival_s=np.sort(np.tile(np.arange(tenants) * 100.0, 2)),
        lifetime_s=60.0,
        tenant=np.repeat(np.arange(tenants), 2),
        tenant_names=[str(number) for number in range(tenants)],
    )
    counts = np.bincount(resampled(what, 1).tenant, minlength=tenants)
    assert set(counts.tolist()) > {0, 2}
    assert (counts % 2 == 0).all()


def test_few_tenants_are_drawn_by_batches() -> None:
    """One tenant's day drawn whole would leave nothing to chance; its batches do."""
    what = churn(200, tenants=1)
    assert len({tuple(resampled(what, seed).arrival_s[:5]) for seed in range(4)}) == 4


def test_a_second_copy_comes_within_an_hour() -> None:
    """Copies are moved, originals are not."""
    what = churn(300)
    drawn = resampled(what, 2)
    kept = np.isin(drawn.arrival_s, what.arrival_s)
    assert 0.3 < kept.mean() < 1.0
    moved = drawn.arrival_s[~kept]
    nearest = np.abs(moved[:, None] - what.arrival_s).min(axis=1)
    assert nearest.max() <= HOUR


def test_nobody_drawn_is_nobody() -> None:
    """An empty demand stays empty."""
    assert len(resampled(demand((0, 1, 1, 1)).until(0), 1)) == 0
