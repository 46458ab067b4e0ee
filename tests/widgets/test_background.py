"""Work beside the notebook: it runs in a thread, stops when asked, and keeps what became of it."""

from __future__ import annotations

from threading import Event, current_thread

import pytest

from cloudlab.engine.background import Background, background, mutex

PATIENCE = 20.0


def test_the_result_is_kept() -> None:
    """What the work returns can be read once it is done."""
    work = background(lambda _stop: 42)
    assert work.wait(PATIENCE)
    assert (work.done, work.result, work.error) == (True, 42, None)


def test_it_runs_in_a_thread_of_its_own() -> None:
    """Starting returns at once, while the work waits for something that comes later."""
    go, where = Event(), []

    def work(_stop) -> None:
        where.append(current_thread())
        go.wait(PATIENCE)

    running = background(work, "long work")
    assert not running.done
    go.set()
    assert running.wait(PATIENCE)
    assert where[0] is not current_thread()
    assert (where[0].name, where[0].daemon) == ("long work", True)


def test_stop_is_heard_when_the_work_asks() -> None:
    """The work sees that it should stop and returns what it knows."""
    begun = Event()

    def work(stop) -> int:
        rounds = 0
        while not stop():
            rounds += 1
            begun.set()
        return rounds

    running = background(work)
    assert begun.wait(PATIENCE)
    assert not running.stopping
    running.stop()
    assert running.wait(PATIENCE)
    assert running.result > 0


def test_an_error_is_kept_not_lost() -> None:
    """Whatever the work raises can be read; nothing is printed or thrown elsewhere."""
    work = background(lambda _stop: 1 / 0)
    assert work.wait(PATIENCE)
    assert isinstance(work.error, ZeroDivisionError)
    assert work.result is None
    assert "ZeroDivisionError" in repr(work)


def test_it_can_run_in_the_thread_that_calls() -> None:
    """`run` does the same without a thread: when it returns, the work is done."""
    where = []
    work = Background(lambda _stop: where.append(current_thread())).run()
    assert work.done
    assert where == [current_thread()]
    assert work.wait(0)


def test_it_begins_only_once() -> None:
    """Beginning again is refused: a new piece of work is wanted."""
    work = Background(lambda _stop: None).run()
    with pytest.raises(RuntimeError, match="begun before"):
        work.start()


def test_repr_says_how_far_it_is() -> None:
    """Not begun, running, stopping, done."""
    go = Event()
    work = Background(lambda _stop: go.wait(PATIENCE), "plan")
    assert repr(work) == "<Background plan: not begun>"
    work.start()
    assert repr(work) == "<Background plan: running>"
    work.stop()
    assert repr(work) == "<Background plan: stopping>"
    go.set()
    work.wait(PATIENCE)
    assert repr(work) == "<Background plan: done>"


def test_a_mutex_may_be_retaken_by_its_holder() -> None:
    """Two methods of one object that guard themselves may call each other."""
    guard = mutex()
    with guard, guard:
        entered = True
    assert entered
