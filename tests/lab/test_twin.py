"""A twin goes on from the books alone; a dry run tells what would be done."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from cloudlab import Lab
from cloudlab.design import new_design
from cloudlab.engine import VirtualEngine
from cloudlab.errors import InsufficientCapacity
from cloudlab.model import VmState
from simulator.latency import LatencyProfile, load_profile
from simulator.outside import Outside
from simulator.simulation import Simulation
from simulator.twin import reflect
from tests.properties.stories import SETTINGS, Setting, Story

DESIGN = new_design(pods=1, clusters=1, hosts=3, cpus=8, mhz=2000, ram_gib=16)


@pytest.fixture
def lab() -> Lab:
    """A lab in which steps take their time, with two machines."""
    made = Lab(DESIGN, latency="kvm-nfs", progress=False)
    made.deploy_many(2)
    return made


@settings(max_examples=30)
@given(SETTINGS)
def test_the_books_describe_the_outside(setting: Setting) -> None:
    """After any story that has come to rest with all hosts well: they are the same."""
    story = Story(setting)
    story.tell()
    story.mend()
    cloud = story.world.cloud
    alone = Outside(VirtualEngine(), LatencyProfile("instant"))
    reflect(cloud, alone)
    there = story.world.outside.state()
    unsure = {"lost_mounts", "unfenceable"}
    told = {alert.name for alert in cloud.inventory.alerts if alert.is_open}
    if any("Unable to clean up" in name for name in told):
        return  # what could not be removed is out there, and told in an alert
    assert {k: v for k, v in alone.state().items() if k not in unsure} == {
        k: v for k, v in there.items() if k not in unsure
    }


def test_a_twin_has_the_same_books_and_a_future_of_its_own(lab: Lab) -> None:
    """What is done there does not happen here."""
    twin = lab.twin()
    assert list(twin.vms) == list(lab.vms)
    twin.deploy("third")
    twin.break_host(twin.cloud.inventory.hosts.get(1))
    twin.run(minutes=5)
    assert len(twin.vms) == 3
    assert len(lab.vms) == 2
    assert all(vm.state is VmState.RUNNING for vm in lab.cloud.inventory.vms)


def test_a_simulation_goes_on_from_books_without_an_outside(lab: Lab) -> None:
    """The state of a cloud on real hosts has no outside: it is as the books say."""
    state = json.loads(json.dumps(lab.world.state()))
    del state["outside"], state["latency"]
    found = Simulation.restored(state)
    assert found.outside.state() == lab.world.outside.state()  # type: ignore[attr-defined]


def test_a_dry_run_lists_the_steps_in_order(lab: Lab) -> None:
    """With the time each would take; the lab itself stays as it is."""
    before = lab.now
    with lab.dry_run() as trial:
        vm = trial.lab.deploy("web")
        assert vm.state is VmState.RUNNING
    steps = [each.step for each in trial.steps]
    assert steps[-1] == "hypervisor.start"
    assert {"fabric.plug", "blocks.create"} <= set(steps)
    assert all(each.ok for each in trial.steps)
    text = repr(trial)
    assert f"<DryRun: {len(steps)} steps would be taken>" in text
    assert "vm web" in text
    assert (lab.now, len(lab.vms)) == (before, 2)


def test_a_dry_run_refuses_what_the_lab_would_refuse(lab: Lab) -> None:
    """With the same explanation, and nothing would have been sent."""
    huge = lab.cloud.inventory.compute_offerings
    first = next(iter(huge))
    with lab.dry_run() as trial:
        twin = trial.lab.cloud.inventory.compute_offerings.get(first.id)
        twin.ram_mib = 10**6
        with pytest.raises(InsufficientCapacity, match="no place"):
            trial.lab.deploy("huge", offering=twin)
    assert [each.step for each in trial.steps if each.step == "hypervisor.start"] == []


def test_a_twin_may_take_another_time_under_another_seed(lab: Lab) -> None:
    """It draws anew from the moment it is made."""
    slow = LatencyProfile("slow", {"hypervisor.start": 1000})
    twin = lab.twin(latency=slow, seed=9)
    begin = twin.now
    twin.deploy("late")
    assert twin.now - begin == 1000


def test_the_expected_twin_takes_the_mean_of_everything() -> None:
    """What it predicts does not depend on a seed."""
    profile = load_profile("kvm-nfs")
    made = Lab(DESIGN, progress=False)
    took = []
    for seed in (1, 2):
        twin = made.twin(latency=profile.expected(), seed=seed)
        twin.deploy("web")
        took.append(twin.now)
    assert took[0] == took[1] > 0


def test_a_silent_host_costs_what_the_profile_says() -> None:
    """Its time-outs delay the moment at which it is known to be Down."""
    took = []
    for silence in (0.0, 2.0):
        steps = {"hypervisor.ping": 0.01, "hypervisor.ping.silent": silence}
        made = Lab(DESIGN, latency=LatencyProfile("p", steps), progress=False)
        moment = made.now
        host = made.break_host(made.cloud.inventory.hosts.get(1))
        made.run(minutes=15)
        moves = made.cloud.journal.moves
        took.append(next(m.at for m in moves if m.subject is host and m.after == "Down") - moment)
    # A ping that finds it silent, one to be sure, and one of the investigation.
    assert took[1] - took[0] == pytest.approx(6.0, abs=0.1)
