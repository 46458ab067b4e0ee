"""One connection to a host: opened, checked both ways, watched, closed."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import ExitStack

from paramiko import AuthenticationException, SSHException, Transport

from drivers.ssh import faults, host_keys
from drivers.ssh.line import Line
from drivers.ssh.our_keys import described, our_keys
from drivers.ssh.target import Target

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # we say it in our own words

_KEEPALIVE = "keepalive@openssh.com"
_BROKEN = (SSHException, EOFError, OSError)


class Connection:
    """A transport that is admitted to a host, and asked every few seconds whether it lives."""

    def __init__(self, transport: Transport, line: Line, keepalive: float) -> None:
        self.transport = transport
        self._line = line
        self._closed = threading.Event()
        threading.Thread(target=self._ask, args=(keepalive,), daemon=True).start()

    @property
    def is_open(self) -> bool:
        """Whether it was, a moment ago."""
        return not self._closed.is_set() and bool(self.transport.is_active())

    @property
    def fell_silent(self) -> bool:
        """Whether it ended because the host left a question unanswered for too long."""
        return self._line.fell_silent

    @property
    def end(self) -> str:
        """Why it ended, for messages."""
        if self.fell_silent:
            return "the host fell silent"
        return "its server ended it" if self.is_open else "the connection was closed"

    def close(self) -> None:
        """End it, and everything that waits for it."""
        self._closed.set()
        self.transport.close()

    def _ask(self, keepalive: float) -> None:
        """Ask for an answer, any answer, until the connection ends."""
        while not self._closed.wait(keepalive) and self.transport.is_active():
            self._line.asked()
            try:
                self.transport.global_request(_KEEPALIVE, wait=True)
            except _BROKEN:
                break


def connect(target: Target, seconds: float, keepalive: float, patience: float) -> Connection:
    """Return a connection on which `target` has shown its host key and taken one of ours.

    Args:
        target: whom to connect to.
        seconds: how long all of it may take.
        keepalive: seconds between two questions whether the host still answers.
        patience: how long it may leave one unanswered.

    Raises:
        HostFault: it cannot be reached, is not the host that it was, or does not admit us.
    """
    deadline = time.monotonic() + seconds
    try:
        line = Line(_dial(target, seconds), patience)
    except OSError as error:
        raise faults.unreachable(target, error, seconds) from error
    transport = Transport(line)
    with ExitStack() as stack:
        stack.callback(line.close)
        stack.callback(transport.close)
        _shake_hands(transport, target, deadline)
        _log_in(transport, target, deadline)
        stack.pop_all()
    return Connection(transport, line, keepalive)


def _dial(target: Target, seconds: float) -> socket.socket:
    if target.sock_path is None:
        sock = socket.create_connection((target.address, target.port), timeout=seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 40 ms less for a command
        return sock
    with ExitStack() as stack:
        sock = stack.enter_context(socket.socket(socket.AF_UNIX))
        sock.settimeout(seconds)
        sock.connect(str(target.sock_path))
        stack.pop_all()
        return sock


def _shake_hands(transport: Transport, target: Target, deadline: float) -> None:
    options = transport.get_security_options()
    options.key_types = host_keys.preferred(target, options.key_types)
    left = _left(deadline)
    transport.banner_timeout = transport.handshake_timeout = left
    try:
        transport.start_client(timeout=left)
        key = transport.get_remote_server_key()
    except _BROKEN as error:
        raise faults.no_handshake(target, error) from error
    host_keys.verify(target, key)


def _log_in(transport: Transport, target: Target, deadline: float) -> None:
    for key in our_keys(target.key_path):
        transport.auth_timeout = _left(deadline)
        try:
            if not transport.auth_publickey(target.user, key):
                return
        except AuthenticationException:
            if transport.is_active():
                continue
            break
        except _BROKEN as error:
            raise faults.no_handshake(target, error) from error
    raise faults.not_admitted(target, described(target.key_path))


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())
