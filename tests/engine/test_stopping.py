"""Ending a run early: from a thread, by Ctrl-C, for good; and going on afterwards."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import warnings

import pytest

from cloudlab.engine import Interrupted, Rollback, stop_on_ctrl_c
from tests.engine.world import SCALE


@pytest.fixture(autouse=True)
def ctrl_c():
    """Ctrl-C as Python has it: shells start what runs in the background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def ticking(engine, ticks, pause=1):
    """Count for ever."""
    while True:
        await engine.sleep(pause)
        ticks.append(engine.now)


def stop_after(engine, seconds):
    """Stop `engine` from another thread after some wall seconds."""
    timer = threading.Timer(seconds, engine.stop)
    timer.start()
    return timer


def test_stop_from_a_thread_ends_a_run_within_a_second(engine) -> None:
    """The partial results are there, the run says that it was stopped, and it can go on."""
    ticks = []
    process = engine.spawn(ticking(engine, ticks))
    for _ in range(2):
        timer = stop_after(engine, 0.2)
        before, had = time.monotonic(), len(ticks)
        assert engine.run(process) is None
        timer.join()
        assert time.monotonic() - before < 1.2
        assert engine.stopped
        assert not engine.running
        assert len(ticks) > had
    assert ticks == sorted(ticks)


def test_stop_wakes_a_clock_that_waits_for_a_distant_event(live) -> None:
    """With nothing due for an hour a live run still ends within a second."""
    process = live.spawn(live.sleep(3600 / SCALE))
    timer = stop_after(live, 0.1)
    before = time.monotonic()
    live.run()
    timer.join()
    assert time.monotonic() - before < 1.1
    assert process.is_alive


def test_a_stopped_run_goes_on_exactly_where_it_was(virtual) -> None:
    """Stopped after every event or not at all: the same things happen at the same times."""

    def history(engine, stops):
        seen = []

        async def work(name, pause):
            for _ in range(5):
                await engine.sleep(pause)
                seen.append((engine.now, name))
                if stops:
                    engine.stop()

        for name, pause in (("a", 2), ("b", 3), ("c", 2)):
            engine.spawn(work(name, pause))
        engine.run()
        while stops and engine.stopped:
            engine.run()
        return seen

    with type(virtual)() as other:
        assert history(virtual, stops=True) == history(other, stops=False)


def test_stop_between_runs_stops_nothing(engine) -> None:
    """It says so, and the next run is a whole one."""
    assert not engine.stop()
    engine.run(engine.spawn(engine.sleep(1)))
    assert not engine.stopped
    assert engine.now >= 1


def test_a_run_stopped_before_its_moment_leaves_no_end_behind(virtual) -> None:
    """The next run does not halt where the stopped one should have ended."""
    seen = []

    async def work():
        await virtual.sleep(1)
        virtual.stop()
        await virtual.sleep(20)
        seen.append(virtual.now)

    virtual.spawn(work())
    virtual.run(until=10)
    assert (virtual.stopped, virtual.now) == (True, 1)
    virtual.run()
    assert (virtual.stopped, seen) == (False, [21])


def test_a_process_a_stopped_run_waited_for_can_be_waited_for_again(engine) -> None:
    """In the meantime a run is not ended by its end: that run has another goal."""

    async def work():
        await engine.sleep(1)
        engine.stop()
        await engine.sleep(1)
        return "result"

    process, other = engine.spawn(work()), engine.spawn(engine.sleep(5))
    assert engine.run(process) is None
    engine.run()
    assert not other.is_alive
    assert engine.run(process) == "result"


def test_ctrl_c_stops_a_run_between_two_events(engine) -> None:
    """No workflow is broken into; the run can go on, and the old handler is back."""
    before, ticks = signal.getsignal(signal.SIGINT), []

    async def work():
        await engine.sleep(2)
        signal.raise_signal(signal.SIGINT)
        ticks.append("went on to its next wait")
        await engine.sleep(1)
        ticks.append("went on in the next run")

    engine.spawn(work())
    with stop_on_ctrl_c(engine):
        engine.run()
        assert engine.stopped
    assert len(ticks) == 1
    assert signal.getsignal(signal.SIGINT) is before
    engine.run()
    assert len(ticks) == 2


