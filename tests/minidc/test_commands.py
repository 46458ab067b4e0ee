"""Commands of the machine: never without an end, never silent about a failure."""

from __future__ import annotations

import time

import pytest

from cloudlab.errors import DriverFault, TimedOut
from drivers.minidc.commands import run


def test_a_failure_tells_what_failed_and_why():
    """The command, its code and its own words are in the message."""
    with pytest.raises(DriverFault, match=r"sh -c .* failed with code 3: no such luck"):
        run(["sh", "-c", "echo no such luck >&2; exit 3"])


def test_a_failure_that_is_an_answer_is_no_error():
    """Who asks with check=False reads the code."""
    assert run(["sh", "-c", "exit 3"], check=False).returncode == 3


def test_a_command_that_does_not_end_is_ended():
    """Whether it was done is not known: that is its own class of error."""
    with pytest.raises(TimedOut, match=r"took more than 0\.1 s"):
        run(["sleep", "10"], timeout=0.1)


def test_with_a_command_ends_what_it_started():
    """A grandchild that holds the pipe does not hold up the caller."""
    begun = time.monotonic()
    with pytest.raises(TimedOut):
        run(["sh", "-c", "sleep 20 & sleep 20"], timeout=0.2)
    assert time.monotonic() - begun < 5


def test_a_command_that_is_not_there_is_named():
    """Nobody sees a traceback for a missing program."""
    with pytest.raises(DriverFault, match="no-such-program cannot be run"):
        run(["no-such-program"])


def test_the_callers_environment_stays_outside(monkeypatch):
    """Secrets in the environment are not handed to every command."""
    monkeypatch.setenv("SECRET", "x")
    assert "SECRET" not in run(["env"]).stdout
