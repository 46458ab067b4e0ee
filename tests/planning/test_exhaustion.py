"""When resources run out: measured to the second, extrapolated by the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cloudlab.units import DAY, MONTH
from simulator.placements import Resource, Rules
from simulator.planning.exhaustion import (
    Basis,
    RunsOut,
    Typical,
    exhaustion_of,
    runs_out,
    typical_of,
)
from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.exhaustion.trend import base_peaks, reached_s
from simulator.planning.places import Place, Scope
from simulator.planning.stocks import stocks_of
from tests.planning.test_steps import usage_of
from tests.planning.worlds import FIRST_FIT, churn, demand, fleet, placed, site, with_columns

CLOUD = Place(Scope.CLOUD, 0)
ONE = Typical(1, 0, 512, 1024)


def times(where, what, rate: float = 0.0, typical: Typical = ONE, end_s: float = 1000.0) -> dict:
    """Return when everything runs out, by resource and name of the place."""
    placements = placed(where, what)
    found = runs_out(
        where.fleet,
        stocks_of(where, placements, what),
        what,
        placements,
        typical=typical,
        rate=rate,
        end_s=end_s,
    )
    return {(shortage.value, place.name): run for (shortage, place), run in found.items()}


def filling(count: int, vcpu: int = 1, ram: int = 512, **columns: object):
    """Return VMs that come every second and live on."""
    return demand(*((float(time), np.inf, vcpu, ram) for time in range(count)), **columns)


def test_cpu_runs_out_when_no_host_has_a_core_left() -> None:
    """The 16th vCPU takes the last core of two hosts of 8."""
    found = times(site(fleet(2)), filling(20))
    assert found["cpu", "cloud"] == RunsOut(15.0, measured=True)
    assert found["any", "cloud"] == RunsOut(15.0, measured=True)
    assert found["ram", "cloud"] == RunsOut(math.inf, measured=False, until_s=1000.0)


def test_cpu_runs_out_at_the_threshold() -> None:
    """With a disable threshold of one half the 8th vCPU is the last."""
    found = times(site(fleet(2, cpu_disable=0.5)), filling(20))
    assert found["cpu", "z0/z0p0/z0p0c0"].at_s == 7.0


def test_ram_runs_out_for_itself() -> None:
    """VMs of 4 GiB leave cores, but no RAM."""
    found = times(site(fleet(2)), filling(20, ram=4096))
    assert found["ram", "cloud"].at_s == 3.0
    assert found["cpu", "cloud"].at_s == math.inf


def test_storage_runs_out_when_no_pool_has_room() -> None:
    """A pool of 10 GiB has room for ten disks of 1 GiB."""
    found = times(site(fleet(2, pool_mib=10_240)), filling(20))
    assert found["storage", "cloud"].at_s == 9.0
    assert found["cpu", "cloud"].at_s == math.inf


def test_storage_stops_below_its_threshold() -> None:
    """A pool must stay below its threshold: of ten GiB at 50 % it takes four disks."""
    found = times(site(fleet(2, pool_mib=10_240, pool_disable=0.5)), filling(20))
    assert found["storage", "cloud"].at_s == 3.0


def test_a_zone_wide_pool_helps_every_cluster() -> None:
    """Storage has run out for a cluster when its own pool and the zone's are full."""
    both = with_columns(fleet(2, pool_mib=4096, clusters=2), pool_cluster=[0, -1])
    assert times(site(both), filling(20))["storage", "z0/z0p0/z0p0c0"].at_s == 7.0


def test_addresses_run_out() -> None:
    """The fifth VM takes the last of five addresses."""
    assert times(site(fleet(2, addresses=5)), filling(20))["address", "z0"].at_s == 4.0


def test_cpu_here_and_ram_there_run_out_together() -> None:
    """A host without CPU and one without RAM leave nothing for a VM, yet neither has run out."""
    what = demand((0, np.inf, 8, 512), (1, np.inf, 1, 8192))
    found = times(site(fleet(2)), what)
    assert found["any", "cloud"].at_s == 1.0
    assert (found["cpu", "cloud"].at_s, found["ram", "cloud"].at_s) == (math.inf, math.inf)


def test_a_zone_runs_out_when_all_its_clusters_have() -> None:
    """The clusters fill in turn; the first to be full is not yet the end of the zone."""
    found = times(site(fleet(1, clusters=2)), filling(20))
    first, second = (found["cpu", f"z0/z0p0/z0p0c{number}"].at_s for number in (0, 1))
    assert (first, second) == (14.0, 15.0)
    assert found["cpu", "z0"].at_s == 15.0


