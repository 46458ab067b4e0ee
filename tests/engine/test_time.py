"""The clock: exact, in order, and untouched by sleeps that take no time."""

from __future__ import annotations

import math
import time

import pytest

from cloudlab.engine import LiveEngine
from cloudlab.engine.waiting import AT_ONCE
from tests.engine.world import SCALE


def test_sleepers_wake_in_order_of_time(engine) -> None:
    """Who sleeps shorter wakes first, whoever went to bed first."""
    woken = []

    async def sleeper(seconds):
        await engine.sleep(seconds)
        woken.append(seconds)

    for seconds in (3, 1, 2):
        engine.spawn(sleeper(seconds))
    engine.run()
    assert woken == [1, 2, 3]


def test_sleeping_takes_the_time_asked_for(engine, go) -> None:
    """The clock has moved on by at least what was slept, on the virtual clock by just that."""

    async def work():
        before = engine.now
        await engine.sleep(2.5)
        return engine.now - before

    slept = go(work())
    assert slept >= 2.5
    assert isinstance(engine, LiveEngine) or slept == 2.5


@pytest.mark.parametrize("seconds", [0, 0.0, -1, -math.inf])
def test_sleeping_no_time_does_not_touch_the_event_loop(engine, go, seconds) -> None:
    """A port without latency lets nobody else in between."""
    others = []

    async def other():
        others.append("in between")

    async def work():
        engine.spawn(other())
        await engine.sleep(seconds)
        await engine.sleep_until(engine.now)
        await engine.sleep_until(engine.now - 1)
        return list(others)

    assert go(work()) == []
    assert engine.sleep(seconds) is AT_ONCE


def test_sleep_until_hits_the_exact_double(virtual) -> None:
    """The clock shows the moment asked for, also where now + (moment - now) is another double."""
    now, moment = next(
        (a / 10, b / 10)
        for a in range(1, 50)
        for b in range(a + 1, 60)
        if a / 10 + (b / 10 - a / 10) != b / 10
    )

    async def work():
        await virtual.sleep_until(now)
        await virtual.sleep_until(moment)
        return virtual.now

    assert virtual.run(virtual.spawn(work())) == moment


def test_runs_end_at_the_exact_double(virtual) -> None:
    """A run until a moment leaves the clock at just that moment, whatever it showed before."""
    for moment in (0.1, 0.3, 0.7, 1.1, 1.3):
        virtual.run(until=moment)
        assert virtual.now == moment


def test_late_comes_after_everything_else_of_the_instant(engine) -> None:
    """A late sleeper wakes after chains of events without delay that others of it start."""
    seen = []

    async def late():
        await engine.sleep_until(5, late=True)
        seen.append("late")

    async def chain(links):
        if links:
            seen.append(links)
            await engine.wait(engine.spawn(chain(links - 1)))

    async def punctual():
        await engine.sleep_until(5)
        await chain(6)

    engine.spawn(late())
    engine.spawn(punctual())
    engine.run()
    assert seen == [6, 5, 4, 3, 2, 1, "late"]


def test_late_waits_for_the_end_of_an_instant_that_has_begun(engine) -> None:
    """A late sleep until now, or until earlier, still lets everything else go first."""
    seen = []

    async def late(at):
        await engine.sleep_until(at, late=True)
        seen.append("late")

    async def chain(links):
        for _ in range(links):
            await engine.wait(engine.event().succeed())
        seen.append("chain")

    engine.spawn(late(0))
    engine.spawn(late(-1))
    engine.spawn(chain(5))
    engine.run()
    assert seen == ["chain", "late", "late"]


def test_sleeping_for_ever_does_not_keep_a_run_going(engine) -> None:
    """A VM that lives on for ever neither ends nor moves the clock to infinity."""

    async def work():
        await engine.sleep(math.inf)

    sleeper, other = engine.spawn(work()), engine.spawn(engine.sleep_until(math.inf))
    engine.run()
    assert sleeper.is_alive
    assert other.is_alive
    assert engine.now < 100
    assert engine.peek() == math.inf


def test_an_interrupted_sleep_does_not_keep_a_run_going(engine) -> None:
    """Nor do a thousand of them fill the queue: a killed VM has no departure to wait for."""
    sleepers = [engine.spawn(engine.sleep(100_000)) for _ in range(1000)]

    async def killer():
        await engine.sleep(1)
        for sleeper in sleepers:
            sleeper.defused = True
            engine.interrupt(sleeper, "killed")

    engine.spawn(killer())
    engine.run()
    assert engine.now < 50_000
    assert engine.peek() == math.inf


