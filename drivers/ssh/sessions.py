"""Channels to a host: over one connection that is opened when needed, and anew when it died."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paramiko import Channel, ChannelException, SSHException

from drivers.ssh import faults
from drivers.ssh.command import SLICE
from drivers.ssh.connection import Connection, connect
from drivers.ssh.target import Target


class Sessions:
    """Lends channels to threads, not more at once than the host's SSH server lets us open."""

    def __init__(self, target: Target, at_once: int, patience: tuple[float, float, float]) -> None:
        """Open nothing yet.

        Args:
            target: whom to connect to.
            at_once: how many channels at most.
            patience: seconds for a connection to come about, between two keepalives, and for
                the answer to one.
        """
        self.target = target
        self._patience = patience
        self._slots = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    @contextmanager
    def channel(
        self, deadline: float, check: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Channel, Connection]]:
        """Lend a fresh channel on which nothing has been asked yet, and its connection.

        Args:
            deadline: when to give up, on the monotonic clock.
            check: called over and over while none is free; what it raises ends the waiting.

        Raises:
            HostFault: there is no connection, or none of its channels is free in time.
        """
        self._take_slot(deadline, check)
        try:
            channel, connection = self._open(deadline)
            try:
                yield channel, connection
            finally:
                channel.close()
        finally:
            self._slots.release()

    def _take_slot(self, deadline: float, check: Callable[[], None]) -> None:
        began = time.monotonic()
        while not self._slots.acquire(timeout=max(0.0, min(SLICE, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise faults.busy(self.target, deadline - began)
            check()

    def close(self) -> None:
        """End the connection; the next channel opens another."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known without asking."""
        return self._connection is not None and self._connection.is_open

    def _open(self, deadline: float) -> tuple[Channel, Connection]:
        """Open a channel; on a connection that turns out to be dead, try a new one, once.

        Where the host fell silent it may have restarted, so a new connection is tried then, too,
        for half the usual time: that host was just waited for.
        """
        for attempt in (1, 2):
            connection = self._connected(deadline)
            try:
                return connection.transport.open_session(timeout=_left(deadline)), connection
            except ChannelException as error:
                raise faults.no_session(self.target, error) from error
            except (SSHException, EOFError, OSError) as error:
                connection.close()
                if attempt == 2:
                    raise faults.no_session(self.target, error) from error
                if connection.fell_silent:
                    deadline = min(deadline, time.monotonic() + self._patience[0] / 2)
        raise AssertionError("unreachable")

    def _connected(self, deadline: float) -> Connection:
        """Return the connection that all threads share, opened by the first that needs it."""
        if not self._lock.acquire(timeout=_left(deadline)):
            raise faults.busy(self.target, self._patience[0])
        try:
            if self._connection is None or not self._connection.is_open:
                if self._connection is not None:
                    self._connection.close()
                seconds, keepalive, patience = self._patience
                seconds = min(seconds, _left(deadline))
                self._connection = connect(self.target, seconds, keepalive, patience)
            return self._connection
        finally:
            self._lock.release()


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())
