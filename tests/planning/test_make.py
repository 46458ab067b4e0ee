"""From a design and a demand to a plan: what is played, under which seeds, and how it stops."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from cloudlab.design import Design, design_from_yaml, new_design, read_design
from cloudlab.errors import InputError, InvalidParameter
from cloudlab.units import DAY
from simulator.kernel import simulate
from simulator.planning import Question, make_plan, plan_of, resampled, site_of
from simulator.planning.watch import Watch
from simulator.scenario import fleet_of, rules_of
from tests.planning.conftest import DESIGNS
from tests.planning.worlds import churn, demand, placed, site
from tests.support.places import ROOT


def small(**changes: object) -> Design:
    """Return two clusters of three hosts of 8 cores."""
    return new_design(clusters=2, hosts=3, cpus=8, mhz=1000, ram_gib=16, **changes)


def test_the_main_run_is_given_what_was_asked_for() -> None:
    """The player gets the changed design, the scaled demand and the seed; its answer is used."""
    calls = []

    def run(design, what, seed, progress, stop):
        calls.append((design, what, seed))
        progress(len(what), len(what))
        assert not stop()
        return simulate(fleet_of(design), what, rules_of(design, seed))

    what = churn(40)
    plan = make_plan(
        small(),
        what,
        scale=1.5,
        algorithm="firstfit",
        cpu_overcommit=3.0,
        seed=7,
        replications=1,
        run=run,
    )
    ((design, played, seed),) = calls
    assert (str(design.settings.vm_allocation_algorithm), seed) == ("firstfit", 7)
    assert fleet_of(design).cpu_factor.tolist() == [3.0, 3.0]
    assert np.array_equal(played.arrival_s, what.scaled(1.5, 7).arrival_s)
    assert (plan.algorithm, plan.traffic.requests) == ("firstfit", len(played))


def test_both_fidelities_give_the_same_plan() -> None:
    """A main run played as workflows changes nothing but the word."""
    texts = [
        make_plan(small(), churn(60), replications=1, fidelity=fidelity).to_json()
        for fidelity in ("workflow", "capacity")
    ]
    assert texts[0].replace('"workflow"', '"capacity"') == texts[1]


def test_equal_questions_have_equal_answers(design: Design) -> None:
    """The same seed gives the same bytes, in this process and in another."""
    arguments = {"growth": 5, "replications": 2, "fidelity": "capacity", "seed": 3}
    here = make_plan(design, churn(200), **arguments).to_json()
    program = (
        "from cloudlab.design import read_design\n"
        "from simulator.planning import make_plan\n"
        "from tests.planning.worlds import churn\n"
        f"design = read_design({str(DESIGNS / 'small-cloud.yaml')!r})\n"
        f"print(make_plan(design, churn(200), **{arguments!r}).to_json(), end='')"
    )
    command = [sys.executable, "-c", program]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout == here
    assert make_plan(design, churn(200), **arguments | {"seed": 4}).to_json() != here


def test_without_a_horizon_the_demand_is_played_as_it_is() -> None:
    """Growth is for the replications alone; the main run is today's demand."""
    plan = make_plan(small(), churn(50), growth=50, replications=1, fidelity="capacity")
    assert plan.traffic.requests == 50
    assert plan.traffic.end_s == churn(50).span_s


def test_with_a_horizon_the_demand_grows_up_to_it() -> None:
    """The main run covers the horizon, with growth."""
    plan = make_plan(
        small(), churn(50), growth=50, horizon_days=28, replications=1, fidelity="capacity"
    )
    assert plan.traffic.requests == len(churn(50).grown(50, 28))
    assert plan.traffic.end_s == 28 * DAY


def test_a_short_horizon_cuts_the_demand() -> None:
    """What comes after it is not played."""
    plan = make_plan(small(), churn(70), horizon_days=3, replications=1, fidelity="capacity")
    assert plan.traffic.requests == len(churn(70).until(3 * DAY))


def test_a_demand_is_resampled_and_a_function_is_asked() -> None:
    """Replications of a demand are drawn from it; a function gives one for every seed."""
    asked = []

    def source(seed: int):
        asked.append(seed)
        return churn(40, seed)

    question = Question(replications=3, seed=5)
    where, what = site(), churn(40, 5)
    by_function = plan_of(
        where, question, source=source, played=what, placements=placed(where, what)
    )
    assert asked == [5, 6, 7]
    assert [each.seed for each in by_function.replications] == asked
    drawn = plan_of(where, question, source=what, played=what, placements=placed(where, what))
    lengths = [len(resampled(what, seed)) for seed in (5, 6, 7)]
    assert [each.requests for each in drawn.replications] == lengths


def test_a_single_replication_takes_the_demand_as_it_is() -> None:
    """One replication draws nothing and gives no interval."""
    plan = make_plan(small(), churn(40), growth=5, replications=1, fidelity="capacity")
    (only,) = plan.replications
    assert only.requests in {40, len(churn(40).grown(5))}
    assert all(each.interval is None for each in plan.exhaustion)


def test_growth_brings_the_end_nearer() -> None:
    """The higher the growth, the sooner every resource runs out."""
    times = [
        [
            each.at_s
            for each in make_plan(
                small(), churn(40), growth=growth, replications=2, fidelity="capacity"
            ).exhaustion
        ]
        for growth in (2.0, 10.0)
    ]
    assert all(slow > fast for slow, fast in zip(*times, strict=True))


