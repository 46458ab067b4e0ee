"""Processes: workflows under way, their names, results, errors and interrupts."""

from __future__ import annotations

import asyncio

import pytest

from cloudlab.engine import Engine, Interrupted, Process
from cloudlab.errors import HostFault


def test_waiting_for_a_process_gives_its_result(engine, go) -> None:
    """Who waits for a process gets what it returns, also when it has long ended."""

    async def answer():
        await engine.sleep(1)
        return 42

    async def asker():
        process = engine.spawn(answer())
        assert isinstance(process, Process)
        first = await engine.wait(process)
        return first, await engine.wait(process), await engine.finish(process), process.result

    assert go(asker()) == (42, 42, 42, 42)


def test_a_spawned_process_starts_when_the_running_one_waits(engine, go) -> None:
    """Spawning runs nothing by itself; what was spawned first starts first."""
    seen = []

    async def child(name):
        seen.append(name)

    async def parent():
        engine.spawn(child("first"))
        engine.spawn(child("second"))
        assert not seen
        await engine.sleep(1)
        return list(seen)

    assert go(parent()) == ["first", "second"]


def test_the_current_process_is_known_by_name(engine, go) -> None:
    """A process is called after its function, or as it was spawned."""

    async def work():
        assert engine.current is not None
        return engine.current.name

    assert go(work()) == "work"
    assert engine.run(engine.spawn(work(), name="deploy vm-1")) == "deploy vm-1"
    assert engine.current is None


def test_any_awaitable_can_be_spawned(engine) -> None:
    """A sleep, a wait and a generator of SimPy are works as good as a coroutine."""
    event = engine.event()

    def generator():
        yield engine.env.timeout(1)
        event.succeed("rung")
        return "generated"

    sleeper = engine.spawn(engine.sleep(1))
    waiter = engine.spawn(engine.wait(event))
    assert engine.run(engine.spawn(generator())) == "generated"
    engine.run()
    assert waiter.result == "rung"
    assert not sleeper.is_alive


def test_generators_of_simpy_and_workflows_mix(engine, go) -> None:
    """A generator waits for a workflow and a workflow for a generator."""

    async def inner():
        await engine.sleep(1)
        return "inner"

    def middle():
        result = yield engine.spawn(inner())
        yield engine.env.timeout(1)
        return result + " middle"

    async def outer():
        return await engine.wait(engine.env.process(middle())) + " outer"

    assert go(outer()) == "inner middle outer"


def test_an_engine_drives_any_simpy_environment(virtual) -> None:
    """An engine made around an existing environment shares its clock and its events."""
    env = virtual.env
    engine = Engine(env)
    engine.run(engine.spawn(engine.sleep(3)))
    assert env.now == 3


def test_an_error_nobody_waits_for_ends_the_run(engine) -> None:
    """It is raised where the engine runs; the run can go on afterwards."""
    seen = []

    async def broken():
        await engine.sleep(1)
        raise HostFault("h1 is down", "h1")

    async def other():
        await engine.sleep(5)
        seen.append("went on")

    engine.spawn(broken())
    engine.spawn(other())
    with pytest.raises(HostFault, match="h1 is down"):
        engine.run()
    assert not engine.running
    engine.run()
    assert seen == ["went on"]


def test_an_interrupt_ends_a_wait_with_its_cause(engine, go) -> None:
    """The interrupted process gets the cause; the interrupter hears that it was alive."""

    async def victim():
        try:
            await engine.sleep(1000)
        except Interrupted as stop:
            return stop.cause

    async def work():
        process = engine.spawn(victim())
        await engine.sleep(1)
        assert engine.interrupt(process, "user cancelled")
        return await engine.wait(process)

    assert go(work()) == "user cancelled"
    assert engine.now < 500


def test_interrupting_a_process_that_has_ended_does_nothing(engine, go) -> None:
    """It answers False and nobody notices."""

    async def work():
        process = engine.spawn(engine.sleep(0))
        await engine.wait(process)
        return engine.interrupt(process, "too late")

    assert go(work()) is False


def test_two_interrupts_at_one_instant_reach_a_process_once_it_waits_again(engine, go) -> None:
    """The second hits the wait that follows; one after the end is dropped."""
    causes = []

    async def victim():
        for _ in range(2):
            try:
                await engine.sleep(1000)
            except Interrupted as stop:
                causes.append(stop.cause)

    async def work():
        process = engine.spawn(victim())
        await engine.sleep(1)
        for cause in "abc":
            engine.interrupt(process, cause)
        await engine.wait(process)

    go(work())
    engine.run()
    assert causes == ["a", "b"]


def test_what_is_no_workflow_is_refused(engine) -> None:
    """A function that was not called is named in the message."""

    async def work():
        pass

    with pytest.raises(TypeError, match=r"work.* is not a workflow: call the async function"):
        engine.spawn(work)


def test_awaiting_another_library_is_explained(engine) -> None:
    """Awaiting a future of asyncio says what to use, in a spawned process and in a begun one."""
    loop = asyncio.new_event_loop()

    async def foreign():
        await loop.create_future()

    async def parent():
        await engine.all(foreign())

    try:
        for work in (foreign(), parent()):
            engine.spawn(work)
            with pytest.raises(TypeError, match="foreign awaits something of another library"):
                engine.run()
    finally:
        loop.close()


def test_a_slip_in_a_workflow_is_not_explained_away(engine) -> None:
    """An AttributeError of its own comes out as it is."""

    async def slip():
        engine.no_such_thing()

    engine.spawn(slip())
    with pytest.raises(AttributeError, match="no_such_thing"):
        engine.run()


def test_an_engine_does_not_run_inside_itself(engine) -> None:
    """A workflow that calls run is told to spawn instead."""

    async def work():
        engine.run()

    with pytest.raises(RuntimeError, match="running already: spawn the work"):
        engine.run(engine.spawn(work()))


def test_waiting_for_what_never_happens_is_an_error(engine) -> None:
    """A run until a process that can never end says its name instead of hanging."""
    with pytest.raises(RuntimeError, match="stuck cannot end"):
        engine.run(engine.spawn(engine.wait(engine.event()), name="stuck"))