def test_what_departs_makes_room_again_but_the_first_time_counts() -> None:
    """A cluster that was full once ran out then."""
    what = demand((5, 10, 8, 512), (5, 10, 8, 512), (100, 1, 1, 512))
    assert times(site(fleet(2)), what)["cpu", "cloud"].at_s == 5.0


def test_a_host_too_small_for_the_typical_vm_does_not_count() -> None:
    """Cores that could never run it are no room."""
    found = times(site(fleet(2)), filling(2), typical=Typical(16, 0, 512, 0))
    assert found["cpu", "cloud"].at_s == 0.0


def test_the_trend_is_the_formula() -> None:
    """A steady peak of 4 cores meets 16 after ln(16 - 1 + …) ÷ ln(1 + g) months."""
    what = demand(*((0.0, np.inf, 1, 512) for _ in range(4)))
    found = times(site(fleet(2)), what, rate=0.05, end_s=0.0)
    room = 16_000 - 1000 + 1  # one typical VM and one MHz less than all
    expected = MONTH * math.log(room / 4000) / math.log(1.05)
    assert found["cpu", "cloud"] == RunsOut(pytest.approx(expected), measured=False)
    addresses = MONTH * math.log(10_000 / 4) / math.log(1.05)
    assert found["address", "cloud"].at_s == pytest.approx(addresses)
    assert found["any", "cloud"].at_s == pytest.approx(min(expected, addresses))


def test_growth_is_taken_off_before_it_is_put_on() -> None:
    """A peak late in a growing run is worth less than the same peak at its start."""
    usage = usage_of([(0, 0, 100), (0, 20, 105)], groups=1)
    assert base_peaks(usage, 0.05)[0] == pytest.approx(105 / 1.05 ** (20 / MONTH))
    assert reached_s(100, 105, 0.05) == pytest.approx(MONTH)


@pytest.mark.parametrize(
    ("base", "amount", "rate", "expected"),
    [
        (10, 10, 0.1, 0.0),
        (10, 10, 0.0, math.inf),
        (10, 11, 0.0, math.inf),
        (10, 11, -0.1, math.inf),
        (0, 11, 0.1, math.inf),
        (1, 1e9, 0.01, math.inf),
    ],
)
def test_trends_without_an_end(base, amount, rate, expected) -> None:
    """Without growth, without use, or beyond a century nothing runs out."""
    assert reached_s(base, amount, rate) == expected


def test_refused_demand_counts_in_the_trend() -> None:
    """A cloud short of RAM refuses half; its CPU is judged by all that was asked for."""
    what = demand(*((0.0, 100.0, 1, 8192) for _ in range(4)))
    found = times(site(fleet(2)), what, rate=0.05, end_s=10.0)
    expected = MONTH * math.log((16_000 - 999) / 4000) / math.log(1.05)
    assert found["cpu", "cloud"].at_s == pytest.approx(expected)


@pytest.mark.parametrize("growth", [5.0, 20.0])
def test_a_longer_simulation_finds_what_was_extrapolated(growth: float) -> None:
    """Played to its end with growth, a cloud runs out about when the trend said it would."""
    where = site(fleet(8, clusters=2, cpu_disable=0.85, ram_disable=0.85))
    what = churn(400, mean_hours=8)
    typical = typical_of(what, FIRST_FIT)
    rate, short = growth / 100, what.grown(growth)
    said = times(where, short, rate, typical, what.span_s)["any", "cloud"]
    assert not said.measured
    longer = what.grown(growth, 1.3 * said.at_s / DAY)
    seen = times(where, longer, rate, typical, longer.span_s)["any", "cloud"]
    assert seen.measured
    factor = (1 + rate) ** ((seen.at_s - said.at_s) / MONTH)
    assert 0.9 < factor < 1.1  # in terms of load, the two moments are within a tenth


def test_typical_is_the_median_of_every_column() -> None:
    """Each column by itself, as some request has it, a missing disk with its default."""
    what = demand(
        (0, 1, 1, 512), (0, 1, 2, 8192), (0, 1, 8, 1024), disk_mib=[-1, -1, 4096], cpu_mhz=[0, 0, 9]
    )
    rules = Rules(default_disk_mib=2048)
    assert typical_of(what, rules) == Typical(2, 0, 1024, 2048)
    assert typical_of(what.until(0), rules) == Typical(1, 0, 1024, 2048)


