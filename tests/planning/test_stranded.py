"""What is free but useless: every cause by itself, and the sum in all worlds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.fleet import HostKind, Spare
from simulator.planning.exhaustion import Typical, typical_of
from simulator.planning.stocks import stocks_of
from simulator.planning.stranded import stranded_of
from tests.planning.worlds import churn, demand, fleet, placed, site, with_columns

ONE = Typical(1, 0, 1024, 1024)


def stranded(where, what, typical: Typical = ONE) -> dict:
    """Return what is stranded by resource, of the first cluster."""
    found = stranded_of(where, stocks_of(where, placed(where, what), what), typical)
    return {each.resource.value: each for each in found if each.place.index == 0}


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {
            "hosts": st.integers(1, 3),
            "clusters": st.integers(1, 3),
            "cpu_disable": st.sampled_from([0.3, 0.7, np.inf]),
            "cpu_factor": st.sampled_from([1.0, 1.7]),
            "pool_mib": st.sampled_from([8192, 1 << 20]),
            "addresses": st.sampled_from([9, 10_000]),
        }
    ),
    st.integers(0, 50),
)
def test_the_parts_add_up_to_what_is_free(cloud, seed) -> None:
    """Whatever the cloud and the demand, nothing is lost and nothing counted twice."""
    of = fleet(**cloud)
    mixed = with_columns(of, host_mhz=[1000 + 500 * (host % 2) for host in range(len(of))])
    where, what = site(mixed), churn(80, seed)
    stocks = stocks_of(where, placed(where, what), what)
    for each in stranded_of(where, stocks, typical_of(what, where.rules)):
        assert sum(each.parts.values()) == each.free
        assert min(each.parts.values()) >= 0
        assert each.stranded == each.free - each.placeable
        stock = stocks.cpu if each.resource == "cpu" else stocks.ram
        held = stock.usage.at(np.array([each.at_s]))[0][each.place.index]
        assert each.free == stock.usable[each.place.index] - held


def test_cpu_is_stranded_where_ram_is_out() -> None:
    """A host with 4 cores and no RAM left: all its free CPU waits for RAM."""
    found = stranded(site(fleet(1)), demand((0, 9, 4, 8192)))
    assert found["cpu"].parts == {**dict.fromkeys(found["cpu"].parts, 0), "other_resource": 4000}
    assert found["ram"].free == 0


def test_rests_smaller_than_a_vm_are_fragments() -> None:
    """1.5 GiB free on a host takes one VM of 1 GiB; the rest is a fragment."""
    found = stranded(site(fleet(1)), demand((0, 9, 1, 6656)))
    assert found["ram"].fragments == 512
    assert found["cpu"].other_resource == 6000


def test_a_threshold_keeps_what_is_above_it() -> None:
    """With a threshold of one half and a quarter taken, a quarter is left; half is kept."""
    found = stranded(site(fleet(2, cpu_disable=0.5)), demand((0, 9, 4, 4096)))
    assert found["cpu"].threshold == 8000
    # One host less may hold half of the other, which is taken already.
    assert (found["cpu"].reserve, found["cpu"].placeable) == (4000, 0)
    wider = stranded(site(fleet(4, cpu_disable=0.5)), demand((0, 9, 4, 4096)))
    assert (wider["cpu"].reserve, wider["cpu"].placeable) == (4000, 8000)


def test_without_a_threshold_the_largest_host_is_kept_free() -> None:
    """Two hosts of eight cores may hold eight, of which four are taken."""
    found = stranded(site(fleet(2)), demand((0, 9, 4, 4096)))
    assert (found["cpu"].reserve, found["ram"].reserve) == (8000, 8192)
    assert (found["cpu"].placeable, found["ram"].placeable) == (4000, 4096)


def test_a_spare_host_is_the_reserve() -> None:
    """What a spare can take need not be kept on the others."""
    spare = Spare(0, "spare", HostKind("small", 8, 1000, 8192))
    found = stranded(site(with_columns(fleet(2), spares=(spare,))), demand((0, 9, 4, 4096)))
    assert found["cpu"].reserve == 0


def test_without_disks_nothing_is_placeable() -> None:
    """A pool with room for one more disk leaves one place."""
    found = stranded(site(fleet(2, pool_mib=2048)), demand((0, 9, 1, 1024)))
    assert (found["cpu"].storage, found["cpu"].placeable, found["cpu"].reserve) == (14_000, 1000, 0)


def test_without_addresses_nothing_is_placeable() -> None:
    """The only address is taken."""
    found = stranded(site(fleet(2, addresses=1)), demand((0, 9, 1, 1024)))
    assert (found["cpu"].addresses, found["cpu"].placeable) == (15_000, 0)


def test_a_host_that_cannot_run_the_typical_vm_is_a_fragment() -> None:
    """Cores too slow for the request are no places for it."""
    found = stranded(site(fleet(1)), demand((0, 9, 1, 1024)), Typical(1, 3000, 1024, 1024))
    assert found["cpu"].fragments == found["cpu"].free == 7000


def test_the_moment_is_the_peak_of_the_fuller_resource() -> None:
    """RAM at 100 % later counts more than CPU at 50 % earlier."""
    what = demand((5, 1, 4, 512), (7, 1, 1, 8192))
    assert stranded(site(fleet(1)), what)["cpu"].at_s == 7.0
    assert stranded(site(fleet(1)), what.until(6))["cpu"].at_s == pytest.approx(5.0)
