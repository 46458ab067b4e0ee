"""Calls to the outside: they block, they can only be asked to stop, they may answer too late."""

from __future__ import annotations

import threading
import time

import pytest

from cloudlab.engine import Interrupted, LateResult, LiveEngine, Rollback, check_cancelled
from cloudlab.errors import Cancelled, DriverFault, HostFault, TimedOut
from tests.engine.world import SCALE


def block(seconds, result="answer"):
    """Block a thread for some seconds of the live clock of the tests."""
    time.sleep(seconds * SCALE)
    if isinstance(result, Exception):
        raise result
    return result


def test_a_call_gives_what_the_function_returns(engine, go) -> None:
    """On the virtual clock on the spot, on the live clock from a thread."""

    async def work():
        return await engine.call(divmod, 17, 5, timeout=1000)

    assert go(work()) == (3, 2)


def test_a_call_raises_the_very_error_of_the_function(engine, go) -> None:
    """Not a copy: attributes that are not arguments survive the thread."""
    error = HostFault("h1 is down", "h1")
    error.attempt = 3

    def broken():
        raise error

    async def work():
        with pytest.raises(HostFault) as caught:
            await engine.call(broken)
        assert caught.value is error

    go(work())


def test_a_virtual_call_takes_no_time_and_runs_in_place(virtual) -> None:
    """Nobody else gets in between, and the thread is the same."""

    async def work():
        return await virtual.call(threading.get_ident, timeout=0)

    virtual.spawn(virtual.sleep(1))
    assert virtual.run(virtual.spawn(work())) == threading.get_ident()
    assert virtual.now == 0


def test_live_calls_run_side_by_side_in_threads(live) -> None:
    """Eight calls that block until all eight are there come back: the loop is not blocked."""
    meeting = threading.Barrier(8, timeout=10)

    async def work():
        await live.all(*(live.call(meeting.wait) for _ in range(8)))
        return await live.call(threading.get_ident)

    assert live.run(live.spawn(work())) != threading.get_ident()


def test_the_clock_goes_on_during_a_live_call(live) -> None:
    """Others wake while a thread is blocked, and the answer is not waited for longer."""
    seen = []

    async def other():
        await live.sleep(2)
        seen.append("other")

    async def work():
        live.spawn(other())
        await live.call(block, 10)
        seen.append("answer")

    live.run(live.spawn(work()))
    assert seen == ["other", "answer"]
    assert live.now >= 10


def test_an_interrupt_is_obeyed_only_once_the_thread_is_done(live) -> None:
    """What the thread did is done when the workflow starts to undo it."""
    seen = []

    def act():
        block(10)
        seen.append("acted")

    async def work():
        async with Rollback(live) as undo:
            undo(seen.append, "undone")
            await live.call(act)

    async def killer():
        victim = live.spawn(work())
        for moment in (2, 4):
            await live.sleep(2)
            live.interrupt(victim, f"interrupt at {moment}")
        try:
            await live.wait(victim)
        except Interrupted as stop:
            return stop.cause

    assert live.run(live.spawn(killer())) == "interrupt at 2"
    assert seen == ["acted", "undone"]


def test_an_interrupted_call_no_thread_has_begun_never_runs() -> None:
    """With all threads busy a queued call is taken back at once."""
    seen = []
    with LiveEngine(workers=1, scale=SCALE) as live:

        async def killer():
            live.spawn(live.call(block, 10))
            victim = live.spawn(live.call(seen.append, "ran"))
            await live.sleep(2)
            live.interrupt(victim, "cancelled")
            with pytest.raises(Interrupted):
                await live.wait(victim)
            return live.now

        assert live.run(live.spawn(killer())) < 10
        live.run()
    assert seen == []


def asks(seen: list[str]) -> None:
    """Go on until nobody waits any more, at most for long."""
    for _ in range(1000):
        time.sleep(0.01)
        try:
            check_cancelled()
        except Cancelled:
            seen.append("stopped")
            raise
    seen.append("ended")


def test_an_interrupted_call_that_asks_ends_soon(live) -> None:
    """Before whoever waited undoes what it did; other calls go on, also in the same thread."""
    seen: list[str] = []

    async def work():
        async with Rollback(live) as undo:
            undo(seen.append, "undone")
            await live.call(asks, seen)

    async def killer():
        victim = live.spawn(work())
        await live.sleep(2)
        live.interrupt(victim, "enough")
        with pytest.raises(Interrupted, match="enough"):
            await live.wait(victim)
        await live.all(*(live.call(check_cancelled) for _ in range(8)))

    live.run(live.spawn(killer()))
    assert seen == ["stopped", "undone"]


