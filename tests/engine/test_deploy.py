"""The laws together: deploys that fail, are killed or run out of time leave nothing behind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.engine import Interrupted, VirtualEngine
from cloudlab.errors import CloudError, DriverFault, HostFault, TimedOut
from tests.engine.world import World, deploy, killed

STEPS = ("plug", "create", "start")


def breaking(step, error):
    """Return a fault that fails `step` on the first host."""

    def fault(name, vm, host):
        if (name, host) == (step, 0):
            raise error

    return fault


def test_a_deploy_leaves_a_vm_with_all_its_parts(engine) -> None:
    """Claim, NIC, disk and domain are there, and nothing else."""
    world = World(engine)
    assert engine.run(engine.spawn(deploy(world, "a"))) == 0
    assert world.leftovers("a") == []


@pytest.mark.parametrize("step", STEPS)
def test_a_host_fault_is_undone_and_tried_on_the_next_host(engine, step) -> None:
    """The retry starts when the first attempt has left nothing on the broken host."""
    world = World(engine, breaking(step, HostFault("h0 is down", 0)))
    assert engine.run(engine.spawn(deploy(world, "a"))) == 1
    assert world.leftovers("a") == []
    assert world.free == [2, 1, 2]


@pytest.mark.parametrize("step", STEPS)
def test_another_fault_is_undone_and_raised(engine, step) -> None:
    """No other host would help: nothing is left, and the caller gets the error."""
    world = World(engine, breaking(step, DriverFault("the storage is gone")))
    with pytest.raises(DriverFault, match="the storage is gone"):
        engine.run(engine.spawn(deploy(world, "a")))
    assert world.leftovers() == []


@pytest.mark.parametrize("moments", [(0,), (0.1,), (1,), (2.1,), (6,), (6, 7), (9.9,), (1, 1, 2)])
def test_a_killed_deploy_leaves_nothing(engine, moments) -> None:
    """At many moments, also while it undoes: either the whole VM is there or none of it."""
    world = World(engine)

    verdict = engine.run(engine.spawn(killed(engine, deploy(world, "a"), *moments)))
    assert world.leftovers(*(["a"] if verdict == 0 else [])) == []
    assert verdict in (0, f"interrupt at {moments[0]}")
    assert not engine.locks.is_held(("vm", "a"))


def test_a_deploy_that_takes_too_long_leaves_nothing(engine) -> None:
    """The time-out of the caller strikes in the middle of the start."""
    world = World(engine)

    async def caller():
        await engine.within(5, deploy(world, "a"))

    with pytest.raises(TimedOut, match="deploy took longer than 5 s"):
        engine.run(engine.spawn(caller()))
    engine.run()
    assert world.leftovers() == []


plans = st.lists(
    st.tuples(
        st.floats(0, 15),
        st.lists(st.floats(0, 30), max_size=3),
        st.sampled_from(("", *STEPS)),
        st.sampled_from((HostFault, DriverFault)),
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(plans)
def test_whatever_happens_claims_match_the_world(plan) -> None:
    """Arrivals, kills and failing steps in any order: what runs is all there, the rest is gone."""
    failed, running = set(), set()

    def fault(step, vm, host):
        if plan[int(vm)][2] == step and vm not in failed:
            failed.add(vm)
            raise plan[int(vm)][3](f"{step} failed", host)

    async def client(vm, arrival, kills):
        await engine.sleep(arrival)
        job = engine.spawn(deploy(world, vm))
        for kill in kills:
            engine.spawn(killer(job, kill))
        try:
            await engine.wait(job)
        except (Interrupted, CloudError):
            return
        running.add(vm)

    async def killer(job, seconds):
        await engine.sleep(seconds)
        engine.interrupt(job, "killed")

    with VirtualEngine() as engine:
        world = World(engine, fault)
        for number, (arrival, kills, _, _) in enumerate(plan):
            engine.spawn(client(str(number), arrival, kills))
        engine.run()
        assert world.leftovers(*running) == []
        assert engine.locks.contended() == []
