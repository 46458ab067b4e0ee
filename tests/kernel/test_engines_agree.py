"""Both engines decide every request as the rules say, word for word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.fleet import Fleet, HostKind
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Placements, Reason, Rules
from simulator.workload import Demand
from tests.kernel.oracle import Oracle
from tests.kernel.strategies import demands, fleets, rules


def answers(placements: Placements) -> list[tuple[int, int, int]]:
    """Return host, pool and reason of every request."""
    columns = (placements.host, placements.pool, placements.reason)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("which", list(Engine)[1:])
@settings(max_examples=200)
@given(fleet=fleets(), demand=demands(), how=rules())
def test_every_answer_is_the_one_the_rules_give(
    which: Engine, fleet: Fleet, demand: Demand, how: Rules
) -> None:
    """Host, pool, reason and expunge of every request equal a word-for-word reading's."""
    if which == Engine.NUMBA:
        pytest.importorskip("numba")
    placements = simulate(fleet, demand, how, engine=which)
    expected = Oracle(fleet, how).decide(demand)
    assert answers(placements) == [(vm.host, vm.pool, vm.reason) for vm in expected]
    admitted = placements.host >= 0
    expunged = [vm.expunge for vm in expected if vm.host >= 0]
    assert placements.released_s[admitted].tolist() == expunged


@settings(max_examples=50)
@given(fleet=fleets(), demand=demands(), how=rules(), share=st.floats(0, 1))
def test_the_future_changes_no_answer(
    fleet: Fleet, demand: Demand, how: Rules, share: float
) -> None:
    """The first requests get the same answers whether or not others follow."""
    early = demand.until(demand.span_s * share)
    whole = simulate(fleet, demand, how, engine=Engine.PYTHON)
    assert (
        answers(simulate(fleet, early, how, engine=Engine.PYTHON)) == answers(whole)[: len(early)]
    )


def large_fleet() -> Fleet:
    """Return clusters of 300 equal hosts, 70 equal hosts, and 40 hosts of two kinds."""
    fleet = Fleet.uniform(30, cores=16, ram_mib=65_536, clusters=3, zones=1, cpu_disable=0.6)
    fleet = fleet.with_hosts(0, 270).with_hosts(1, 40)
    return fleet.with_hosts(2, 10, HostKind("fast", cores=32, mhz=2600, ram_mib=49_152))


def large_demand() -> Demand:
    """Return 6,000 requests that overload the large fleet."""
    chance = np.random.default_rng(7)
    count = 6_000
    return Demand.of(
        "large",
        arrival_s=np.sort(chance.uniform(0, 10_000, count)),
        lifetime_s=chance.exponential(4_000, count) + 0.001,
        vcpu=chance.choice([1, 2, 4, 8, 24], count, p=[0.3, 0.3, 0.2, 0.19, 0.01]),
        ram_mib=chance.choice([1_024, 4_096, 16_384], count),
        cpu_mhz=chance.choice([0, 1_000, 2_400], count, p=[0.7, 0.2, 0.1]),
        tenant=chance.integers(20, size=count),
        tenant_names=[f"t{n}" for n in range(20)],
    )


@pytest.mark.parametrize("algorithm", Algorithm)
def test_engines_agree_on_large_clusters(algorithm: Algorithm) -> None:
    """Deep trees and long scans find the same hosts as masks do."""
    pytest.importorskip("numba")
    fleet, demand, how = large_fleet(), large_demand(), Rules(algorithm, seed=3)
    compiled = simulate(fleet, demand, how, engine=Engine.NUMBA)
    plain = simulate(fleet, demand, how, engine=Engine.PYTHON)
    assert compiled.md5 == plain.md5
    assert answers(compiled) == answers(plain)
    assert {Reason(reason) for reason in plain.reason} >= {Reason.ADMITTED, Reason.THRESHOLD}
