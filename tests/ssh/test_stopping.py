"""Commands that end, on the host too, once nobody waits for them any more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cloudlab.engine import Interrupted, LiveEngine
from cloudlab.errors import HostFault

LONG = """\
trap '' PIPE; trap 'exit 143' TERM; trap 'echo $? > "$1/ended"' EXIT
echo > "$1/begun"; sleep 30; touch "$1/late"
"""
"""A script that takes long, and notes that it began and with which code it ended."""


def appears(path: Path, seconds: float = 8.0) -> bool:
    """Return whether something is in a file before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_what_a_command_says_comes_back_all_the_same(host) -> None:
    """Exit code, output and complaints; its input is empty."""
    done = host.run(["sh", "-c", "cat; echo out; echo err >&2; exit 3"], stoppable=True)
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    much = host.run(["sh", "-c", "head -c 5000000 /dev/zero"], stoppable=True)
    assert len(much.stdout) == 5_000_000
    assert host.run(["sh", "-c", "kill -9 $$"], stoppable=True).exit_code == 137
    assert (
        host.run(["printf", "%s|", "a b", "$HOME", "; x"], stoppable=True).text == "a b|$HOME|; x|"
    )


def test_it_takes_no_longer_than_the_command(host) -> None:
    """What watches beside it is gone with it: no channel is held, no output awaited."""
    began = time.monotonic()
    for _ in range(10):
        host.run(["true"], stoppable=True)
    assert time.monotonic() - began < 4.0


def test_an_interrupt_ends_it_here_and_there(host, tmp_path) -> None:
    """It has ended, and tidied up, when whoever waited hears of the interrupt."""
    with LiveEngine() as engine:

        async def interrupt():
            argv = ["sh", "-c", LONG, "sh", str(tmp_path)]
            waiting = engine.spawn(engine.call(lambda: host.run(argv, stoppable=True)))
            while not (tmp_path / "begun").exists():
                await engine.sleep(0.02)
            engine.interrupt(waiting, "enough")
            with pytest.raises(Interrupted, match="enough"):
                await engine.wait(waiting)
            return (tmp_path / "ended").read_text().strip()

        assert engine.run(engine.spawn(interrupt())) == "143"
    assert not (tmp_path / "late").exists()
    assert host.run(["true"]).ok


def test_it_ends_where_the_connection_does(host, tmp_path) -> None:
    """Nobody who asked for it can hear the answer: it stops, and tidies up."""
    with LiveEngine() as engine:

        async def cut():
            argv = ["sh", "-c", LONG, "sh", str(tmp_path)]
            waiting = engine.spawn(engine.call(lambda: host.run(argv, stoppable=True)))
            while not (tmp_path / "begun").exists():
                await engine.sleep(0.02)
            host.close()
            with pytest.raises(HostFault):
                await engine.wait(waiting)

        engine.run(engine.spawn(cut()))
    assert appears(tmp_path / "ended")
    assert (tmp_path / "ended").read_text() == "143\n"
    assert not (tmp_path / "late").exists()


def test_it_is_ended_when_its_time_is_over(host, tmp_path) -> None:
    """As every command is."""
    with pytest.raises(HostFault, match=r"did not end within 0.3 s"):
        host.run(["sh", "-c", LONG, "sh", str(tmp_path)], timeout=0.3, stoppable=True)
    assert appears(tmp_path / "ended")