def test_a_sleep_two_share_goes_on_for_the_other(engine) -> None:
    """Interrupting one of two processes that await the same alarm does not take it back."""
    alarm, woken = engine.sleep(5), []

    async def sleeper():
        await alarm
        woken.append(engine.now)

    async def killer():
        victim = engine.spawn(sleeper())
        victim.defused = True
        await engine.sleep(1)
        engine.interrupt(victim, "killed")

    engine.spawn(sleeper())
    engine.spawn(killer())
    engine.run()
    assert len(woken) == 1
    assert woken[0] >= 5


def test_alarms_taken_back_are_swept_out(virtual) -> None:
    """A queue that waits for a distant event does not grow with every time-out in between."""

    async def work():
        for _ in range(1000):
            await virtual.within(50_000, virtual.sleep(1))
        return len(virtual.env._queue)

    virtual.spawn(virtual.sleep(10_000))
    assert virtual.run(virtual.spawn(work())) < 10


def test_not_a_number_is_no_time(engine) -> None:
    """A sleep of nan seconds is refused: it would put the events out of order."""
    with pytest.raises(ValueError, match="nan"):
        engine.sleep(math.nan)
    for late in (False, True):
        with pytest.raises(ValueError, match="nan"):
            engine.sleep_until(math.nan, late=late)
    with pytest.raises(ValueError, match="nan"):
        engine.run(until=math.nan)


def test_a_run_until_a_moment_leaves_that_moment_to_the_next_run(engine) -> None:
    """What is due at the end of a run has not happened; the next run goes on with it."""
    seen = []

    async def work():
        for _ in range(3):
            await engine.sleep(5)
            seen.append(round(engine.now))

    engine.spawn(work())
    engine.run(until=5)
    assert seen == []
    assert engine.now >= 5
    engine.run()
    assert len(seen) == 3


def test_a_run_into_the_past_is_refused(virtual) -> None:
    """A moment that is past is a mistake: the message has both times."""
    virtual.run(until=5)
    virtual.run(until=5)
    with pytest.raises(ValueError, match="until 3 s: the clock shows 5 s"):
        virtual.run(until=3)


def test_peek_says_when_and_step_does_one_event(virtual) -> None:
    """Step by step: when the next event is due, and whether there was one."""
    virtual.spawn(virtual.sleep(7))
    assert virtual.peek() == 0
    assert virtual.step()
    assert virtual.peek() == 7
    while virtual.step():
        pass
    assert virtual.now == 7
    assert not virtual.step()


def test_a_live_second_lasts_as_long_as_its_scale() -> None:
    """Ten engine seconds at a scale of 0.02 last 0.2 wall seconds."""
    with LiveEngine(scale=0.02) as live:
        before = time.monotonic()
        live.run(live.spawn(live.sleep(10)))
        assert 0.2 <= time.monotonic() - before < 2


@pytest.mark.parametrize("scale", [0, -1, math.nan, math.inf])
def test_a_live_clock_needs_a_positive_scale(scale) -> None:
    """A clock that stands still or runs backwards is refused."""
    with pytest.raises(ValueError, match="scale is"):
        LiveEngine(scale=scale)


def test_live_time_passes_between_runs(live) -> None:
    """After a pause at the notebook a sleep is not cut short by the pause."""
    live.run(live.spawn(live.sleep(1)))
    time.sleep(0.1)

    async def work():
        before, wall = live.now, time.monotonic()
        await live.sleep(5)
        return before, time.monotonic() - wall

    before, wall = live.run(live.spawn(work()))
    assert before >= 6
    assert wall >= 5 * SCALE


def test_live_runs_until_a_moment_just_past(live) -> None:
    """The wall clock does not wait: a run until a moment that has just gone by simply ends."""
    moment = live.now
    time.sleep(0.01)
    live.run(until=moment)
    assert live.now > moment


def test_the_live_clock_never_goes_back(live) -> None:
    """Sleepers, answers of threads and late sleepers all see the clock stand or move on."""
    seen = []

    async def sleeper(seconds):
        for _ in range(20):
            await live.sleep(seconds)
            seen.append(live.now)

    async def caller():
        for _ in range(20):
            await live.call(time.sleep, 0.001)
            seen.append(live.now)

    async def late():
        for moment in range(1, 10):
            await live.sleep_until(moment / 5, late=True)
            seen.append(live.now)

    for work in (sleeper(0.05), sleeper(0.07), caller(), late()):
        live.spawn(work)
    live.run()
    assert len(seen) == 69
    assert seen == sorted(seen)
