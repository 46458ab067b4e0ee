"""Errors survive the event loop, which rebuilds the error of a failed process from its args."""

from __future__ import annotations

import inspect
import json
import subprocess

import pytest

from cloudlab import errors
from cloudlab.engine import Rollback
from cloudlab.engine.rebuilding import rebuildable

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.CloudError)
]
ARGUMENTS = {
    errors.HostFault: ("h1 does not answer", "h1"),
    errors.InsufficientCapacity: ("no host has 8192 MiB free", {"removed": 3}),
}


class Worded(Exception):
    """An error that words its own message, as many do."""

    def __init__(self, host, missing):
        super().__init__(f"{host} is {missing} MiB short")
        self.host = host


class Doubling(Exception):
    """An error that would word its message twice if it were rebuilt."""

    def __init__(self, name):
        super().__init__(f"no {name}")


FOREIGN = [
    json.JSONDecodeError("Expecting value", "{", 1),
    subprocess.CalledProcessError(returncode=1, cmd="virsh"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    OSError(28, "No space left on device"),
    KeyError("vm-1"),
    Worded("h1", 2048),
    Doubling("host"),
]


def routes(engine, error):
    """Return every way an error can take from one process into another, by name."""

    async def broken():
        await engine.sleep(0.1)
        raise error

    async def broken_at_once():
        raise error

    def blow():
        raise error

    return {
        "wait": lambda: engine.wait(engine.spawn(broken())),
        "finish": lambda: engine.finish(engine.spawn(broken())),
        "shield": lambda: engine.shield(broken_at_once()),
        "all": lambda: engine.all(engine.sleep(5), broken()),
        "within": lambda: engine.within(5, broken()),
        "call": lambda: engine.call(blow),
        "twice": lambda: engine.wait(engine.spawn(engine.wait(engine.spawn(broken())))),
    }


def assert_survives(engine, error):
    """Raise `error` along every route; it must arrive as what it was, and be undone."""
    kind, arguments, message = type(error), error.args, str(error)
    undone = []

    async def work(route):
        try:
            async with Rollback(engine) as undo:
                undo(undone.append, route)
                await routes(engine, error)[route]()
        except kind as caught:
            return type(caught).__name__, caught.args, str(caught)

    for route in routes(engine, error):
        result = engine.run(engine.spawn(work(route)))
        assert result == (kind.__name__, arguments, message), route
    assert undone == list(routes(engine, error))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_class_survives_a_process(engine, kind) -> None:
    """Each class of the tree comes out of a process with type, arguments and message."""
    error = kind(*ARGUMENTS.get(kind, ("vm-1: what happened, in a sentence",)))
    assert rebuildable(error) is error
    assert_survives(engine, error)


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: type(error).__name__)
def test_errors_of_others_survive_a_process(engine, error) -> None:
    """Also those that SimPy cannot rebuild, and what was begun is undone."""
    assert_survives(engine, error)


def test_an_error_that_cannot_be_rebuilt_keeps_its_attributes(engine) -> None:
    """A copy of its stand-in has them, and names the original as its cause."""
    error = Worded("h1", 2048)

    async def broken():
        raise error

    async def work():
        try:
            await engine.wait(engine.spawn(broken()))
        except Worded as caught:
            return caught.host, caught.__cause__.__cause__

    assert engine.run(engine.spawn(work())) == ("h1", error)


def test_an_error_nobody_waits_for_ends_the_run_as_what_it_was(engine) -> None:
    """Where the engine runs it is caught by its own class."""

    async def broken():
        raise Worded("h1", 2048)

    engine.spawn(broken())
    with pytest.raises(Worded, match="h1 is 2048 MiB short"):
        engine.run()


def test_a_run_until_a_process_raises_its_error(engine) -> None:
    """The very object, if SimPy could rebuild it."""
    error = errors.Conflict("another job holds vm-1")

    async def broken():
        await engine.sleep(1)
        raise error

    with pytest.raises(errors.Conflict) as caught:
        engine.run(engine.spawn(broken()))
    assert caught.value is error
