"""How a run is started, watched and stopped, and which engine it gets."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cloudlab.errors import InvalidParameter
from simulator.fleet import Fleet
from simulator.kernel import Engine, simulate
from simulator.kernel.simulate import STRETCH, WORTH_LOADING
from simulator.placements import Algorithm, Reason, Rules
from simulator.workload import Demand
from simulator.workload.churn import churn

RULES = Rules(Algorithm.FIRST_FIT)
FLEET = Fleet.uniform(10)
COUNT = 3 * STRETCH + 5


def test_progress_counts_up_to_all(engine: Engine) -> None:
    """The last call says that all are decided; the numbers rise."""
    seen: list[tuple[int, int]] = []
    simulate(FLEET, churn(10, COUNT), RULES, lambda *numbers: seen.append(numbers), engine=engine)
    decided = [number for number, _ in seen]
    assert decided == sorted(set(decided))
    assert seen[-1] == (COUNT, COUNT)


def test_a_stopped_run_keeps_what_it_decided(engine: Engine) -> None:
    """Stopped after one stretch, the answers so far are those of the whole run."""
    calls: list[None] = []

    def stop() -> bool:
        calls.append(None)
        return len(calls) == 2

    demand = churn(10, COUNT)
    part = simulate(FLEET, demand, RULES, stop=stop, engine=engine)
    whole = simulate(FLEET, demand, RULES, engine=engine)
    assert len(part) == STRETCH
    assert part.undecided == COUNT - STRETCH
    assert part.host.tolist() == whole.host[:STRETCH].tolist()
    assert whole.undecided == 0
    assert "undecided" in repr(part)


def test_a_run_stopped_before_it_starts_decides_nothing(engine: Engine) -> None:
    """No request, no answer, no error."""
    part = simulate(FLEET, churn(10, 100), RULES, stop=lambda: True, engine=engine)
    assert len(part) == 0
    assert part.horizon_s == 0


def test_an_empty_demand_is_answered(engine: Engine) -> None:
    """Nobody asks, nobody is refused."""
    empty = Demand.of("empty", arrival_s=[])
    placements = simulate(FLEET, empty, RULES, engine=engine)
    assert (len(placements), placements.admitted, placements.peak_vms) == (0, 0, 0)
    assert placements.refused_by_reason() == {}


def test_a_fleet_without_hosts_refuses_for_size(engine: Engine) -> None:
    """No host could ever hold the VM."""
    placements = simulate(Fleet.uniform(0), churn(1, 3), RULES, engine=engine)
    assert placements.reason.tolist() == [Reason.SIZE] * 3


def test_the_horizon_is_the_last_thing_that_happens(engine: Engine) -> None:
    """The last departure known, or the last arrival when VMs live on."""
    leaving = Demand.of("leaving", arrival_s=[0, 5], lifetime_s=[20, np.inf])
    staying = Demand.of("staying", arrival_s=[0, 5])
    assert simulate(FLEET, leaving, RULES, engine=engine).horizon_s == 20
    assert simulate(FLEET, staying, RULES, engine=engine).horizon_s == 5


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    """The message lists what there is."""
    with pytest.raises(InvalidParameter, match="'fortran'; choose one of auto, numba, python"):
        simulate(FLEET, churn(1, 1), RULES, engine="fortran")


def python(script: str) -> str:
    """Return what `script` prints in a process of its own."""
    prelude = (
        "import sys\n"
        "from simulator.fleet import Fleet\n"
        "from simulator.kernel import simulate\n"
        "from simulator.placements import Rules\n"
        "from simulator.workload.churn import churn\n"
    )
    command = [sys.executable, "-c", prelude + script]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_few_requests_do_not_load_numba() -> None:
    """A short run costs no start-up of a compiler."""
    script = "simulate(Fleet.uniform(1), churn(1, 100), Rules()); print('numba' in sys.modules)"
    assert python(script) == "False"


def test_many_requests_load_numba_and_then_few_use_it() -> None:
    """Once the machine code is there, short runs take it, too."""
    pytest.importorskip("numba")
    script = (
        "from simulator.kernel.simulate import engine_of\n"
        f"print(engine_of('auto', 10).__name__, engine_of('auto', {WORTH_LOADING}).__name__,"
        "engine_of('auto', 10).__name__)"
    )
    assert python(script) == "PlainEngine CompiledEngine CompiledEngine"


def test_without_numba_everything_works_and_asking_for_it_explains() -> None:
    """`auto` falls back to plain Python; `numba` says how to install it."""
    script = (
        "from cloudlab.errors import InvalidParameter\n"
        "from simulator.kernel.simulate import engine_of\n"
        "sys.modules['numba'] = None\n"
        f"print(engine_of('auto', {WORTH_LOADING}).__name__)\n"
        "try:\n    engine_of('numba', 1)\n"
        "except InvalidParameter as error:\n    print(error)"
    )
    first, second = python(script).splitlines()
    assert first == "PlainEngine"
    assert "pip install 'cloudlab[fast]'" in second
