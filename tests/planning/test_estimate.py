"""The estimate by sums: exact where sums are, fast always, and honest about its error."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from cloudlab.units import MONTH
from simulator.planning import WhatIf, confirm, estimate, profile_of
from tests.planning.worlds import FIRST_FIT, churn, demand, fleet, placed, site, with_columns


def estimated(where, what, **change):
    """Return the estimate for `what` on `where`."""
    return estimate(where.fleet, profile_of(what, where.fleet, where.rules), **change)


def test_shares_by_hand() -> None:
    """Six of 16 cores and 3 of 16 GiB at the most."""
    found = estimated(site(fleet(2)), demand((0, 9, 4, 1024), (5, 9, 2, 2048), (20, 9, 1, 512)))
    assert (found.asked_cpu_share, found.peak_ram_share) == (6 / 16, 3 / 16)
    assert (found.hosts, found.clusters, found.clusters_n_plus_1, found.fits) == (2, 1, 1, True)
    assert (found.months_until_full, found.full_of) == (None, None)


def test_months_until_full_are_the_formula() -> None:
    """Peak 4 of a limit of 16 less one VM of one core, at 10 % a month."""
    found = estimated(site(fleet(2)), demand(*((0, 9, 1, 512) for _ in range(4))), growth=10)
    assert found.months_until_full == pytest.approx(math.log(15.001 / 4) / math.log(1.1))
    assert found.full_of == "cpu"


def test_full_already_is_when_the_limit_is_first_met() -> None:
    """A demand that asks for more than the limit is full at that moment, growth or not."""
    what = demand((0, 999, 8, 512), (MONTH, 999, 16, 512))
    found = estimated(site(fleet(2)), what)
    assert found.months_until_full == pytest.approx(1.0)
    assert estimated(site(fleet(1)), what).months_until_full == 0.0


@given(
    st.sampled_from([1.0, 1.5, 2.0]),
    st.integers(1, 6),
    st.sampled_from([0.5, 1.0, 1.3]),
    st.integers(0, 4),
)
def test_more_of_anything_never_hurts(overcommit, hosts, scale, months) -> None:
    """More hosts or over-provisioning lower the shares, more demand raises them."""
    where, what = site(fleet(3, clusters=2, cpu_disable=0.85)), churn(100)
    profile = profile_of(what, where.fleet, where.rules)
    change = {"cpu_overcommit": overcommit, "hosts_per_cluster": hosts, "growth": 5.0}
    base = estimate(where.fleet, profile, **change, scale=scale, months=months)
    larger = estimate(
        where.fleet,
        profile,
        **{**change, "hosts_per_cluster": hosts + 1},
        scale=scale,
        months=months,
    )
    assert larger.asked_cpu_share < base.asked_cpu_share
    busier = estimate(where.fleet, profile, **change, scale=scale * 1.2, months=months)
    assert busier.asked_cpu_share > base.asked_cpu_share
    assert base.peak_cpu_share <= min(base.asked_cpu_share, 0.85) + 1e-9


def test_the_fleet_is_the_question_s() -> None:
    """Hosts are taken away from the end, and added like the last one, in every cluster."""
    mixed = with_columns(fleet(2, clusters=2), host_cores=[8, 16, 8, 4])
    more = WhatIf(hosts_per_cluster=3).fleet(mixed)
    assert more.host_cores.tolist() == [8, 16, 16, 8, 4, 4]
    assert len(set(more.host_names)) == 6
    assert WhatIf(hosts_per_cluster=1).fleet(mixed).host_cores.tolist() == [8, 8]
    assert WhatIf(cpu_overcommit=3).fleet(mixed).cpu_factor.tolist() == [3.0, 3.0]
    assert WhatIf(ram_overcommit=2).fleet(mixed).usable_ram_mib.sum() == 2 * 4 * 8192
    assert WhatIf().fleet(mixed) is mixed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"growth": -100}, "growth is -100"),
        ({"scale": 0}, "scale is 0"),
        ({"months": -1}, "months is -1"),
        ({"cpu_overcommit": 0.5}, "cpu_overcommit is 0.5"),
        ({"hosts_per_cluster": 0}, "hosts_per_cluster is 0"),
        ({"ram_overcommit": math.nan}, "ram_overcommit is nan"),
    ],
)
def test_values_out_of_range_are_named(change, message) -> None:
    """The message has the name, the value and what is allowed."""
    with pytest.raises(InvalidParameter, match=message):
        WhatIf(**change)


def test_an_estimate_takes_less_than_a_blink() -> None:
    """400,000 requests on a thousand hosts: 50 ms for an answer, once the profile is made."""
    what, of = churn(400_000, mean_hours=0.5), fleet(50, clusters=20)
    profile = profile_of(what, of, FIRST_FIT)
    begin = time.process_time()
    for hosts in range(40, 50):
        estimate(of, profile, growth=5, cpu_overcommit=2, hosts_per_cluster=hosts)
    assert (time.process_time() - begin) / 10 < 0.05


def test_confirmation_agrees_where_sums_are_exact() -> None:
    """A steady demand of one size on equal hosts leaves nothing to differ in."""
    where = site(fleet(4))
    what = demand(*((float(number), 1e9, 1, 1024) for number in range(12)))
    found = confirm(where, what, estimated(where, what, growth=10))
    figures = {each.figure: each for each in found.figures}
    assert {each.figure for each in found.figures if each.difference} <= {"months until full"}
    assert figures["months until full"].difference == pytest.approx(0, abs=0.01)
    assert (found.requests, found.refused) == (12, 0)


def test_confirmation_shows_what_sums_do_not_see() -> None:
    """A VM of 6 cores fits by sums into holes of 4, but not in the simulation."""
    where = site(fleet(2))
    what = demand((0, 99, 5, 512), (0, 99, 5, 512), (1, 99, 6, 512))
    found = confirm(where, what, estimated(where, what))
    figures = {each.figure: each for each in found.figures}
    assert figures["everything admitted"].difference == 1.0
    assert found.refused == 1


def test_confirmation_plays_the_change() -> None:
    """Hosts, over-provisioning, scale and months are those of the estimate."""
    where, what = site(fleet(2)), churn(50, days=1)
    change = {"hosts_per_cluster": 8, "cpu_overcommit": 2.0, "growth": 20.0, "months": 3.0}
    found = confirm(where, what, estimated(where, what, **change))
    assert found.requests == len(what.scaled(1.2**3, 0))
    share = next(each for each in found.figures if each.figure == "peak CPU share")
    assert share.simulated == pytest.approx(share.estimated, rel=0.35)


def test_figures_without_a_counterpart_have_no_difference() -> None:
    """Never against some time is no number."""
    where, what = site(fleet(2)), demand((0, 9, 1, 512))
    found = confirm(where, what, estimated(where, what))
    months = next(each for each in found.figures if each.figure == "months until full")
    assert (months.estimated, months.simulated, months.difference) == (None, None, None)


def test_peaks_of_the_profile_are_those_of_a_cloud_that_refuses_nothing() -> None:
    """The records end at the highest amounts ever held."""
    what, roomy = churn(200), site(fleet(100))
    profile = profile_of(what, roomy.fleet, roomy.rules)
    peaks = placed(roomy, what).peaks(roomy.fleet, what, "cpu", "zone")
    assert profile.cpu.base(0.0) == peaks.amount[0]
    assert np.all(np.diff(profile.cpu.amount) > 0)
