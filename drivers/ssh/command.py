"""One command on one channel, from its start to its last byte."""

from __future__ import annotations

import math
import select
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cloudlab.engine import check_cancelled
from cloudlab.errors import Cancelled
from drivers.site import Done

if TYPE_CHECKING:
    from paramiko import Channel

SLICE: Final = 0.2
"""Seconds after which a wait looks at the clock."""

_LINGER: Final = 0.5
"""Seconds for which output may still come when a command has ended.

A service that it left behind may hold its output open for ever.
"""

_CHUNK: Final = 65_536

_TIDYING: Final = 10
"""Seconds that a command which is stopped has to take away what it began, before it is killed."""

_STOPPING: Final = _TIDYING + 5.0
"""Seconds in which a command that is stopped has ended."""

_TIED: Final = """\
exec 3<&0
"$@" </dev/null 3<&- & work=$!
{ read -r _ <&3; trap '' TERM; kill "$work"; } >/dev/null 2>&1 & watch=$!
wait "$work" 2>/dev/null; code=$?
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null && kill -9 "-$work" 2>/dev/null
exit "$code"
"""
"""Runs a command, given with `timeout`, until it ends or there is no input any more.

The input of a channel ends when it is closed, and when sshd finds the connection gone. A
`timeout` that is told to stop in the very moment in which it starts its command leaves that
behind, in its group: so what is left of the group is killed.
"""


class ChannelLostError(Exception):
    """The channel ended before the command told its exit code."""


class TooLateError(Exception):
    """The command was still running when its time was over."""


class StubbornError(Exception):
    """The command was stopped, and still running so many seconds later."""


def guarded(argv: Sequence[str], seconds: float) -> str:
    """Return the shell's words for `argv`, stopped by the host itself when its time is over.

    A closed channel does not end what runs at its other end; `timeout` on the host does, also
    when the connection is lost meanwhile.
    """
    limited = shlex.join(["timeout", "-k", "2", str(math.ceil(seconds) + 1), *argv])
    return f"{limited}; exit $?"  # a shell tells an end by a signal as a code, 128 and more


def tied(argv: Sequence[str], seconds: float) -> str:
    """Return the shell's words for `argv`, stopped as `guarded`, and at the end of its input."""
    limited = ["timeout", "-k", str(_TIDYING), str(math.ceil(seconds) + 1), *argv]
    return shlex.join(["sh", "-c", _TIED, "sh", *limited])


def execute(
    channel: Channel, argv: Sequence[str], data: bytes | None, seconds: float, deadline: float
) -> Done:
    """Run a command on a fresh channel to its end; see `complete`."""
    began = time.monotonic()
    channel.exec_command(guarded(argv, seconds))
    threading.Thread(target=_feed, args=(channel, data or b""), daemon=True).start()
    exit_code, out, err = complete(channel, deadline)
    return Done(exit_code, out, err, time.monotonic() - began)


def execute_stoppably(
    channel: Channel, argv: Sequence[str], seconds: float, deadline: float
) -> Done:
    """Run a command on a fresh channel until it ends or is not wanted any more; see `complete`.

    Raises:
        Cancelled: nobody waits for it any more; it never began, or has ended.
    """
    began = time.monotonic()
    check_cancelled()
    channel.exec_command(tied(argv, seconds))
    try:
        exit_code, out, err = complete(channel, deadline, check_cancelled)
    except Cancelled:
        channel.shutdown_write()
        _await_end(channel)
        raise
    return Done(exit_code, out, err, time.monotonic() - began)


def _await_end(channel: Channel) -> None:
    """Wait until a command that was told to stop has ended.

    Raises:
        StubbornError: it has not, in the time it has for that.
    """
    try:
        complete(channel, time.monotonic() + _STOPPING)
    except TooLateError as error:
        raise StubbornError(_STOPPING) from error


def complete(
    channel: Channel, deadline: float, check: Callable[[], None] = lambda: None
) -> tuple[int, bytes, bytes]:
    """Return exit code, output and complaints of the command that runs on `channel`.

    Args:
        channel: where it was started.
        deadline: when to give up, on the monotonic clock.
        check: called over and over; what it raises ends the waiting.

    Raises:
        ChannelLostError: the connection ended, or the server ended the channel.
        TooLateError: it did not end in time.
    """
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
        check()
        if not moved:
            _wait(channel, min(SLICE, max(deadline - now, 0.01)), is_over=is_over)


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
