"""Two speeds, one meaning: workflows and the capacity kernel decide every request alike."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from cloudlab.design import Design, read_design
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Placements, Reason
from simulator.scenario import fleet_of, rules_of
from simulator.scenario.run import play
from simulator.workload import Demand, generate
from tests.simulator.designs import NUMBERS, a_demand, a_design
from tests.support.places import ROOT

DESIGNS = ROOT / "datasets" / "designs"
SPECIAL = {"two-zones"}
"""Designs with Disabled clusters and private zones: workflows count what the kernel's fleet
leaves out."""


def answers(placements: Placements) -> list[tuple[int, int, Reason]]:
    """Return host, pool and reason of every request."""
    columns = (placements.host, placements.pool, placements.reason)
    return [
        (host, pool, Reason(reason))
        for host, pool, reason in zip(*(column.tolist() for column in columns), strict=True)
    ]


def kernel(design: Design, demand: Demand, seed: int) -> Placements:
    """Return what the capacity kernel decides."""
    return simulate(fleet_of(design), demand, rules_of(design, seed), engine=Engine.PYTHON)


@pytest.mark.parametrize("algorithm", Algorithm)
@settings(max_examples=25)
@given(shape=NUMBERS, load=NUMBERS, seed=NUMBERS)
def test_both_fidelities_choose_alike(
    algorithm: Algorithm, shape: int, load: int, seed: int
) -> None:
    """The same host, the same pool, the same reason, for every request of any demand."""
    design, demand = a_design(shape, algorithm), a_demand(load)
    slow, fast = play(design, demand, seed), kernel(design, demand, seed)
    assert answers(slow) == answers(fast)
    assert slow.md5 == fast.md5
    assert np.array_equal(slow.start_s, fast.start_s, equal_nan=True)
    assert np.array_equal(slow.end_s, fast.end_s, equal_nan=True)


def test_the_made_up_clouds_are_worth_comparing() -> None:
    """Many requests are admitted, and some are refused for every reason there is."""
    seen = Counter(
        reason
        for number in range(150)
        for _, _, reason in answers(kernel(a_design(number), a_demand(number), number))
    )
    assert set(seen) == set(Reason) - {Reason.TAGS, Reason.UNAVAILABLE}
    assert 0.5 < seen[Reason.ADMITTED] / seen.total() < 0.95


@pytest.mark.parametrize(
    "file",
    [each for each in sorted(DESIGNS.glob("*.yaml")) if each.stem not in SPECIAL],
    ids=lambda file: file.stem,
)
def test_both_fidelities_agree_on_the_shipped_designs(file: Path) -> None:
    """Half a day of generated demand, on the designs that ship."""
    design, demand = read_design(file), generate(days=0.5, arrivals_per_hour=25, seed=4)
    assert answers(play(design, demand, 1)) == answers(kernel(design, demand, 1))


def test_a_design_with_a_private_zone_can_be_played() -> None:
    """Tenants of a demand are not placed in zones and clusters that are not theirs."""
    design = read_design(DESIGNS / "two-zones.yaml")
    placements = play(design, generate(days=0.5, arrivals_per_hour=10, seed=4), 1)
    assert placements.admitted > 0
    closed = [host for host in fleet_of(design).host_names if host.startswith("xen")]
    names = fleet_of(design).host_names
    assert not {names[host] for host in placements.host if host >= 0} & set(closed)