def test_typical_takes_its_own_speed_or_the_hosts() -> None:
    """Two vCPUs of 500 MHz take 1000 MHz anywhere, without a speed what the host's cores have."""
    mhz = np.array([1000, 3000])
    assert Typical(2, 500, 1, 1).cpu_on(mhz).tolist() == [1000, 1000]
    assert Typical(2, 0, 1, 1).cpu_on(mhz).tolist() == [2000, 6000]
    assert Typical(2, 0, 1, 1).needs(fleet(2))[Resource.CPU] == 2000


def runs(*found: tuple[float, bool]) -> tuple:
    """Return the exhaustion over runs given as time and whether it was measured."""
    key = (Shortage.CPU, CLOUD)
    return exhaustion_of([{key: RunsOut(at_s, measured)} for at_s, measured in found])


def test_runs_make_a_mean_and_an_interval() -> None:
    """Three extrapolated times give their mean and a prediction interval around it."""
    (only,) = runs((10.0, False), (20.0, False), (30.0, False))
    assert (only.at_s, only.basis, only.reached) == (20.0, Basis.EXTRAPOLATED, 3)
    assert only.interval == (0.0, pytest.approx(20 + 4.30265 * 10 * math.sqrt(4 / 3), rel=1e-5))
    assert only.times_s == (10.0, 20.0, 30.0)


@pytest.mark.parametrize(
    ("found", "basis", "at_s"),
    [
        ([(1.0, True), (3.0, True)], Basis.MEASURED, 2.0),
        ([(1.0, True), (3.0, False)], Basis.MIXED, 2.0),
        ([(1.0, True), (2.0, True), (math.inf, False)], Basis.MEASURED, 2.0),
        ([(1.0, True), (math.inf, False)], Basis.MEASURED, None),
        ([(1.0, True), (math.inf, False), (math.inf, False)], Basis.MEASURED, None),
        ([(math.inf, False)], Basis.NEVER, None),
    ],
)
def test_basis_and_time(found, basis, at_s) -> None:
    """The time is the median of all runs, if it was seen; never is said only of none."""
    (only,) = runs(*found)
    assert (only.basis, only.at_s) == (basis, at_s)


def test_a_run_that_does_not_run_out_counts_as_later() -> None:
    """One of five is beyond 60: the median is the third, and the interval has no end."""
    key = (Shortage.CPU, CLOUD)
    times = (math.inf, 30.0, 10.0, 20.0, 40.0)
    (only,) = exhaustion_of([{key: RunsOut(at_s, at_s < 25, until_s=60.0)} for at_s in times])
    assert (only.at_s, only.until_s, only.basis) == (30.0, 60.0, Basis.MIXED)
    assert (only.reached, only.measured, only.earliest_s) == (4, 2, 10.0)
    assert only.interval == (0.0, None)
    assert only.times_s == (None, 30.0, 10.0, 20.0, 40.0)


def test_a_trend_that_contradicts_the_run_is_taken_from_its_last_week() -> None:
    """A crowd in the first hour says full by the third month; by then all is calm."""
    crowd = [(0.0, 3600.0, 1, 512)] * 12
    calm = [(day * DAY, 2.5 * DAY, 1, 512) for day in range(1, 180)]
    what = demand(*crowd, *calm)
    found = times(site(fleet(2)), what, rate=0.1, end_s=179 * DAY)["cpu", "cloud"]
    full = 15_001  # MHz, less one typical request and with one MHz more than fits
    assert MONTH * math.log(full / 12_000) / math.log(1.1) < 179 * DAY
    late = 172 * DAY + MONTH * math.log(full / 3000) / math.log(1.1)
    assert found == RunsOut(pytest.approx(late, rel=0.02), measured=False)


def test_a_trend_that_contradicts_the_run_to_its_end_says_nothing() -> None:
    """By sums the cloud is full, yet one host has room: all that is known is up to the end."""
    what = demand((0, np.inf, 6, 512), (1, np.inf, 2, 512), (2, np.inf, 6, 512))
    two = site(fleet(1, clusters=2, cpu_disable=0.875))
    found = times(two, what, rate=0.05, end_s=1000.0, typical=Typical(2, 0, 512, 0))
    assert found["cpu", "cloud"] == RunsOut(math.inf, measured=False, until_s=1000.0)
    assert found["any", "cloud"] == RunsOut(math.inf, measured=False, until_s=1000.0)


def test_no_runs_say_nothing() -> None:
    """A plan stopped before its first replication has no times."""
    assert exhaustion_of([]) == ()
