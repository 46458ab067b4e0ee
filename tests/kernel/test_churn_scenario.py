"""The shared churn scenario: other simulators print the same figures for true first fit."""

from __future__ import annotations

import pytest

from simulator.fleet import Fleet
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Rules
from simulator.workload.churn import churn

SMALL = (100, 10_000, "c23e9e73", 1_762, 389_816_301)
MIDDLE = (1_000, 100_000, "7c6473e3", 17_298, 3_848_422_710)
LARGE = (10_000, 1_000_000, "897248ef", 171_895, 38_602_043_191)


def check(case: tuple[int, int, str, int, int], engine: Engine) -> None:
    """Run one size and compare every published figure."""
    hosts, vms, md5, peak_vms, vcpu_seconds = case
    demand = churn(hosts, vms)
    placements = simulate(Fleet.uniform(hosts), demand, Rules(Algorithm.FIRST_FIT), engine=engine)
    assert placements.md5.startswith(md5)
    assert placements.refused_by_reason() == {}
    assert placements.admitted == vms
    assert placements.peak_vms == peak_vms
    assert abs(placements.vcpu_seconds(demand) - vcpu_seconds) < 1


def test_a_hundred_hosts(engine: Engine) -> None:
    """10,000 VMs on 100 hosts: the published hosts, peak and vCPU-seconds, nobody refused."""
    check(SMALL, engine)


def test_a_thousand_hosts() -> None:
    """100,000 VMs on 1,000 hosts give the published figures."""
    check(MIDDLE, Engine.AUTO)


@pytest.mark.slow
def test_a_thousand_hosts_without_a_compiler() -> None:
    """The plain engine gives the published figures at the middle size, too."""
    check(MIDDLE, Engine.PYTHON)


@pytest.mark.slow
def test_ten_thousand_hosts() -> None:
    """A million VMs on 10,000 hosts give the published figures."""
    check(LARGE, Engine.AUTO)
