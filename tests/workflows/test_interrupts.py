"""Broken off at any moment, once or twice: nothing is left behind, everything comes to rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import Command, VmState
from cloudlab.workflows import jobs, machines
from cloudlab.workflows.undoing import TRIES
from simulator.latency import STEPS, LatencyProfile
from tests.support.clouds import SLOW, World, build, leaks, slow
from tests.workflows.verbs import VERBS, Verb, prepared, watch

SLOWEST = 25.0
"""Longer than any verb takes, seconds of the story."""

MOMENTS = st.floats(0, SLOWEST) | st.integers(0, int(SLOWEST))


def every_step(scale: float = 1.0) -> LatencyProfile:
    """Return a profile in which every step takes a time, those that take things away, too."""
    return LatencyProfile("every step", {step: SLOW.get(step, 0.7) * scale for step in STEPS})


def broken_off(world: World, verb: Verb, *moments: float) -> list[str]:
    """Begin `verb`, interrupt it at these moments, and return what is left when all is quiet."""
    engine, cloud = world.cloud.engine, world.cloud
    job = jobs.submit(cloud, Command.UPDATE_HOST, "the world", verb.work(world))
    begin = engine.now

    async def kill() -> None:
        for moment in moments:
            await engine.sleep_until(begin + moment)
            engine.interrupt(job, "enough")

    engine.spawn(kill())
    engine.run(job)
    world.quiet()
    if verb.watched and isinstance(engine, VirtualEngine):
        watch(world)
        world.quiet()
    return leaks(world)


@pytest.mark.parametrize("verb", [pytest.param(verb, id=verb.name) for verb in VERBS])
@settings(max_examples=40)
@given(first=MOMENTS, later=st.none() | st.floats(0, 5))
def test_any_moment_will_do(verb: Verb, first: float, later: float | None) -> None:
    """On virtual time: one interrupt at any moment, perhaps another while it is being undone."""
    world = prepared(VirtualEngine(), verb, every_step())
    moments = [first] if later is None else [first, first + later]
    assert broken_off(world, verb, *moments) == []


ON_LIVE = [
    pytest.param(verb, at, id=f"{verb.name}-{at}")
    for verb in VERBS
    for at in (0.35, 1.0, 5.0, 9.0)
    if not verb.waits
]


@pytest.mark.parametrize(("verb", "at"), ON_LIVE)
def test_any_moment_will_do_on_a_live_clock(verb: Verb, at: float) -> None:
    """In real time, a few moments of every verb."""
    scale = 0.003
    with LiveEngine() as engine:
        world = prepared(engine, verb, every_step(scale))
        assert broken_off(world, verb, at * scale, (at + 0.5) * scale) == []


AT = [0.0, 0.05, 0.1, 0.25, 0.3, 1.0, 3.2, 3.3, 4.0, 5.3, 6.0, 13.0, 13.29]


@pytest.mark.parametrize("at", AT)
def test_an_interrupted_deployment_leaves_no_machine(
    slow_world: World, scale: float, at: float
) -> None:
    """No claim, NIC, disk, address or machine stays of a deployment that was broken off."""
    world, engine = slow_world, slow_world.cloud.engine
    work = machines.deploy(world.cloud, world.asked())
    job = jobs.submit(world.cloud, Command.DEPLOY, "vm", work)
    begin = engine.now

    async def kill() -> None:
        await engine.sleep_until(begin + at * scale)
        engine.interrupt(job, "user cancelled")

    engine.spawn(kill())
    done = engine.run(job)
    world.quiet()
    assert leaks(world) == []
    assert len(world.vms) == (done.error_text == "")
    if not world.vms:
        assert not world.outside.running
        assert not world.outside.disks
        assert not world.outside.plugged
        assert world.cloud.addresses[0].taken == 0


def _may_be_unplugged(steps: list[str]) -> bool:
    """Return whether a NIC can still be unplugged: one that never can stays, and is told."""
    return steps.count("fabric.unplug") < TRIES


@settings(max_examples=60)
@given(
    first=st.floats(0, 14),
    second=st.floats(0, 14),
    steps=st.lists(st.sampled_from(STEPS)).filter(_may_be_unplugged),
    victim=st.integers(0, 2),
)
def test_one_of_three_that_start_together(
    first: float, second: float, steps: list[str], victim: int
) -> None:
    """Whoever is broken off, whatever fails meanwhile: the others are not harmed by it."""
    world = build(latency=every_step())
    cloud, engine = world.cloud, world.cloud.engine
    for step in steps:
        world.fail(step, HostFault("no") if step.startswith("hypervisor") else DriverFault("no"))
    works = [
        jobs.submit(cloud, Command.DEPLOY, "vm", machines.deploy(cloud, world.asked()))
        for _ in range(3)
    ]

    async def kill() -> None:
        for moment in sorted((first, second)):
            await engine.sleep_until(moment)
            engine.interrupt(works[victim], "enough")

    engine.spawn(kill())
    world.quiet()
    assert leaks(world) == []
    assert {vm.state for vm in world.vms} <= {VmState.RUNNING, VmState.ERROR}


def test_a_live_clock_takes_its_own_time(engine: Engine) -> None:
    """The same verbs on both clocks: at the end the same states."""
    scale = 1.0 if isinstance(engine, VirtualEngine) else 0.001
    world = build(engine, slow(scale))
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(machines.start(world.cloud, vm))
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert world.states(vm) == [
        "Starting",
        "Running",
        "Stopping",
        "Stopped",
        "Starting",
        "Running",
        "Stopping",
        "Stopped",
        "Expunging",
    ]
    assert leaks(world) == []
