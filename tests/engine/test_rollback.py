"""Rollback: newest first, whatever interrupts, and a failing step stops no other."""

from __future__ import annotations

import gc

import pytest

from cloudlab.engine import Rollback
from cloudlab.errors import DriverFault, HostFault
from tests.engine.world import killed


def test_nothing_is_undone_when_all_went_well(engine, go) -> None:
    """The steps of a block that ends are forgotten."""
    seen = []

    async def work():
        async with Rollback(engine) as undo:
            undo(seen.append, "undone")
            await engine.sleep(1)
        return "done"

    assert go(work()) == "done"
    assert seen == []


def test_an_error_undoes_newest_first_and_goes_on(engine, go) -> None:
    """Plain and asynchronous steps alike; the error itself comes out."""
    seen = []
    error = HostFault("h1 is down", "h1")

    async def slowly(name):
        await engine.sleep(1)
        seen.append(name)

    async def work():
        async with Rollback(engine) as undo:
            undo(seen.append, "first")
            undo(slowly, "second")
            undo(seen.append, "third")
            raise error

    with pytest.raises(HostFault) as caught:
        go(work())
    assert caught.value is error
    assert seen == ["third", "second", "first"]


def test_plain_steps_are_undone_without_the_event_loop(engine, go) -> None:
    """A refusal that has begun nothing slow lets nobody else in between."""
    seen = []

    async def other():
        seen.append("in between")

    async def refused():
        async with Rollback(engine) as undo:
            undo(seen.append, "undone")
            raise HostFault("h1 is down", "h1")

    async def work():
        engine.spawn(other())
        with pytest.raises(HostFault):
            await refused()
        return list(seen)

    assert go(work()) == ["undone"]


@pytest.mark.parametrize("moment", [0.1, 1, 2.5, 4.5])
def test_an_act_half_done_when_interrupted_is_undone(engine, go, moment) -> None:
    """The idempotent undo stands before the act, so no moment leaves anything behind."""
    world = set()

    async def act(name):
        world.add(f"half a {name}")
        await engine.sleep(1)
        world.remove(f"half a {name}")
        world.add(name)

    async def undo_act(name):
        await engine.sleep(0.5)
        world.discard(f"half a {name}")
        world.discard(name)

    async def work():
        async with Rollback(engine) as undo:
            for name in ("nic", "disk", "domain"):
                undo(undo_act, name)
                await act(name)
        return "done"

    verdict = go(killed(engine, work(), moment))
    assert (verdict, world) in [
        (f"interrupt at {moment}", set()),
        ("done", {"nic", "disk", "domain"}),
    ]


@pytest.mark.parametrize("moments", [(2, 3), (2, 4, 5, 6), (2, 2), (2, 3, 3)])
def test_interrupts_during_undo_do_not_end_it(engine, go, moments) -> None:
    """Every step runs to its end; the first reason is the one that is told."""
    seen = []

    async def slowly(name):
        await engine.sleep(2)
        seen.append(name)

    async def work():
        async with Rollback(engine) as undo:
            undo(slowly, "first")
            undo(slowly, "second")
            await engine.sleep(1000)

    assert go(killed(engine, work(), *moments)) == "interrupt at 2"
    assert seen == ["second", "first"]


def test_an_interrupt_while_an_error_is_undone_is_obeyed_afterwards(engine, go) -> None:
    """A retry loop that would catch the error is stopped by the interrupt."""
    seen = []

    async def slowly():
        await engine.sleep(5)
        seen.append("undone")

    async def attempt():
        async with Rollback(engine) as undo:
            undo(slowly)
            raise HostFault("h1 is down", "h1")

    async def work():
        while True:
            try:
                await attempt()
            except HostFault:
                seen.append("again")

    assert go(killed(engine, work(), 2)) == "interrupt at 2"
    assert seen == ["undone"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_failing_step_is_reported_and_the_others_run(engine, go, asynchronous) -> None:
    """The hook gets error, step and arguments; the error of the block comes out."""
    seen, reports = [], []

    def plain(name):
        raise DriverFault(f"cannot delete {name}")

    async def slow(name):
        await engine.sleep(1)
        plain(name)

    broken = slow if asynchronous else plain

    async def work():
        async with Rollback(engine, lambda *report: reports.append(report)) as undo:
            undo(seen.append, "first")
            undo(broken, "disk-1")
            undo(seen.append, "third")
            raise HostFault("h1 is down", "h1")

    with pytest.raises(HostFault):
        go(work())
    assert seen == ["third", "first"]
    [(error, step, arguments)] = reports
    assert str(error) == "cannot delete disk-1"
    assert (step, arguments) == (broken, ("disk-1",))


def test_a_failing_step_nobody_is_told_of_is_raised(engine, go) -> None:
    """Without a hook, or when the hook fails, the first such error comes out after all steps."""
    seen = []

    def broken(name):
        raise DriverFault(f"cannot delete {name}")

    def hook(error, step, arguments):
        raise KeyError(*arguments)

    async def work(on_failed_undo):
        async with Rollback(engine, on_failed_undo) as undo:
            undo(seen.append, "first")
            undo(broken, "disk-1")
            undo(broken, "disk-2")
            raise HostFault("h1 is down", "h1")

    for on_failed_undo, kind in ((None, DriverFault), (hook, KeyError)):
        with pytest.raises(kind, match="disk-2") as caught:
            go(work(on_failed_undo))
        assert isinstance(caught.value.__context__, HostFault)
    assert seen == ["first", "first"]


def test_nested_rollbacks_undo_from_the_inside_out(engine, go) -> None:
    """What the inner block began is gone before the outer one starts to undo."""
    seen = []

    async def slowly(name):
        await engine.sleep(1)
        seen.append(name)

    async def inner():
        async with Rollback(engine) as undo:
            undo(slowly, "inner")
            await engine.sleep(1000)

    async def outer():
        async with Rollback(engine) as undo:
            undo(slowly, "outer")
            await inner()

    assert go(killed(engine, outer(), 2)) == "interrupt at 2"
    assert seen == ["inner", "outer"]


def test_a_run_that_is_closed_undoes_nothing(engine) -> None:
    """An early end is no failure: the world stays as the run left it, and nothing is printed."""
    seen = []

    async def work():
        async with Rollback(engine) as undo:
            undo(seen.append, "undone")
            undo(engine.sleep, 1)
            await engine.all(engine.sleep(1000), engine.within(500, engine.sleep(1000)))

    engine.spawn(work())
    engine.run(until=5)
    engine.close()
    gc.collect()
    assert seen == []
