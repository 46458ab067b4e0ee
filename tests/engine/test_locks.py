"""Locks: one holder, first come first served, and no way into a deadlock."""

from __future__ import annotations

import itertools

import pytest

from cloudlab.engine import LOCK_ORDER, Interrupted, LockMisuse
from cloudlab.engine.locks import lock_rank

VM, HOST, VOLUME = ("vm", 1), ("host", 1), ("volume", 1)


def test_a_lock_has_one_holder_at_a_time_in_order_of_asking(engine) -> None:
    """Whoever asks first is first, however long each keeps it."""
    seen = []

    async def work(name, seconds):
        async with engine.lock(VM):
            seen.append(f"{name} in")
            await engine.sleep(seconds)
            seen.append(f"{name} out")

    for name, seconds in (("a", 3), ("b", 0), ("c", 1)):
        engine.spawn(work(name, seconds))
    engine.run()
    assert seen == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert not engine.locks.is_held(VM)


def test_a_free_lock_does_not_touch_the_event_loop(engine, go) -> None:
    """Taking and giving back let nobody else in between; other locks are free meanwhile."""
    others = []

    async def other():
        others.append("in between")

    async def work():
        engine.spawn(other())
        async with engine.lock(VM, HOST, VM), engine.lock():
            assert engine.locks.is_held(VM)
            assert engine.locks.is_held(HOST)
            assert not engine.locks.is_held(("vm", 2))
        return list(others)

    assert go(work()) == []
    assert not engine.locks.is_held(HOST)


def test_locks_are_taken_in_the_one_order_however_they_are_written(engine) -> None:
    """Workflows that name the same locks in any order never wait for each other in a ring."""
    keys = [VM, HOST, VOLUME, ("network", "n-1")]
    done = []

    async def work(order):
        await engine.sleep(0.01)
        async with engine.lock(*order):
            await engine.sleep(0.1)
        done.append(order)

    for order in itertools.permutations(keys):
        engine.spawn(work(order))
        engine.spawn(work(order[:2]))
    engine.run()
    assert len(done) == 48
    assert not any(map(engine.locks.is_held, keys))


def test_the_order_is_by_kind_then_by_id() -> None:
    """Kinds as listed, unknown kinds after them by name, numbers before texts."""
    keys = [("host", 2), ("host", 10), ("host", "a"), ("vm", 1), ("abacus", 1), ("zebra", 0)]
    assert all(lock_rank(first) < lock_rank(then) for first, then in itertools.pairwise(keys))
    assert len(set(LOCK_ORDER)) == len(LOCK_ORDER)


def test_nesting_in_the_order_is_allowed(engine, go) -> None:
    """Who holds a host may take the VMs on it."""

    async def work():
        async with engine.lock(HOST):
            for number in range(3):
                async with engine.lock(("vm", number)):
                    await engine.sleep(0.1)
        return "done"

    assert go(work()) == "done"


def test_nesting_against_the_order_is_refused(engine, go) -> None:
    """It would need only a second workflow to hang: the message says what to write instead."""

    async def work():
        async with engine.lock(VM), engine.lock(HOST):
            pass

    with pytest.raises(
        LockMisuse, match=r"work asks .*host.* while it holds .*vm.*one lock\("
    ) as e:
        go(work())
    assert isinstance(e.value, RuntimeError)
    assert not engine.locks.is_held(VM)


def test_taking_a_lock_twice_is_refused(engine, go) -> None:
    """A process that would wait for itself is told so."""

    async def work():
        async with engine.lock(VM), engine.lock(VM, VOLUME):
            pass

    with pytest.raises(LockMisuse, match="it holds it already: take it once"):
        go(work())
    assert not engine.locks.is_held(VM)


@pytest.mark.parametrize("how", ["all", "within", "shield"])
def test_a_work_may_not_wait_for_the_workflow_that_waits_for_it(engine, go, how) -> None:
    """A lock the caller holds is refused in what the caller waits for."""

    async def inner():
        async with engine.lock(VM):
            pass

    async def outer():
        begin = {
            "all": lambda: engine.all(engine.sleep(1), inner()),
            "within": lambda: engine.within(5, inner()),
            "shield": lambda: engine.shield(inner()),
        }[how]
        async with engine.lock(VM):
            await begin()

    with pytest.raises(LockMisuse, match="outer, which waits for it, holds it already"):
        go(outer())


def test_siblings_wait_for_each_other(engine, go) -> None:
    """Works of one workflow are rivals like any others."""
    seen = []

    async def work(name):
        async with engine.lock(VM):
            seen.append(name)
            await engine.sleep(1)
            seen.append(name)

    async def parent():
        await engine.all(work("a"), work("b"))

    go(parent())
    assert seen == ["a", "a", "b", "b"]


@pytest.mark.parametrize("moment", [1, 4, 5, 6])
def test_an_interrupt_leaves_no_entry_in_a_queue(engine, go, moment) -> None:
    """Waiting, given the lock at that very instant or holding it: afterwards all are free."""
    seen = []

    async def holder():
        async with engine.lock(VOLUME):
            await engine.sleep(5)

    async def victim():
        async with engine.lock(VM, VOLUME):
            await engine.sleep(5)

    async def third():
        await engine.sleep(2)
        async with engine.lock(VM, VOLUME):
            seen.append("third")

    async def killer():
        engine.spawn(holder())
        doomed = engine.spawn(victim())
        engine.spawn(third())
        await engine.sleep(moment)
        engine.interrupt(doomed, "cancelled")
        with pytest.raises(Interrupted):
            await engine.wait(doomed)

    go(killer())
    assert engine.locks.waiting(VM) <= 1
    engine.run()
    assert seen == ["third"]
    assert not engine.locks.is_held(VM)
    assert not engine.locks.is_held(VOLUME)
    assert engine.locks.contended() == []


def test_an_interrupt_at_the_instant_of_the_handover_passes_the_lock_on(virtual) -> None:
    """A lock given to a process that is interrupted before it hears of it goes to the next."""
    seen = []

    async def holder():
        async with virtual.lock(VM):
            await virtual.sleep(5)
        virtual.interrupt(doomed, "cancelled")

    async def waiter(name):
        await virtual.sleep(1)
        async with virtual.lock(VM):
            seen.append(name)

    virtual.spawn(holder())
    doomed = virtual.spawn(waiter("doomed"))
    doomed.callbacks.append(lambda event: setattr(event, "defused", True))
    virtual.spawn(waiter("next"))
    virtual.run()
    assert isinstance(doomed.value, Interrupted)
    assert seen == ["next"]
    assert not virtual.locks.is_held(VM)


def test_a_lock_is_given_back_by_an_error(engine, go) -> None:
    """A failing block keeps nobody waiting."""

    async def broken():
        async with engine.lock(VM):
            await engine.sleep(1)
            raise KeyError("vm")

    async def work():
        process = engine.spawn(broken())
        with pytest.raises(KeyError):
            await engine.wait(process)
        async with engine.lock(VM):
            return "mine"

    assert go(work()) == "mine"


def test_a_run_stuck_on_a_lock_says_which(engine) -> None:
    """Processes the engine cannot see waiting for each other are at least explained."""

    async def inner():
        async with engine.lock(VM):
            pass

    async def outer():
        async with engine.lock(VM):
            await engine.wait(engine.spawn(inner()))

    with pytest.raises(RuntimeError, match=r"outer cannot end: .* lock \('vm', 1\)"):
        engine.run(engine.spawn(outer()))
