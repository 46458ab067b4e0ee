"""What there is and what is allocated, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.fleet import HostKind, Spare
from simulator.placements import Resource
from simulator.planning.levels import levels_of
from simulator.planning.places import Scope
from simulator.planning.stocks import limit_of, stocks_of
from tests.planning.worlds import demand, fleet, placed, site, with_columns


def levels(where, what, end_s: float = 100.0) -> dict:
    """Return the levels by place and resource."""
    stocks = stocks_of(where, placed(where, what), what)
    found = levels_of(where.fleet, stocks, end_s)
    return {(level.place.name, level.resource.value): level for level in found}


def test_one_cluster_by_hand() -> None:
    """Mean, end, peak and its first time of two VMs that overlap."""
    where = site(fleet(2, cpu_factor=1.5, cpu_disable=0.5))
    found = levels(where, demand((0, 50, 2, 1024), (25, 50, 4, 2048), (80, np.inf, 1, 512)))
    cpu = found["z0/z0p0/z0p0c0", "cpu"]
    assert (cpu.total, cpu.usable, cpu.limit, cpu.threshold) == (16_000, 24_000, 12_000, 0.5)
    assert cpu.allocated_mean == pytest.approx((2000 * 50 + 4000 * 50 + 1000 * 20) / 100)
    assert (cpu.allocated_end, cpu.allocated_peak, cpu.peak_at_s) == (1000, 6000, 25.0)
    assert (cpu.share_peak, cpu.share_of_threshold, cpu.free_at_peak) == (0.25, 0.5, 18_000)
    assert cpu.overprovisioning == 1.5
    ram = found["cloud", "ram"]
    assert (ram.unit, ram.allocated_peak, ram.threshold, ram.limit) == ("MiB", 3072, None, 16_384)
    assert found["cloud", "address"].allocated_peak == 2
    assert found["cloud", "storage"].allocated_end == 1024


def test_places_add_up() -> None:
    """Zones are the sums of their pods, pods those of their clusters."""
    where = site(fleet(2, clusters=2, pods=2, zones=2))
    what = demand(*((float(time), 500.0, 2, 2048) for time in range(20)))
    stocks = stocks_of(where, placed(where, what), what)
    found = levels_of(where.fleet, stocks, 20.0)
    for resource in (Resource.CPU, Resource.RAM, Resource.STORAGE):
        own = [level for level in found if level.resource is resource]
        for column in ("total", "usable", "limit", "allocated_end", "hosts"):
            sums = {
                scope: sum(getattr(each, column) for each in own if each.place.scope is scope)
                for scope in Scope
            }
            assert len(set(sums.values())) == 1, (resource, column, sums)


def test_spare_hosts_are_bought_and_reserved_but_not_usable() -> None:
    """A spare host raises the total and what is reserved, and nothing else."""
    spare = Spare(0, "spare", HostKind("small", 8, 1000, 8192))
    plain, spared = site(fleet(2)), site(with_columns(fleet(2), spares=(spare,)))
    what = demand((0, 10, 2, 1024))
    before, after = levels(plain, what)["cloud", "cpu"], levels(spared, what)["cloud", "cpu"]
    assert (after.total - before.total, after.reserved) == (8000, 8000)
    assert (after.usable, after.limit) == (before.usable, before.limit)
    assert after.overprovisioning == 1.0


def test_a_threshold_is_a_share_of_spare_hosts_too() -> None:
    """Spare hosts lift the limit of the others, as far as those have room."""
    spare = Spare(0, "spare", HostKind("small", 8, 1000, 8192))
    for threshold, limit in ((0.5, 12_000), (0.85, 16_000), (np.inf, 16_000)):
        spared = with_columns(fleet(2, cpu_disable=threshold), spares=(spare,))
        found = levels(site(spared), demand((0, 10, 2, 1024)))["cloud", "cpu"]
        assert (found.limit, found.threshold) == (limit, threshold if threshold < 9 else None)
        assert found.limit_share == (limit / 16_000 if threshold < 9 else None)
    what = demand(*((float(time), np.inf, 1, 64) for time in range(20)))
    spared = with_columns(fleet(2, cpu_disable=0.5), spares=(spare,))
    assert levels(site(spared), what)["cloud", "cpu"].share_of_threshold == 1.0


def test_zone_wide_storage_is_the_zones_alone() -> None:
    """Clusters and pods have no line for storage they only reach."""
    wide = with_columns(fleet(2, clusters=2), pool_cluster=[-1, 0])
    found = levels(site(wide), demand((0, 10, 2, 1024)))
    assert found["z0", "storage"].total == 2 << 20
    assert found["z0/z0p0/z0p0c0", "storage"].total == 1 << 20
    assert ("z0/z0p0/z0p0c1", "storage") not in found


def test_addresses_of_a_zone_with_pods_are_not_the_pods() -> None:
    """An Advanced zone's addresses have a line for the zone; a Basic zone's for each pod."""
    shared = fleet(1, clusters=1, pods=2)
    found = levels(site(shared), demand((0, 10, 1, 512)))
    assert ("z0", "address") in found
    assert ("z0/z0p0", "address") not in found
    basic = with_columns(
        shared,
        address_pool_names=("p0", "p1"),
        address_total=[5, 7],
        cluster_address_pool=[0, 1],
    )
    found = levels(site(basic), demand((0, 10, 1, 512)))
    assert [found[place, "address"].total for place in ("z0", "z0/z0p0", "z0/z0p1")] == [12, 5, 7]


def test_a_threshold_of_zones_is_weighted_by_what_is_usable() -> None:
    """Limit ÷ usable where some clusters have a threshold and some have none."""
    mixed = with_columns(fleet(2, clusters=2), cpu_disable=[0.5, np.inf])
    zone = levels(site(mixed), demand((0, 10, 1, 512)))["z0", "cpu"]
    assert zone.threshold == pytest.approx(0.75)
    assert zone.limit == 24_000


def test_the_limit_does_not_lose_a_unit_to_rounding() -> None:
    """0.85 of 100 is 85, though the product of the doubles is less."""
    assert limit_of(np.array([100, 7]), np.array([0.85, np.inf])).tolist() == [85, 7]


def test_an_empty_demand_allocates_nothing() -> None:
    """A plan for nobody is all zeros, and divides by none of them."""
    empty = demand((0, 1, 1, 512)).until(0)
    level = levels(site(), empty, end_s=0.0)["cloud", "cpu"]
    assert (level.allocated_peak, level.allocated_mean, level.share_peak) == (0, 0, 0)
