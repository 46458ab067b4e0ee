"""Both engines decide every request as the rules say, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from simulator.fleet import Fleet
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, CapacityType, Reason, Rules
from simulator.workload import Demand
from tests.kernel.oracle import Oracle
from tests.kernel.strategies import demands, fleets, rules

if TYPE_CHECKING:
    from simulator.placements import Placements

ENGINES = [Engine.PYTHON, Engine.NUMBA]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """One engine after the other; numba's only where it is installed."""
    if request.param == Engine.NUMBA:
        pytest.importorskip("numba")
    return request.param


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=400)
@given(fleet=fleets(), demand=demands(), how=rules())
def test_every_answer_is_the_one_the_rules_give(
    engine: Engine, fleet: Fleet, demand: Demand, how: Rules
) -> None:
    """Host, pool and reason of every request equal those of a reading of the rules by eye."""
    if engine == Engine.NUMBA:
        pytest.importorskip("numba")
    placements = simulate(fleet, demand, how, engine=engine)
    expected = Oracle(fleet, how).decide(demand)
    assert placements.host.tolist() == [vm.host for vm in expected]
    assert placements.pool.tolist() == [vm.pool for vm in expected]
    assert [Reason(reason) for reason in placements.reason] == [vm.reason for vm in expected]
    assert placements.released_s[placements.host >= 0].tolist() == [
        vm.expunge for vm in expected if vm.host >= 0
    ]