def test_without_growth_nothing_runs_out() -> None:
    """What is not refused today will not be refused tomorrow."""
    plan = make_plan(small(), churn(20), replications=2, fidelity="capacity")
    assert {(each.at_s, each.interval, each.basis.value) for each in plan.exhaustion} == {
        (None, None, "never")
    }


def test_progress_names_the_stages_in_order() -> None:
    """Every stage begins at 0 and ends at its total."""
    told: list[tuple[int, int, str]] = []
    make_plan(
        small(),
        churn(40),
        replications=2,
        fidelity="capacity",
        progress=lambda *step: told.append(step),
    )
    stages = list(dict.fromkeys(label for _, _, label in told))
    assert stages == ["main run", "host failures", "hosts to buy", "replications"]
    for stage in ("main run", "host failures", "replications"):
        steps = [(done, total) for done, total, label in told if label == stage]
        assert steps[0][0] == 0
        assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize(
    ("stage", "has"),
    [
        ("main run", {"survival": 0, "recommendation": 0, "replications": 0}),
        ("host failures", {"survival": 1, "recommendation": 0, "replications": 0}),
        ("replications", {"survival": 2, "recommendation": 4, "replications": 1}),
    ],
)
def test_a_stop_keeps_what_was_found(stage: str, has: dict[str, int]) -> None:
    """The plan holds everything up to the stop, says where it was, and can be shown."""
    at: list[tuple[int, str]] = []
    watch = {
        "progress": lambda done, _total, label: at.append((done, label)),
        "stop": lambda: at[-1][1] == stage and at[-1][0] >= (stage != "main run"),
    }
    plan = make_plan(small(), churn(40), replications=3, fidelity="capacity", **watch)
    assert plan.stopped_at.startswith(stage)
    assert {name: len(getattr(plan, name)) for name in has} == has
    assert "STOPPED at" in plan.to_text()
    assert json.loads(plan.to_json())["stopped_at"] == plan.stopped_at
    assert "Stopped at" in plan.to_html()


def test_a_run_stopped_half_way_is_planned_up_to_there() -> None:
    """Requests that were never come to are counted as such, and nothing else is."""
    what, where = churn(60), site()
    half = simulate(where.fleet, what.until(what.arrival_s[30]), where.rules)
    watch = Watch(stop=lambda: True)
    plan = plan_of(where, Question(), source=what, played=what, placements=half, watch=watch)
    assert plan.traffic.requests == 30
    assert plan.traffic.end_s == what.arrival_s[29]
    assert plan.survival == plan.replications == ()


def test_nobody_asks_for_anything() -> None:
    """An empty demand has a plan in which everything is free."""
    nobody = demand((0, 1, 1, 512)).until(0)
    plan = make_plan(small(), nobody, growth=5, fidelity="capacity", replications=2)
    assert plan.traffic.requests == 0
    assert [each.survives for each in plan.survival] == [3, 3]
    assert "yes, all 0 requests admitted" in plan.to_text()
    assert plan.to_html()


def test_spare_hosts_and_prices_come_from_the_design() -> None:
    """Hosts with the tag for high availability are reserved; the price list is the design's."""
    design = read_design(DESIGNS / "two-zones.yaml")
    found = site_of(design, 0)
    spares = found.fleet.spares
    assert [spare.kind.name for spare in spares]
    assert not {spare.name for spare in spares} & set(found.fleet.host_names)
    assert found.has_ha_tag
    assert [offer.kind.name for offer in found.offers] == [each.name for each in design.host_types]
    assert [offer.price_per_month for offer in found.offers] == [
        each.price_per_month for each in design.host_types
    ]
    assert set(found.hypervisors) == {"KVM", "VMware", "XenServer"}
    what = churn(30)
    plan = make_plan(design, what, replications=1, fidelity="capacity")
    assert sum(each.spares for each in plan.survival) == len(spares)
    assert any(level.reserved for level in plan.levels)


def test_too_much_overcommit_is_told_as_an_option() -> None:
    """The message is about the option asked for, and a design that accepts it is not asked."""
    allowed = "cpu_overcommit is 1000; allowed: 1 to 100; if you mean it, set accept_unusual in the"
    with pytest.raises(InvalidParameter, match=allowed):
        make_plan(small(), churn(5), cpu_overcommit=1000, fidelity="capacity")
    bold = design_from_yaml(f"accept_unusual: true\n{small().to_yaml()}")
    plan = make_plan(bold, churn(5), cpu_overcommit=1000, fidelity="capacity", replications=1)
    assert plan.levels[0].overprovisioning == 1000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": 0}, "scale is 0; allowed: more than 0"),
        ({"growth": -100}, "growth is -100; allowed: above -100"),
        ({"horizon_days": 0}, "horizon_days is 0; allowed: more than 0"),
        ({"cpu_overcommit": 0.5}, "cpu_overcommit is 0.5; allowed: 1 or more"),
        ({"replications": 0}, "replications is 0; allowed: 1 to 1000"),
        ({"seed": -1}, "seed is -1; allowed: a whole number, 0 or more"),
        ({"growth": float("nan")}, "growth is nan"),
        ({"fidelity": "rough"}, "fidelity is 'rough'; allowed: workflow, capacity"),
    ],
)
def test_figures_out_of_range_are_named(change: dict[str, object], message: str) -> None:
    """The message has the name, the value and what is allowed, before anything is computed."""
    with pytest.raises(InvalidParameter, match=message):
        make_plan(small(), churn(5), **change)


def test_an_unknown_algorithm_is_refused_by_the_design() -> None:
    """The message lists the algorithms there are."""
    with pytest.raises(InputError, match="firstfit"):
        make_plan(small(), churn(5), algorithm="bestest")
