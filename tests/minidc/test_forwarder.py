"""Doors: what goes in at one end comes out at the other, and an end is an end."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from drivers.minidc.doors import open_door
from drivers.minidc.portal import FORWARDER


@pytest.fixture
def folder():
    """A folder whose path is short enough for sockets."""
    place = Path(tempfile.mkdtemp(prefix="cl-doors-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def host():
    """A listening socket on this machine, in the place of a host's daemon."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


@contextlib.contextmanager
def forwarding(door, port):
    """Run a forwarder, and yield once its door is there."""
    argv = [sys.executable, "-I", "-S", FORWARDER, "127.0.0.1", f"{door}={port}"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as forwarder:
        try:
            end = time.monotonic() + 10
            while not door.exists():
                assert time.monotonic() < end
                time.sleep(0.01)
            yield forwarder
        finally:
            forwarder.terminate()
            said = forwarder.stderr.read()
    assert said == ""


@pytest.fixture
def door(folder, host):
    """A door to the host."""
    with forwarding(folder / "a.sock", host.getsockname()[1]):
        yield folder / "a.sock"


def test_bytes_pass_both_ways_unchanged(door, host):
    """A megabyte in each direction at once arrives as it was sent."""
    sent = bytes(range(256)) * 4096
    with open_door(door, 10) as caller, host.accept()[0] as inside:
        inside.settimeout(10)
        writers = [threading.Thread(target=end.sendall, args=(sent,)) for end in (caller, inside)]
        for writer in writers:
            writer.start()
        assert [_read(inside, len(sent)), _read(caller, len(sent))] == [sent, sent]
        for writer in writers:
            writer.join(10)


def test_when_the_host_hangs_up_the_caller_hears_it(door, host):
    """What the host said last still arrives."""
    with open_door(door, 10) as caller:
        with host.accept()[0] as inside:
            inside.sendall(b"bye")
        assert _read(caller, 100) == b"bye"


def test_when_the_caller_hangs_up_the_host_hears_it(door, host):
    """No connection is left behind on the host."""
    with open_door(door, 10) as caller:
        inside = host.accept()[0]
        caller.sendall(b"bye")
    with inside:
        inside.settimeout(10)
        assert _read(inside, 100) == b"bye"


def test_a_door_to_nobody_closes_at_once(folder):
    """Nobody listening is an end, not a wait."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with forwarding(folder / "a.sock", port), open_door(folder / "a.sock", 10) as caller:
        assert _read(caller, 1) == b""


def test_only_its_owner_may_use_a_door(door):
    """A door leads to root of a host: it is nobody else's."""
    assert door.stat().st_mode & 0o777 == 0o600


def test_a_door_that_is_not_there_is_said_to_be_so(folder):
    """The error is that of a file that is not there."""
    with pytest.raises(FileNotFoundError):
        open_door(folder / "none.sock", 1)


def _read(end, size):
    """Return up to `size` bytes, fewer if the other end hangs up."""
    parts = []
    while size > 0 and (part := end.recv(min(size, 65536))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
