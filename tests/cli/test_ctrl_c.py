"""Ctrl-C: the work ends soon, what was found is printed as a part, no file is left."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloudlab.cli.interrupt import asked_by_ctrl_c
from tests.cli.terminal import COMMAND, environment

pytestmark = pytest.mark.slow

LONG = ("plan", "small-cloud", "--demand", "demo-week", "--scale", "12")
SOON_S = 5.0
"""About a second on a machine that has nothing else to do."""


class Running:
    """A command whose stderr is a terminal, so that it shows how far it is."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self.screen = screen
        self.shown = b""

    def wait_for(self, text: bytes) -> None:
        """Return once the terminal shows `text`."""
        while text not in self.shown:
            self.shown += os.read(self.screen, 4096)

    def ended(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit code and what was printed, soon."""
        pressed = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        stdout, _ = self.process.communicate(timeout=60)
        assert time.monotonic() - pressed < SOON_S
        return self.process.returncode, stdout.decode()


@contextmanager
def running(*words: str | Path) -> Iterator[Running]:
    """Yield a command that has just been started."""
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    command = [*COMMAND, *map(str, words)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=terminal, env=environment(TERM="dumb")
    ) as process:
        os.close(terminal)
        try:
            yield Running(process, screen)
        finally:
            process.kill()
            os.close(screen)


@pytest.mark.parametrize("fidelity", ["workflow", "capacity"])
def test_what_was_found_is_printed_as_a_part(tmp_path: Path, fidelity: str) -> None:
    """Exit code 130, a text that says where it was stopped, and no file."""
    file = tmp_path / "plan.json"
    with running(*LONG, "--fidelity", fidelity, "--json", file) as command:
        command.wait_for(b"main run")
        code, text = command.ended()
    assert code == 130
    assert text.startswith("Capacity plan of 'small cloud' under 'demo-week'")
    assert "STOPPED at " in text
    assert list(tmp_path.iterdir()) == []


def test_json_on_stdout_says_that_it_is_a_part() -> None:
    """What a program reads is whole JSON, and says where the plan was stopped."""
    with running(*LONG, "--json", "-") as command:
        command.wait_for(b"main run")
        code, text = command.ended()
    assert code == 130
    document = json.loads(text)
    assert document["stopped_at"].startswith("main run")
    assert document["undecided"] > 0


@pytest.mark.slow
def test_after_the_main_run_its_result_is_kept() -> None:
    """In the replications: all requests are decided, and intervals say what is missing."""
    with running(*LONG, "--fidelity", "capacity", "--replications", "1000") as command:
        command.wait_for(b"replications")
        code, text = command.ended()
    assert code == 130
    assert "STOPPED at replications, " in text


PRESSED_WHILE_LOADING = """
import os, signal, sys, weakref
from cloudlab.cli import main

class Something: ...

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            something = Something()
            watched = weakref.ref(something, lambda _: os.kill(os.getpid(), signal.SIGINT))
            del something  # what the callback raises is dropped, as in Python's import system

sys.meta_path.insert(0, Finder())
wanted = sys.argv.pop(1)
main()
"""


@pytest.mark.parametrize("module", ["typer", "numpy", "simulator.planning", "cloudlab.cli.planned"])
def test_before_there_is_anything_it_only_ends(module: str) -> None:
    """While Python still loads: exit code 130, and not a word."""
    command = [sys.executable, "-c", PRESSED_WHILE_LOADING, module, *LONG]
    ended = subprocess.run(command, capture_output=True, env=environment(), timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_pressed_twice_it_breaks_off() -> None:
    """The first Ctrl-C asks, the second one interrupts; afterwards it is as it was before."""
    before = signal.getsignal(signal.SIGINT)
    with asked_by_ctrl_c() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_nobody_asks_by_itself() -> None:
    """Without Ctrl-C the work goes on."""
    with asked_by_ctrl_c() as stop:
        assert not stop()
