"""One command on one channel, from its start to its last byte."""

from __future__ import annotations

import math
import select
import shlex
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from drivers.site import Done

if TYPE_CHECKING:
    from paramiko import Channel

_SLICE: Final = 0.2
"""Seconds after which a wait looks at the clock."""

_LINGER: Final = 0.5
"""Seconds for which output may still come when a command has ended.

A service that it left behind may hold its output open for ever.
"""

_CHUNK: Final = 65_536


class ChannelLostError(Exception):
    """The channel ended before the command told its exit code."""


class TooLateError(Exception):
    """The command was still running when its time was over."""


def guarded(argv: Sequence[str], seconds: float) -> str:
    """Return the shell's words for `argv`, stopped by the host itself when its time is over.

    A closed channel does not end what runs at its other end; `timeout` on the host does, also
    when the connection is lost meanwhile.
    """
    limited = shlex.join(["timeout", "-k", "2", str(math.ceil(seconds) + 1), *argv])
    return f"{limited}; exit $?"  # a shell tells an end by a signal as a code, 128 and more


def execute(
    channel: Channel, argv: Sequence[str], data: bytes | None, seconds: float, deadline: float
) -> Done:
    """Run a command on a fresh channel to its end; see `complete`."""
    began = time.monotonic()
    channel.exec_command(guarded(argv, seconds))
    exit_code, out, err = complete(channel, data, deadline)
    return Done(exit_code, out, err, time.monotonic() - began)


def complete(channel: Channel, data: bytes | None, deadline: float) -> tuple[int, bytes, bytes]:
    """Return exit code, output and complaints of the command that runs on `channel`.

    Args:
        channel: where it was started.
        data: its input; None for none.
        deadline: when to give up, on the monotonic clock.

    Raises:
        ChannelLostError: the connection ended, or the server ended the channel.
        TooLateError: it did not end in time.
    """
    feeder = threading.Thread(target=_feed, args=(channel, data or b""), daemon=True)
    feeder.start()
    out, err = bytearray(), bytearray()
    ended: float | None = None
    while True:
        closed = channel.closed  # asked first: what came before the end is read below
        is_over = closed or channel.eof_received
        moved = _drain(channel, out, err)
        now = time.monotonic()
        if moved:
            ended = None
        elif channel.exit_status >= 0:
            ended = ended or now
            if is_over or now - ended > _LINGER:
                return channel.exit_status, bytes(out), bytes(err)
        elif closed:
            raise ChannelLostError
        if now > deadline:
            raise TooLateError
        if not moved:
            _wait(channel, min(_SLICE, max(deadline - now, 0.01)), is_over=is_over)


def _feed(channel: Channel, data: bytes) -> None:
    """Send the input beside everything else, as the command may not read it before it writes."""
    with suppress(OSError, EOFError):  # a command may end without reading all of it
        channel.sendall(data)
        channel.shutdown_write()


def _drain(channel: Channel, out: bytearray, err: bytearray) -> bool:
    """Move what has come into `out` and `err`; return whether there was any."""
    moved = False
    while channel.recv_ready():
        out += channel.recv(_CHUNK)
        moved = True
    while channel.recv_stderr_ready():
        err += channel.recv_stderr(_CHUNK)
        moved = True
    return moved


def _wait(channel: Channel, seconds: float, *, is_over: bool) -> None:
    """Wait until something may have come, or for so long."""
    if is_over:  # its file stays readable for ever now
        channel.status_event.wait(min(seconds, 0.02))
        return
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    poll.poll(seconds * 1000)
