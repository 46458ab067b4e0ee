"""Waiting that an interrupt does not end, only follows."""

from __future__ import annotations

import pytest

from cloudlab.engine import Interrupted
from cloudlab.errors import HostFault


def test_an_interrupt_is_obeyed_once_the_event_has_happened(engine, go) -> None:
    """The work is done although its waiter was interrupted, who then hears the first cause."""
    seen = []

    async def act():
        await engine.sleep(10)
        seen.append("acted")

    async def waiter():
        await engine.finish(engine.spawn(act()))

    async def killer():
        victim = engine.spawn(waiter())
        for moment in (2, 4, 6):
            await engine.sleep(2)
            engine.interrupt(victim, f"interrupt at {moment}")
        try:
            await engine.wait(victim)
        except Interrupted as stop:
            return [*seen, stop.cause]

    assert go(killer()) == ["acted", "interrupt at 2"]


def test_finishing_what_was_interrupted_itself_ends(engine, go) -> None:
    """The error of the event, here an interrupt of another process, is not taken for ours."""

    async def waiter():
        victim = engine.spawn(engine.sleep(1000))
        await engine.sleep(1)
        engine.interrupt(victim, "theirs")
        try:
            await engine.finish(victim)
        except Interrupted as stop:
            return stop.cause

    assert go(waiter()) == "theirs"


def test_the_very_error_of_the_event_is_raised(engine, go) -> None:
    """Not a copy, also for an event that has failed before."""
    error = HostFault("h1 is down", "h1")

    async def broken():
        await engine.sleep(1)
        raise error

    async def waiter():
        process = engine.spawn(broken())
        for _ in range(2):
            with pytest.raises(HostFault) as caught:
                await engine.finish(process)
            assert caught.value is error

    go(waiter())


def test_an_interrupt_outranks_the_error_of_the_event(engine, go) -> None:
    """Both are told: the error is the cause of the interrupt that is raised."""

    async def broken():
        await engine.sleep(10)
        raise HostFault("h1 is down", "h1")

    async def waiter():
        try:
            await engine.finish(engine.spawn(broken()))
        except Interrupted as stop:
            return stop.cause, str(stop.__cause__)

    async def killer():
        victim = engine.spawn(waiter())
        await engine.sleep(1)
        engine.interrupt(victim, "cancelled")
        return await engine.wait(victim)

    assert go(killer()) == ("cancelled", "h1 is down")


def test_an_event_gives_its_value(engine, go) -> None:
    """An event made by hand happens when somebody says so."""
    event = engine.event()

    async def ringer():
        await engine.sleep(1)
        event.succeed("rung")

    async def waiter():
        engine.spawn(ringer())
        return await engine.finish(event), await engine.wait(event)

    assert go(waiter()) == ("rung", "rung")


def test_a_shield_runs_work_to_its_end(engine, go) -> None:
    """Shielded work never hears of the interrupt; its caller does, afterwards."""
    seen = []

    async def act():
        for step in range(3):
            await engine.sleep(2)
            seen.append(step)
        return "result"

    async def waiter():
        assert await engine.shield(act()) == "result"
        seen.clear()
        await engine.shield(act())

    async def killer():
        victim = engine.spawn(waiter())
        await engine.sleep(9)
        engine.interrupt(victim, "cancelled")
        with pytest.raises(Interrupted):
            await engine.wait(victim)

    go(killer())
    assert seen == [0, 1, 2]