def test_a_call_that_asks_ends_when_its_time_is_over(live) -> None:
    """Then nobody waits for it either; the hook is told that it stopped."""
    late, seen = [], []
    live.on_late_result = late.append

    async def work():
        with pytest.raises(TimedOut):
            await live.call(asks, seen, timeout=2)

    live.run(live.spawn(work()))
    live.run()
    assert seen == ["stopped"]
    assert [type(answer.error) for answer in late] == [Cancelled]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_call_whose_run_is_broken_is_asked_to_stop(failure) -> None:
    """Nobody waits for it any more once the engine is closed; no thread goes on for long."""
    seen: list[str] = []
    ended = threading.Event()

    def act() -> None:
        try:
            asks(seen)
        finally:
            ended.set()

    async def broken() -> None:
        await live.sleep(2)
        raise failure

    with LiveEngine(scale=SCALE) as live:
        live.spawn(live.call(act))
        process = live.spawn(broken())
        with pytest.raises(failure):
            live.run(process)
    assert ended.wait(5)
    assert seen == ["stopped"]


def test_who_asks_outside_a_call_goes_on(virtual) -> None:
    """No engine called, or one whose time is virtual: there is nothing to stop."""
    check_cancelled()

    async def work():
        await virtual.call(check_cancelled)

    virtual.run(virtual.spawn(work()))


@pytest.mark.parametrize("result", ["answer", DriverFault("too late anyway")])
def test_an_answer_after_the_time_out_is_handed_to_the_hook(live, result) -> None:
    """The caller hears TimedOut in time; the answer or the error comes later, in the loop."""
    late = []
    live.on_late_result = lambda answer: late.append((answer, live.now))

    async def work():
        with pytest.raises(TimedOut, match=r"^block\(15, .*\) gave no answer within 5 s$"):
            await live.call(block, 15, result, timeout=5)
        assert late == []
        return live.now

    assert 5 <= live.run(live.spawn(work())) < 15
    live.run()
    [(answer, moment)] = late
    error = result if isinstance(result, Exception) else None
    assert answer == LateResult(block, (15, result), None if error else result, error)
    assert moment >= 15
    assert f"{'failed' if error else 'succeeded'}" in str(answer)


def test_a_late_result_can_be_undone_by_a_workflow(live) -> None:
    """The hook may spawn what puts the world right again."""
    world = set()

    def boot(name):
        block(10)
        world.add(name)

    async def destroy(late):
        await live.sleep(1)
        world.discard(late.args[0])

    live.on_late_result = lambda late: live.spawn(destroy(late))

    async def work():
        async with Rollback(live) as undo:
            undo(world.discard, "vm-1")
            await live.call(boot, "vm-1", timeout=2)

    with pytest.raises(TimedOut):
        live.run(live.spawn(work()))
    live.run()
    assert live.now >= 11
    assert world == set()


def test_a_late_result_nobody_is_told_of_ends_the_run(live) -> None:
    """Something was begun and is neither finished nor undone: that must not pass in silence."""

    async def work():
        with pytest.raises(TimedOut):
            await live.call(block, 5, timeout=1)

    live.run(live.spawn(work()))
    with pytest.raises(RuntimeError, match=r"block\(5\) succeeded after its time-out .* nobody"):
        live.run()


def test_a_call_timed_out_before_a_thread_had_begun_it_never_runs() -> None:
    """There is nothing late to report: nothing happened."""
    seen, late = [], []
    with LiveEngine(workers=1, scale=SCALE) as live:
        live.on_late_result = late.append

        async def work():
            live.spawn(live.call(block, 10))
            await live.sleep(1)
            with pytest.raises(TimedOut):
                await live.call(seen.append, "ran", timeout=2)

        live.run(live.spawn(work()))
        live.run()
    assert seen == late == []


def test_an_interrupted_call_waits_no_longer_than_its_time_out(live) -> None:
    """Interrupted, then timed out: the workflow hears the interrupt, the hook the answer."""
    late = []
    live.on_late_result = late.append

    async def killer():
        victim = live.spawn(live.call(block, 20, timeout=6))
        await live.sleep(2)
        live.interrupt(victim, "cancelled")
        with pytest.raises(Interrupted, match="cancelled"):
            await live.wait(victim)
        return live.now

    assert 6 <= live.run(live.spawn(killer())) < 20
    live.run()
    assert len(late) == 1


def test_the_time_out_of_an_answered_call_does_not_keep_the_run_going(live) -> None:
    """An answer in time takes the alarm back."""

    async def work():
        return await live.call(block, 0, timeout=100_000)

    assert live.run(live.spawn(work())) == "answer"
    live.run()
    assert live.now < 1000


def test_closing_does_not_wait_for_threads(live) -> None:
    """A blocked call ends unheard; one that is queued never begins."""
    live.spawn(live.call(block, 25))
    live.run(until=1)
    before = time.monotonic()
    live.close()
    assert time.monotonic() - before < 0.4
