"""The figures of a demand are what a pencil gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from simulator.workload import Demand
from simulator.workload.occupancy import occupancy
from simulator.workload.summary import Size
from tests.workload.strategies import demands


def test_a_small_demand_by_hand() -> None:
    """Two overlapping VMs and one that lives on, over an hour."""
    figures = Demand.of(
        "hand",
        arrival_s=[0, 1800, 1800, 3600],
        lifetime_s=[3600, 900, 900, math.inf],
        vcpu=[4, 1, 1, 2],
        ram_mib=[8192, 1024, 1024, 2048],
        tenant=[0, 1, 1, 1],
        tenant_names=["a", "b"],
    ).summary()
    assert (figures.requests, figures.lives_on, figures.tenants, figures.batches) == (4, 1, 2, 3)
    assert figures.batches_per_tenant == 1.5
    assert figures.requests_per_hour == 4
    assert (figures.peak_vms, figures.peak_vcpu, figures.peak_ram_mib) == (3, 6, 10_240)
    assert figures.peak_vcpu_at_s == 1800
    assert figures.mean_vms == pytest.approx((3600 + 2 * 900) / 3600)
    assert figures.mean_vcpu == pytest.approx((4 * 3600 + 2 * 900) / 3600)
    assert figures.sizes[0] == Size(vcpu=1, ram_mib=1024, share=0.5)
    assert figures.lifetime_s[0.5] == 900
    assert figures.lifetime_s[0.99] == math.inf


def test_a_departure_makes_room_for_an_arrival_at_the_same_moment() -> None:
    """Back-to-back VMs never count as two."""
    demand = Demand.of("relay", arrival_s=[0, 10, 20], lifetime_s=10)
    assert demand.summary().peak_vms == 1


def test_nothing_has_figures_too() -> None:
    """An empty demand is all zeros."""
    figures = Demand.of("none", arrival_s=[]).summary()
    assert (figures.requests, figures.peak_vms, figures.requests_per_hour) == (0, 0, 0)
    assert (figures.sizes, figures.lifetime_s) == ((), {})


@given(demands())
def test_occupancy_is_never_negative_and_ends_with_what_lives_on(demand: Demand) -> None:
    """Every VM that ends gives back what it held, and only after it came."""
    held = occupancy(demand)
    assert (held.vms >= 0).all()
    assert (held.ram_mib >= 0).all()
    assert held.vms[-1] == np.isinf(demand.lifetime_s).sum()
    assert (np.diff(held.time_s) >= 0).all()
