"""Works side by side: all end together, whatever happens to one of them."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from cloudlab.engine import Interrupted, Rollback
from cloudlab.errors import DriverFault, HostFault
from tests.engine.world import killed


def test_results_come_in_the_order_given(engine, go) -> None:
    """The order of the results is that of the works, not that of their ends."""

    async def work(seconds):
        await engine.sleep(seconds)
        return seconds

    async def parent():
        return await engine.all(work(3), work(0), work(1), work(0))

    assert go(parent()) == [3, 0, 1, 0]


def test_nothing_to_do_is_done_at_once(engine, go) -> None:
    """No works, no results; works that do not wait let nobody else in between."""
    others = []

    async def other():
        others.append("in between")

    async def work(number):
        return number

    async def parent():
        engine.spawn(other())
        assert await engine.all() == []
        assert await engine.all(work(1), work(2)) == [1, 2]
        return list(others)

    assert go(parent()) == []


def test_works_run_at_the_same_time(virtual) -> None:
    """Three works of five seconds take five seconds together."""

    async def parent():
        await virtual.all(*(virtual.sleep(5) for _ in range(3)))

    virtual.run(virtual.spawn(parent()))
    assert virtual.now == 5


def test_a_failing_sibling_stops_the_others_and_waits_for_their_undo(engine, go) -> None:
    """The first error is raised when every sibling has undone what it had begun."""
    seen = []

    async def broken():
        await engine.sleep(1)
        raise HostFault("h1 is down", "h1")

    async def sibling(name):
        async with Rollback(engine) as undo:
            undo(seen.append, f"{name} undone")
            undo(engine.sleep, 2)
            await engine.sleep(1000)

    async def parent():
        try:
            await engine.all(sibling("a"), broken(), sibling("b"))
        except HostFault as error:
            return [*seen, error.host_name]

    assert go(parent()) == ["a undone", "b undone", "h1"]


def test_siblings_hear_why_they_are_stopped(engine, go) -> None:
    """The cause of their interrupt names the error of the one that failed."""
    causes = []

    async def broken():
        await engine.sleep(1)
        raise HostFault("h1 is down", "h1")

    async def sibling():
        try:
            await engine.sleep(1000)
        except Interrupted as stop:
            causes.append(stop.cause)

    async def parent():
        await engine.all(sibling(), broken())

    with pytest.raises(HostFault):
        go(parent())
    assert causes == ["a sibling failed: h1 is down"]


def test_the_very_error_is_raised(engine, go) -> None:
    """Not a copy: what was raised in a work is the object that comes out, attributes and all."""
    error = HostFault("h1 is down", "h1")

    async def broken(seconds):
        await engine.sleep(seconds)
        raise error

    async def parent(seconds):
        await engine.all(engine.sleep(50), broken(seconds))

    for seconds in (0, 1):
        with pytest.raises(HostFault) as caught:
            go(parent(seconds))
        assert caught.value is error


def test_the_first_of_several_errors_is_raised(engine, go) -> None:
    """An error of a sibling that is being stopped does not hide what it was stopped for."""

    async def broken():
        await engine.sleep(1)
        raise HostFault("first", "h1")

    async def breaks_when_stopped():
        try:
            await engine.sleep(1000)
        except Interrupted:
            raise DriverFault("second") from None

    async def parent():
        await engine.all(breaks_when_stopped(), broken())

    with pytest.raises(HostFault, match="first"):
        go(parent())


def test_works_after_one_that_fails_at_once_never_begin(engine, go) -> None:
    """They are dropped without a warning that nobody awaited them."""
    begun = []

    async def work(number):
        begun.append(number)
        if number == 2:
            raise HostFault("h1 is down", "h1")

    async def parent():
        await engine.all(work(1), work(2), work(3), engine.sleep(1))

    with pytest.raises(HostFault):
        go(parent())
    gc.collect()
    assert begun == [1, 2]


def test_what_is_no_work_stops_the_others_too(engine, go) -> None:
    """A function nobody called among the works leaves none of them running."""
    undone = []

    async def work():
        async with Rollback(engine) as undo:
            undo(undone.append, "undone")
            await engine.sleep(1000)

    async def parent():
        await engine.all(work(), work, work())

    with pytest.raises(TypeError, match="not a workflow"):
        go(parent())
    assert undone == ["undone"]


@pytest.mark.parametrize("moment", [0, 1, 2.5, 3, 3.5, 10])
def test_an_interrupt_stops_all_and_waits_for_their_undo(engine, go, moment) -> None:
    """Whenever it comes, no work is left half done, and the caller gets the cause."""
    begun, undone, ended = [], [], []

    async def work(number):
        async with Rollback(engine) as undo:
            begun.append(number)
            undo(undone.append, number)
            undo(engine.sleep, 0.5)
            await engine.sleep(number)
            await engine.sleep(number)
            ended.append(number)

    async def parent():
        return await engine.all(work(1), work(2), work(3))

    verdict = go(killed(engine, parent(), moment))
    assert verdict == ([None] * 3 if len(ended) == 3 else f"interrupt at {moment}")
    assert sorted(ended + undone) == begun


def test_a_work_is_stopped_only_once(engine, go) -> None:
    """What a work does after it was told to stop is not cut short when the caller is, too."""
    seen = []

    async def broken():
        await engine.sleep(1)
        raise HostFault("h1 is down", "h1")

    async def tidies_up():
        try:
            await engine.sleep(1000)
        except Interrupted:
            await engine.sleep(10)
            seen.append("tidy")

    async def parent():
        await engine.all(tidies_up(), broken())

    assert go(killed(engine, parent(), 5)) == "interrupt at 5"
    assert seen == ["tidy"]


def test_an_interrupt_outranks_the_error_of_a_work(engine, go) -> None:
    """A workflow cancelled while its works fail is cancelled: a retry would not be."""

    async def broken():
        await engine.sleep(1)
        raise HostFault("h1 is down", "h1")

    async def slow_to_undo():
        async with Rollback(engine) as undo:
            undo(engine.sleep, 10)
            await engine.sleep(1000)

    async def parent():
        await engine.all(slow_to_undo(), broken())

    assert go(killed(engine, parent(), 5)) == "interrupt at 5"


def test_works_may_begin_works_of_their_own(engine, go) -> None:
    """A tree of works: an error in a leaf stops the other branches, too."""
    undone = []

    async def leaf(name, seconds, error=None):
        async with Rollback(engine) as undo:
            undo(undone.append, name)
            await engine.sleep(seconds)
            if error:
                raise error

    async def branch(*leaves):
        await engine.all(*leaves)

    async def parent():
        await engine.all(
            branch(leaf("a", 1), leaf("b", 1000)),
            branch(leaf("c", 1000), leaf("d", 5, DriverFault("disk full"))),
        )

    with pytest.raises(DriverFault, match="disk full"):
        go(parent())
    assert sorted(undone) == ["b", "c", "d"]


def test_a_work_may_wait_for_what_has_happened_already(engine, go) -> None:
    """An event in the past ends a wait at once, also in the first step of a begun work."""
    event = engine.event()
    event.succeed("rung")

    async def parent():
        await engine.wait(event)
        return await engine.all(engine.wait(event), engine.finish(event))

    assert go(parent()) == ["rung", "rung"]


def test_failed_works_leave_no_cycles_for_the_garbage_collector(virtual) -> None:
    """A simulation that puts the collector off must not pile up what a thousand refusals leave."""

    async def refused():
        await virtual.sleep(1)
        raise HostFault("no", "h1")

    async def parent():
        with suppress(HostFault):
            await virtual.all(refused(), virtual.sleep(1))

    async def many():
        for _ in range(100):
            await parent()

    virtual.run(virtual.spawn(many()))
    gc.collect()
    gc.disable()
    try:
        virtual.run(virtual.spawn(many()))
        assert gc.collect() < 100
    finally:
        gc.enable()
