"""Whatever step of whatever verb fails, in whatever way: nothing is left behind.

Each step fails before it has done anything, or its answer is lost after it has.
"""

from __future__ import annotations

import pytest

from cloudlab.engine import Engine, VirtualEngine
from cloudlab.errors import CloudError, DriverFault, HostFault, TimedOut
from cloudlab.model import Command
from tests.support.clouds import World, leaks
from tests.workflows.verbs import VERBS, Verb, prepared, watch

CLOCKS = ("virtual", "live")
ERRORS = (HostFault, DriverFault, TimedOut)

CASES = [
    pytest.param(clock, verb, step, id=f"{clock}-{verb.name}-{step}")
    for clock in CLOCKS
    for verb in VERBS
    for step in verb.steps
    if clock == "virtual" or not verb.waits
]
"""Every step of every verb, on both clocks where that takes no minutes of real time."""

FAULTS = [
    pytest.param(*case.values, error, id=f"{case.id}-{error.__name__}")
    for case in CASES
    for error in (ERRORS if case.values[0] == "virtual" else ERRORS[:1])
]
"""With every error; on the live clock, which decides nothing, with one."""


def played(world: World, verb: Verb) -> list[str]:
    """Do `verb` as a job, and return what is left when all is quiet."""
    world.perform(Command.UPDATE_HOST, "the world", verb.work(world))
    if verb.watched:
        watch(world)
    world.quiet()
    return leaks(world)


@pytest.mark.parametrize("verb", [pytest.param(verb, id=verb.name) for verb in VERBS])
def test_the_steps_of_a_verb_are_all_it_takes(verb: Verb) -> None:
    """Every step that is taken is in the list, and every step in the list is taken."""
    world = prepared(VirtualEngine(), verb)
    assert played(world, verb) == []
    watching = {"hypervisor.ping", "hypervisor.halted"}
    assert {step for step, _ in world.wire.log} - watching == set(verb.steps)


@pytest.mark.parametrize(("engine", "verb", "step", "error"), FAULTS, indirect=["engine"])
def test_a_step_that_fails_leaves_nothing(
    engine: Engine, verb: Verb, step: str, error: type[CloudError]
) -> None:
    """A step that did nothing but fail."""
    world = prepared(engine, verb)
    world.wire.refuse(step, error("refused"))
    assert played(world, verb) == []
    assert world.wire.cut.planned == []


@pytest.mark.parametrize(("engine", "verb", "step", "error"), FAULTS, indirect=["engine"])
def test_a_lost_answer_leaves_nothing(
    engine: Engine, verb: Verb, step: str, error: type[CloudError]
) -> None:
    """A step that was done, but whose answer never came."""
    world = prepared(engine, verb)
    world.wire.lose(step, error("no answer"))
    assert played(world, verb) == []
    assert world.wire.lost.planned == []


@pytest.mark.parametrize(("engine", "verb", "step"), CASES, indirect=["engine"])
def test_two_steps_that_fail_leave_nothing(engine: Engine, verb: Verb, step: str) -> None:
    """What was lost once fails when it is taken away, and is taken away all the same."""
    world = prepared(engine, verb)
    world.wire.lose(step, HostFault("no answer"))
    for away in ("hypervisor.destroy", "fabric.unplug", "router.forget", "blocks.delete"):
        world.wire.refuse(away, DriverFault("busy"))
    assert played(world, verb) == []
