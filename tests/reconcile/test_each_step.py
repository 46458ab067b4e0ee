"""Every verb, ended at every one of its steps, before and after that step was taken."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.model import Command, JobStatus, VirtualMachine, VmState
from cloudlab.workflows import jobs, machines, migration
from cloudlab.workflows.reconcile import reconcile
from tests.reconcile.crash import Crash, Fuse, taken_up
from tests.support.clouds import World, build, leaks, slow

Work = Callable[[World], tuple[Command, Coroutine[Any, Any, Any]]]


def deploy(world: World) -> tuple[Command, Coroutine[Any, Any, Any]]:
    """A second machine."""
    return Command.DEPLOY, machines.deploy(world.cloud, world.asked("new", disk=world.disk))


def migrate(world: World) -> tuple[Command, Coroutine[Any, Any, Any]]:
    """The machine that runs, to another host."""
    return Command.MIGRATE, migration.migrate(world.cloud, world.vms[0])


def stop(world: World) -> tuple[Command, Coroutine[Any, Any, Any]]:
    """The machine that runs."""
    return Command.STOP, machines.stop(world.cloud, world.vms[0])


def start(world: World) -> tuple[Command, Coroutine[Any, Any, Any]]:
    """The machine that was stopped."""
    return Command.START, machines.start(world.cloud, world.vms[1])


def expunge(world: World) -> tuple[Command, Coroutine[Any, Any, Any]]:
    """The machine that runs, at once."""
    return Command.DESTROY, machines.destroy(world.cloud, world.vms[0], expunge=True)


ENDS = {
    deploy: {VmState.RUNNING, None},
    migrate: {VmState.RUNNING},
    stop: {VmState.RUNNING, VmState.STOPPED},
    start: {VmState.RUNNING, VmState.STOPPED},
    expunge: {VmState.RUNNING, VmState.STOPPED, None},
}
"""How a verb may have ended: done, or never begun; `None`: there is no such machine."""
ABOUT = {deploy: "new", migrate: "one", stop: "one", start: "two", expunge: "one"}


def begun(verb: Work, steps: int, *, taken: bool) -> World | None:
    """Begin `verb` in a world with one machine that runs and one that does not, and crash."""
    world = build(VirtualEngine(), slow())
    world.deploy("one", disk=world.disk)
    world.run(machines.stop(world.cloud, world.deploy("two")))
    fuse = Fuse(world, steps, taken=taken)
    command, work = verb(world)
    try:
        world.run(jobs.perform(world.cloud, command, "it", work))
    except Crash:
        assert fuse.kept is not None
        return taken_up(world, fuse.kept, world.cloud.engine.now)
    return None


def named(world: World, name: str) -> VirtualMachine | None:
    """Return the machine of this name, if there is one."""
    return next((vm for vm in world.vms if vm.name == name), None)


@pytest.mark.parametrize("taken", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", list(ENDS), ids=[verb.__name__ for verb in ENDS])
def test_it_is_done_or_was_never_begun(verb: Work, taken: bool) -> None:
    """Whichever step was the last: books and outside agree, and the machine is in no between."""
    for steps in range(100):
        world = begun(verb, steps, taken=taken)
        if world is None:
            assert steps >= 3, "it had hardly a step to end at"
            return
        jobs_left = world.run(reconcile(world.cloud))
        assert [job.status for job in jobs_left] == [JobStatus.FAILED]
        assert "finished or undone" in jobs_left[0].error_text
        assert leaks(world) == [], f"after step {steps}"
        vm = named(world, ABOUT[verb])
        assert (vm.state if vm is not None else None) in ENDS[verb]
    pytest.fail("it never came to its end")


def test_a_machine_whose_host_does_not_answer_is_left_alone() -> None:
    """It stays Starting until the host can be asked; then it is seen to: it has booted."""
    worlds = [begun(deploy, steps, taken=True) for steps in range(9)]
    world = [each for each in worlds if each is not None][-1]
    vm = named(world, "new")
    assert vm is not None
    assert vm.host is not None
    world.outside.cut_management(vm.host)
    world.cloud.engine.run(world.cloud.engine.spawn(reconcile(world.cloud)))
    assert vm.state is VmState.STARTING
    world.outside.mend_management(vm.host)
    world.outside.connect(vm.host)
    world.quiet()
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_without_anything_under_way_nothing_changes() -> None:
    """A second reconciliation finds nothing to do."""
    world = build(VirtualEngine())
    world.deploy("one")
    before = world.cloud.state()["inventory"]
    assert world.run(reconcile(world.cloud)) == []
    assert world.cloud.state()["inventory"] == before
    assert leaks(world) == []