def test_ctrl_c_again_breaks_into_a_workflow_that_hangs(engine) -> None:
    """The run ends stopped, with what it has; the broken workflow is told of in the next."""

    async def hanging():
        while True:
            signal.raise_signal(signal.SIGINT)

    engine.spawn(hanging())
    with stop_on_ctrl_c(engine):
        engine.run()
        assert engine.stopped
        with pytest.raises(KeyboardInterrupt):
            engine.run()


def test_ctrl_c_between_two_runs_stops_the_next(engine) -> None:
    """A run in stretches is stopped, too, while its progress is shown."""
    seen = []

    async def work():
        seen.append("begun")

    engine.spawn(work())
    with stop_on_ctrl_c(engine):
        signal.raise_signal(signal.SIGINT)
        engine.run()
        assert engine.stopped
        assert not seen
        engine.run()
    assert not engine.stopped
    assert seen == ["begun"]


def test_ctrl_c_that_finds_no_run_to_stop_is_raised(engine) -> None:
    """At the end of the block; the next run is a whole one."""

    def block():
        with stop_on_ctrl_c(engine):
            engine.run()
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        block()
    engine.run(engine.spawn(engine.sleep(1)))
    assert not engine.stopped


def test_outside_the_main_thread_ctrl_c_is_left_alone(virtual) -> None:
    """A run in a thread beside the notebook works, and the handler is the one it was."""
    before, seen = signal.getsignal(signal.SIGINT), []

    def background():
        with stop_on_ctrl_c(virtual):
            virtual.run(virtual.spawn(virtual.sleep(1)))
            seen.append((virtual.now, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=background)
    thread.start()
    thread.join()
    assert seen == [(1, before)]


def test_a_keyboard_interrupt_gets_through_a_waiting_live_clock(live) -> None:
    """Ctrl-C ends a run with nothing due for an hour, and nothing is undone by it."""
    undone = []

    async def work():
        async with Rollback(live) as undo:
            undo(undone.append, "undone")
            await live.sleep(3600 / SCALE)

    live.spawn(work())
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        live.run()
    timer.join()
    assert time.monotonic() - before < 1.2
    assert undone == []
    assert not live.running


def test_closing_drops_everything_quietly(engine, monkeypatch) -> None:
    """Begun, waiting, queued for a lock or not yet started: no undo, no warning, no output."""
    complaints, undone = [], []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)

    async def workflow():
        async with engine.lock(("vm", 1)), Rollback(engine) as undo:
            undo(undone.append, "undone")
            undo(engine.sleep, 1)
            await engine.all(
                engine.sleep(1000),
                engine.within(500, engine.shield(engine.sleep(1000))),
                engine.wait(engine.event()),
            )

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.spawn(workflow())
        engine.spawn(workflow())
        engine.run(until=2)
        engine.spawn(workflow())
        engine.close()
        gc.collect()
    assert complaints == undone == []


def test_closing_reaches_a_process_whose_undo_is_under_way(engine) -> None:
    """An undo in the middle is dropped like everything else."""
    seen = []

    async def slowly():
        await engine.sleep(1000)
        seen.append("undone")

    async def workflow():
        async with Rollback(engine) as undo:
            undo(slowly)
            await engine.sleep(1000)

    async def killer():
        victim = engine.spawn(workflow())
        await engine.sleep(1)
        engine.interrupt(victim)
        with pytest.raises(Interrupted):
            await engine.wait(victim)

    engine.spawn(killer())
    engine.run(until=3)
    engine.close()
    gc.collect()
    assert seen == []


def test_a_workflow_that_waits_while_dropped_is_named(virtual) -> None:
    """Catching everything breaks the rule of the house; all others are dropped all the same."""
    dropped = []

    async def stubborn():
        try:
            await virtual.sleep(10)
        finally:
            await virtual.sleep(1)

    async def good():
        try:
            await virtual.sleep(10)
        finally:
            dropped.append("good")

    for work in (good(), stubborn(), good()):
        virtual.spawn(work)
    virtual.run(until=1)
    with pytest.raises(ExceptionGroup, match="must not wait") as caught:
        virtual.close()
    [error] = caught.value.exceptions
    assert error.__notes__ == ["while stubborn was dropped"]
    assert dropped == ["good", "good"]


def test_a_closed_engine_starts_nothing(engine) -> None:
    """It has to be made anew; closing twice does no harm; a running engine is not closed."""

    async def work():
        engine.close()

    with pytest.raises(RuntimeError, match="stop it before closing"):
        engine.run(engine.spawn(work()))
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="the engine is closed"):
        engine.spawn(engine.sleep(1))
    engine.run()
