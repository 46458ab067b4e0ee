"""The generator makes what it is asked for, the same for the same seed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cloudlab.errors import InvalidParameter
from cloudlab.units import DAY, HOUR
from simulator.workload import generate
from simulator.workload.published import AZURE, Lognormal
from tests.workload.strategies import rows


def test_same_seed_same_requests() -> None:
    """The seed decides everything; another seed gives another demand."""
    assert rows(generate(1, 50, seed=4)) == rows(generate(1, 50, seed=4))
    assert rows(generate(1, 50, seed=4)) != rows(generate(1, 50, seed=5))


def test_arrivals_fill_the_days_asked_for() -> None:
    """Requests arrive from time 0 to the end of the last day, in whole seconds."""
    demand = generate(2.5, 200, seed=1)
    assert 2.4 * DAY < demand.span_s < 2.5 * DAY
    assert (demand.arrival_s % 1 == 0).all()
    assert (demand.lifetime_s % 1 == 0).all()


def test_the_rate_is_met_over_a_week() -> None:
    """The mean over weeks is the rate asked for, weekends included."""
    law = replace(AZURE, largest_batch=1)
    assert len(generate(28, 500, seed=1, law=law)) == pytest.approx(28 * 24 * 500, rel=0.01)


def test_day_and_week_have_their_shape() -> None:
    """Afternoons are busier than nights by the swing, weekdays than weekends."""
    law = replace(AZURE, largest_batch=1)
    arrival_s = generate(70, 500, seed=2, law=law).arrival_s
    weekend = arrival_s % (7 * DAY) >= 5 * DAY
    assert weekend.sum() / 2 / ((~weekend).sum() / 5) == pytest.approx(0.87, abs=0.02)
    hours = np.bincount((arrival_s % DAY // HOUR).astype(int), minlength=24)
    assert hours.max() / hours.mean() == pytest.approx(1.4, abs=0.05)
    assert hours.min() / hours.mean() == pytest.approx(0.6, abs=0.05)
    assert int(hours.argmax()) in (12, 13, 14)


def test_a_batch_shares_tenant_moment_and_size() -> None:
    """The VMs of one tenant arrive together and are of one size."""
    demand = generate(1, 100, seed=3)
    for code in range(len(demand.tenant_names)):
        rows_of = demand.tenant == code
        assert len(np.unique(demand.arrival_s[rows_of])) == 1
        assert len(np.unique(demand.ram_mib[rows_of])) == 1


def test_tenants_share_the_batches_unevenly() -> None:
    """With named tenants the first asks about twice as often as the second."""
    demand = generate(7, 100, seed=3, tenants=12)
    assert demand.tenant_names[0] == "tenant-01"
    assert len(demand.tenant_names) == 12
    batches = generate(28, 500, seed=3, tenants=12, law=replace(AZURE, largest_batch=1))
    asked = np.bincount(batches.tenant)
    assert asked[0] / asked[1] == pytest.approx(2, rel=0.05)


def test_standing_vms_are_there_from_the_start_and_live_on() -> None:
    """They come at time 0 without an end; all others end."""
    demand = generate(1, 20, seed=3, standing=15)
    assert demand.arrival_s[:15].tolist() == [0] * 15
    assert np.isinf(demand.lifetime_s[:15]).all()
    assert np.isfinite(demand.lifetime_s[15:]).all()


def test_the_law_gives_its_own_means() -> None:
    """Batch and lifetime means of the law are those of a long draw from it."""
    law = replace(AZURE, lifetimes=(Lognormal(1.0, 600.0, 0.5),))
    demand = generate(28, 1000, seed=6, law=law)
    assert demand.summary().batch_mean == pytest.approx(law.batch_mean, rel=0.02)
    assert demand.lifetime_s.mean() == pytest.approx(law.lifetime_mean_s, rel=0.01)


def test_a_quiet_moment_may_bring_nothing() -> None:
    """So short a time that nobody arrives gives an empty demand."""
    assert len(generate(1e-9, 1, seed=0)) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"days": 0}, "allowed: more than 0 of the first two"),
        ({"days": math.nan}, "allowed: more than 0"),
        ({"days": 1, "arrivals_per_hour": -1}, "-1 arrivals an hour"),
        ({"days": 1, "standing": -1}, "-1 standing VMs"),
        ({"days": 1, "tenants": 0}, "tenants is 0; allowed: 1 or more"),
        ({"days": 1, "seed": -3}, "seed is -3"),
        ({"days": 1e6}, "at most 10,000,000 are made: ask for less"),
    ],
)
def test_impossible_demand_is_refused(arguments: dict, message: str) -> None:
    """Days, rates, tenants and seeds have a range, and the message says it."""
    with pytest.raises(InvalidParameter) as refusal:
        generate(**arguments)
    assert message in str(refusal.value)
