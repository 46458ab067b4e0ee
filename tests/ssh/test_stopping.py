"""Commands that end, on the host too, once nobody waits for them any more."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from cloudlab.engine import Interrupted, LiveEngine, Process
from cloudlab.errors import HostFault
from drivers.site import Done
from drivers.ssh import SshHost
from drivers.ssh.command import tied
from tests.ssh.long import LONG, appears


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


async def begun(engine: LiveEngine, host: SshHost, folder: Path) -> Process[Done]:
    """Return a call that waits for a long command, which has begun."""
    argv = ["sh", "-c", LONG, "sh", str(folder)]
    waiting = engine.spawn(engine.call(lambda: host.run(argv, stoppable=True)))
    while not (folder / "begun").exists():
        await engine.sleep(0.02)
    return waiting


def test_an_interrupt_ends_it_here_and_there(host, tmp_path) -> None:
    """It has ended, and tidied up, when whoever waited hears of the interrupt."""
    with LiveEngine() as engine:

        async def interrupt():
            waiting = await begun(engine, host, tmp_path)
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
            waiting = await begun(engine, host, tmp_path)
            host.close()
            with pytest.raises(HostFault):
                await engine.wait(waiting)

        engine.run(engine.spawn(cut()))
    assert appears(tmp_path / "ended")
    assert (tmp_path / "ended").read_text() == "143\n"
    assert not (tmp_path / "late").exists()


def test_it_is_ended_when_its_time_is_over(host, tmp_path) -> None:
    """At once, and not only when the host's own limit ends it, a second or two later."""
    with pytest.raises(HostFault, match=r"did not end within 0.3 s"):
        host.run(["sh", "-c", LONG, "sh", str(tmp_path)], timeout=0.3, stoppable=True)
    assert appears(tmp_path / "ended", seconds=1.2)


def test_what_is_stopped_while_it_waits_for_a_channel_never_begins(reach, server) -> None:
    """Others keep all channels: that is no reason to wait for them."""
    host = reach(at_once=1)
    host.run(["true"])
    with LiveEngine() as engine:

        async def interrupt():
            busy = engine.spawn(engine.call(lambda: host.run(["sleep", "3"])))
            while len(server.commands) < 2:
                await engine.sleep(0.02)
            waiting = engine.spawn(engine.call(lambda: host.run(["true"], stoppable=True)))
            await engine.sleep(0.3)
            begun = engine.now
            engine.interrupt(waiting, "enough")
            with pytest.raises(Interrupted, match="enough"):
                await engine.wait(waiting)
            waited = engine.now - begun
            await engine.wait(busy)
            return waited

        assert engine.run(engine.spawn(interrupt())) < 1.5
    assert len(server.commands) == 2


def test_a_stoppable_command_takes_no_input(host) -> None:
    """The end of its input is what stops it; given some, it would be lost."""
    with pytest.raises(ValueError, match="has no input"):
        host.run(["cat"], input=b"x", stoppable=True)


HASTY = """\
#!/usr/bin/env python3
import os, signal, sys, time
os.setpgid(0, 0)
signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open(sys.argv[-1], "w").write(str(os.getpid()))
    time.sleep(30)
    os._exit(0)
time.sleep(30)
"""
"""A `timeout` that ends without its command, as it does when it is stopped while it starts it."""


def test_what_is_left_behind_is_killed(tmp_path) -> None:
    """What `timeout` had just begun, and would have forgotten."""
    fake, left = tmp_path / "timeout", tmp_path / "left"
    fake.write_text(HASTY)
    fake.chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["sh", "-c", tied(["any", str(left)], 60)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=path) as process:
        assert appears(left)
        number = int(left.read_text())
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 143
    with suppress(ProcessLookupError):
        for _ in range(100):
            os.kill(number, 0)
            time.sleep(0.05)
        os.kill(number, signal.SIGKILL)
        pytest.fail("it runs on")
