"""The generator's moments are those of the real Azure trace, within tolerances stated here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudlab.units import DAY, HOUR
from simulator.workload import Demand, generate, read_demand
from simulator.workload.batches import batch_of

pytestmark = pytest.mark.slow

STARTS_S = {"dev": 1_800_000.0, "test": 2_100_000.0}
"""When each half of the trace starts, in seconds of the trace; the hour of its days counts."""


@pytest.fixture(scope="module")
def trace(shared_data: Path) -> dict[str, Demand]:
    """The two halves of the trace, nine days in all."""
    folder = shared_data / "azure_v1_vm"
    return {half: read_demand(folder / f"vms_{half}.csv.gz", seed=1) for half in STARTS_S}


@pytest.fixture(scope="module")
def made() -> Demand:
    """Four weeks from the generator: two million requests, so that chance hardly counts."""
    return generate(28, seed=1)


def batch_sizes(*demands: Demand) -> np.ndarray:
    """Return the sizes of all batches of some demands."""
    return np.concatenate([np.bincount(batch_of(demand)) for demand in demands])


def batch_starts(demand: Demand) -> np.ndarray:
    """Return when each batch of a demand arrives."""
    return demand.arrival_s[np.unique(batch_of(demand), return_index=True)[1]]


def hourly(starts_s: np.ndarray) -> np.ndarray:
    """Return arrivals in each whole hour, the first and last left out."""
    return np.bincount((starts_s // HOUR).astype(int))[1:-1].astype(float)


def correlation(values: np.ndarray, lag: int) -> float:
    """Return the correlation of a series with itself `lag` steps later."""
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def test_arrivals_per_hour(trace: dict[str, Demand], made: Demand) -> None:
    """VMs an hour: within 3 %."""
    hours = sum(demand.span_s + 300 for demand in trace.values()) / HOUR
    rate = sum(map(len, trace.values())) / hours
    assert made.summary().requests_per_hour == pytest.approx(rate, rel=0.03)


def test_batches(trace: dict[str, Demand], made: Demand) -> None:
    """Mean batch within 3 %; the share of batches beyond 1, 3, 15, 62 VMs within a fifth."""
    real, ours = batch_sizes(*trace.values()), batch_sizes(made)
    assert ours.mean() == pytest.approx(real.mean(), rel=0.03)
    for size in (1, 3, 15, 62):
        assert (ours > size).mean() == pytest.approx((real > size).mean(), rel=0.2)


def test_sizes(trace: dict[str, Demand], made: Demand) -> None:
    """The share of each size of VM: within 1.5 percentage points."""
    vms = sum(map(len, trace.values()))
    for size in made.summary().sizes:
        real = sum(
            ((demand.vcpu == size.vcpu) & (demand.ram_mib == size.ram_mib)).sum()
            for demand in trace.values()
        )
        assert size.share == pytest.approx(real / vms, abs=0.015)


def test_lifetimes(trace: dict[str, Demand], made: Demand) -> None:
    """The share of VMs that end within 10 minutes to a day: within 4 percentage points.

    Only VMs that arrive a day before their half of the trace ends are counted, so that none
    of them is censored within that day.
    """
    real = np.concatenate(
        [demand.lifetime_s[demand.arrival_s < demand.span_s - DAY] for demand in trace.values()]
    )
    for limit_s in (600, 1200, 1800, 3600, 4 * HOUR, 13 * HOUR, DAY):
        ours = (made.lifetime_s <= limit_s).mean()
        assert ours == pytest.approx((real <= limit_s).mean(), abs=0.04), limit_s


def test_the_day_has_the_same_shape(trace: dict[str, Demand], made: Demand) -> None:
    """The rate of batches in each hour of the day: within 0.2 of the mean rate."""
    real = np.concatenate([batch_starts(demand) + STARTS_S[half] for half, demand in trace.items()])
    shape = np.bincount((real % DAY // HOUR).astype(int), minlength=24)
    # the two halves cover 13 h 40 min to the end of a day less than the rest: weigh by cover
    covered = np.zeros(24)
    for half, demand in trace.items():
        grid = np.arange(STARTS_S[half], STARTS_S[half] + demand.span_s + 1, 300.0)
        covered += np.bincount((grid % DAY // HOUR).astype(int), minlength=24)
    rate = shape / covered / (shape.sum() / covered.sum())
    ours = np.bincount((batch_starts(made) % DAY // HOUR).astype(int), minlength=24)
    assert ours / ours.mean() == pytest.approx(rate, abs=0.2)


def test_hours_follow_each_other_as_they_do(trace: dict[str, Demand], made: Demand) -> None:
    """The autocorrelation of batches an hour at 1, 12 and 24 hours: within 0.25."""
    ours = hourly(batch_starts(made))
    for lag in (1, 12, 24):
        real = [correlation(hourly(batch_starts(demand)), lag) for demand in trace.values()]
        assert correlation(ours, lag) == pytest.approx(float(np.mean(real)), abs=0.25), lag
