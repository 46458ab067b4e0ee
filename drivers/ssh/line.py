"""A socket that notices when the other end has fallen silent."""

from __future__ import annotations

import socket
import threading
import time
from typing import Final

PATIENCE: Final = 10.0
"""Seconds without an answer to a keepalive, after which a host counts as gone."""


class Line:
    """The socket under an SSH transport, which ends when nothing answers any more.

    The transport asks it for bytes ten times a second, so silence is noticed in time and
    everything that waits for this host is woken at once.
    """

    def __init__(self, sock: socket.socket, patience: float) -> None:
        self._sock = sock
        self._patience = patience
        self._asked: float | None = None
        self._lock = threading.Lock()
        self.fell_silent = False
        self._closed = False  # the transport reads it while it ends, as it is called in sockets

    def asked(self) -> None:
        """Note that a question was just sent; any byte that comes answers it."""
        with self._lock:
            self._asked = self._asked or time.monotonic()

    def recv(self, count: int) -> bytes:
        """Return up to `count` bytes; none when the line has ended or is silent for too long."""
        try:
            received = self._sock.recv(count)
        except TimeoutError:
            if self._is_silent():
                self.fell_silent = True
                return b""
            raise
        with self._lock:
            self._asked = None
        return received

    def _is_silent(self) -> bool:
        with self._lock:
            return self._asked is not None and time.monotonic() - self._asked > self._patience

    def send(self, data: bytes) -> int:
        """Send some of `data`; return how many bytes."""
        return self._sock.send(data)

    def settimeout(self, seconds: float | None) -> None:
        """Set how long one call may wait."""
        self._sock.settimeout(seconds)

    def fileno(self) -> int:
        """Return the number of the socket's file."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._closed = True
        self._sock.close()
