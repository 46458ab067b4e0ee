"""Time-outs: work that takes too long is stopped, undone and named."""

from __future__ import annotations

import math

import pytest

from cloudlab.engine import Interrupted, Rollback
from cloudlab.errors import HostFault, TimedOut


def test_work_in_time_gives_its_result(engine, go) -> None:
    """The time-out of work that has ended does not keep the run going."""

    async def boot():
        await engine.sleep(1)
        return "up"

    async def parent():
        return await engine.within(100_000, boot())

    assert go(parent()) == "up"
    engine.run()
    assert engine.now < 50_000
    assert engine.peek() == math.inf


def test_work_that_takes_too_long_is_undone_before_the_error(engine, go) -> None:
    """The error names the work and the time, and comes when the undo has ended."""
    seen = []

    async def boot():
        async with Rollback(engine) as undo:
            undo(seen.append, "destroyed")
            undo(engine.sleep, 2)
            await engine.sleep(1000)

    async def parent():
        try:
            await engine.within(5, boot())
        except TimedOut as error:
            return [*seen, str(error)]

    assert go(parent()) == ["destroyed", "boot took longer than 5 s"]
    assert 7 <= engine.now < 500


def test_the_time_out_tells_the_work_why_it_stops(engine, go) -> None:
    """The cause of the interrupt is the sentence of the error."""

    async def boot():
        try:
            await engine.sleep(1000)
        except Interrupted as stop:
            raise HostFault(str(stop.cause), "h1") from None

    async def parent():
        await engine.within(5, boot())

    with pytest.raises(TimedOut) as caught:
        go(parent())
    assert str(caught.value.__cause__) == "boot took longer than 5 s"


def test_work_that_ends_at_the_very_moment_is_in_time(engine, go) -> None:
    """Even if what ends it is a chain of events of that instant."""

    async def boot():
        await engine.sleep(5)
        for _ in range(5):
            await engine.wait(engine.event().succeed())
        return "up"

    async def parent():
        return await engine.within(5, boot())

    assert go(parent()) == "up"


def test_work_that_answers_all_the_same_is_believed(engine, go) -> None:
    """A work that makes do with what it has when the time is over returns that."""

    async def search():
        best = 0
        try:
            while True:
                await engine.sleep(1)
                best += 1
        except Interrupted:
            return best

    async def parent():
        return await engine.within(5.5, search())

    assert 1 <= go(parent()) <= 5


def test_an_act_that_cannot_be_interrupted_ends_after_its_time_out(engine, go) -> None:
    """The caller hears of the time-out when the act is over, so that it can be undone."""
    seen = []

    async def act():
        await engine.sleep(10)
        seen.append("acted")

    async def parent():
        async with Rollback(engine) as undo:
            undo(seen.append, "undone")
            await engine.within(5, engine.shield(act()))

    with pytest.raises(TimedOut):
        go(parent())
    assert seen == ["acted", "undone"]


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_is_enough_for_work_that_takes_none(engine, go, seconds) -> None:
    """With no time given, work ends at once or is stopped at its first wait."""

    async def instant():
        return "done"

    async def parent():
        assert await engine.within(seconds, instant()) == "done"
        await engine.within(seconds, engine.sleep(1000))

    with pytest.raises(TimedOut):
        go(parent())
    assert engine.now < 500


def test_infinite_time_is_no_time_out(engine, go) -> None:
    """Work may take as long as it likes."""

    async def parent():
        await engine.within(math.inf, engine.sleep(3))
        return "done"

    assert go(parent()) == "done"


def test_an_error_of_the_work_comes_through(engine, go) -> None:
    """It is the very object, raised at once or after a while."""
    error = HostFault("h1 is down", "h1")

    async def broken(seconds):
        await engine.sleep(seconds)
        raise error

    async def parent(seconds):
        await engine.within(100, broken(seconds))

    for seconds in (0, 1):
        with pytest.raises(HostFault) as caught:
            go(parent(seconds))
        assert caught.value is error


@pytest.mark.parametrize("moment", [2, 6])
def test_an_interrupt_from_outside_outranks_the_time_out(engine, go, moment) -> None:
    """Before the time is over or while the work undoes: who is cancelled hears it."""
    seen = []

    async def boot():
        async with Rollback(engine) as undo:
            undo(seen.append, "destroyed")
            undo(engine.sleep, 4)
            await engine.sleep(1000)

    async def parent():
        await engine.within(5, boot())

    async def killer():
        victim = engine.spawn(parent())
        await engine.sleep(moment)
        engine.interrupt(victim, "cancelled")
        try:
            await engine.wait(victim)
        except Interrupted as stop:
            return [*seen, stop.cause]

    assert go(killer()) == ["destroyed", "cancelled"]


def test_of_nested_time_outs_each_stops_its_own_work(engine, go) -> None:
    """The inner one is caught inside; the outer one goes through the inner block."""

    async def inner():
        try:
            await engine.within(2, engine.sleep(1000))
        except TimedOut:
            await engine.sleep(1000)

    async def parent():
        await engine.within(5, inner())

    with pytest.raises(TimedOut, match="inner took longer than 5 s"):
        go(parent())


def test_not_a_number_is_no_time_out(engine, go) -> None:
    """A time-out of nan seconds is refused before the work begins, which is dropped quietly."""
    begun = []

    async def work():
        begun.append(1)

    async def parent():
        await engine.within(math.nan, work())

    with pytest.raises(ValueError, match="work cannot be given nan seconds"):
        go(parent())
    assert not begun
