"""A host that is reached by SSH: commands, and files both ways, over one lasting connection."""

from __future__ import annotations

import io
import shlex
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

from paramiko import Channel, SSHException

from cloudlab.engine import check_cancelled
from cloudlab.errors import CloudError, DriverFault, HostFault
from drivers.recorder import CommandLog
from drivers.site import Done
from drivers.ssh import faults
from drivers.ssh.command import (
    ChannelLostError,
    StubbornError,
    TooLateError,
    execute,
    execute_stoppably,
)
from drivers.ssh.files import download, upload
from drivers.ssh.line import PATIENCE
from drivers.ssh.sessions import Sessions
from drivers.ssh.target import SSH_PORT, Target

T = TypeVar("T")

KNOWN_HOSTS: Final = Path("~/.ssh/known_hosts")
_IN_MESSAGES: Final = 300
"""Characters of a command that a message tells."""
_BROKEN: Final = (SSHException, EOFError, ChannelLostError)


class SshHost:
    """A host; all methods may be called from several threads at once.

    It connects when it is first needed and again when the connection has died. What may have
    begun is never repeated.

    Attributes:
        name: what the host is called.
        log: every command sent, with secrets blotted out.
    """

    def __init__(
        self,
        name: str,
        address: str = "",
        port: int = SSH_PORT,
        *,
        user: str = "root",
        key_path: Path | None = None,
        known_hosts: Path = KNOWN_HOSTS,
        trust_first_use: bool = False,
        sock_path: Path | None = None,
        log: CommandLog | None = None,
        at_once: int = 8,
        connect_timeout: float = 10.0,
        keepalive: float = 5.0,
        patience: float = PATIENCE,
    ) -> None:
        """Describe the way to it; nothing is sent yet.

        Args:
            name: what the host is called in messages and logs.
            address: its name or IP address; not used with a `sock_path`.
            port: of its SSH server.
            user: who logs in.
            key_path: the private key; without one, keys of the agent and in ~/.ssh are tried.
            known_hosts: the file of host keys, as OpenSSH writes it.
            trust_first_use: whether an unknown host's key is taken as its own and written down.
            sock_path: a UNIX socket that leads to the SSH server, instead of the network.
            log: where commands are written down; a new one if not given.
            at_once: how many commands may run at the same time; sshd allows 10 unless its
                MaxSessions says otherwise.
            connect_timeout: seconds for a connection to come about.
            keepalive: seconds after which the host is asked whether it is still there.
            patience: seconds without an answer, after which it counts as gone.
        """
        self.name = name
        self.log = CommandLog() if log is None else log
        key = key_path.expanduser() if key_path else None
        known = known_hosts.expanduser()
        self.target = Target(name, address, port, user, key, known, trust_first_use, sock_path)
        self._sessions = Sessions(self.target, at_once, (connect_timeout, keepalive, patience))

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as subprocess calls it)
        timeout: float = 30.0,
        stoppable: bool = False,
    ) -> Done:
        """Run a command and return what it left, whatever its exit code.

        Args:
            argv: the command and its arguments, quoted on the way as need be.
            input: its standard input; the place for secrets, as it is in no log and no list
                of processes.
            timeout: seconds after which it is stopped, here and on the host.
            stoppable: whether it is stopped, too, when nobody waits for it any more: the call
                was cancelled, or the host finds the connection gone. It has no input then.

        Raises:
            HostFault: no connection, or it was lost, or the command took too long.
            Cancelled: it was stopped, and has ended.
            ValueError: there is input for a stoppable one.
        """
        if stoppable and input is not None:
            raise ValueError("a stoppable command has no input")

        def work(channel: Channel, deadline: float) -> Done:
            if stoppable:
                return execute_stoppably(channel, argv, timeout, deadline)
            return execute(channel, argv, input, timeout, deadline)

        return self._noted(
            "ssh",
            shlex.join(argv) + (f"  ({len(input):,} bytes of input)" if input else ""),
            timeout,
            work,
            failure=lambda done: "" if done.ok else _ending(done),
            check=check_cancelled if stoppable else lambda: None,
        )

    def check(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as subprocess calls it)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command that must succeed; see `run`.

        Raises:
            HostFault: no connection, or it was lost, or the command took too long.
            DriverFault: it failed; the message has command, exit code and complaint.
        """
        done = self.run(argv, input=input, timeout=timeout)
        if not done.ok:
            message = f"{self.name}: {_short(shlex.join(argv))}: {_ending(done)}"
            raise DriverFault(self.log.secrets.hide(message))
        return done

    def put(
        self, local: Path | bytes, remote: str, mode: int = 0o600, *, timeout: float = 300.0
    ) -> None:
        """Write a local file, or these bytes, to the file `remote`, whole or not at all.

        Raises:
            HostFault: no connection, or it was lost, or it took too long.
            DriverFault: the host, or the local disk, refused it.
        """
        what = f"{len(local):,} bytes" if isinstance(local, bytes) else str(local)
        self._noted(
            "sftp",
            f"put {what} to {remote} with mode {mode:04o}",
            timeout,
            lambda channel, deadline: upload(channel, local, remote, mode, deadline),
        )

    def get(self, remote: str, *, timeout: float = 300.0) -> bytes:
        """Return the content of the file `remote`.

        Raises:
            HostFault: no connection, or it was lost, or it took too long.
            DriverFault: there is no such file, or it may not be read.
        """
        content = io.BytesIO()
        self._noted(
            "sftp",
            f"get {remote}",
            timeout,
            lambda channel, deadline: download(channel, remote, content, deadline),
        )
        return content.getvalue()

    def alive(self, timeout: float = 5.0) -> bool:
        """Return whether the host lets us open a channel now; nothing runs on it for that."""
        try:
            with self._sessions.channel(time.monotonic() + timeout):
                return True
        except HostFault:
            return False

    def close(self) -> None:
        """End the connection; whatever is asked next opens another."""
        self._sessions.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "connected" if self._sessions.is_open else "not connected"
        return f"<ssh {self.target}: {state}>"

    def _noted(
        self,
        kind: str,
        text: str,
        timeout: float,
        work: Callable[[Channel, float], T],
        *,
        failure: Callable[[T], str] = lambda _: "",
        check: Callable[[], None] = lambda: None,
    ) -> T:
        """Return what `work` makes of a channel; write down what was sent and how it ended."""
        began = time.monotonic()
        try:
            answer = self._on_channel(_short(self.log.secrets.hide(text)), timeout, work, check)
        except CloudError as error:
            self.log.note(self.name, kind, text, time.monotonic() - began, str(error))
            raise
        self.log.note(self.name, kind, text, time.monotonic() - began, failure(answer))
        return answer

    def _on_channel(
        self,
        what: str,
        timeout: float,
        work: Callable[[Channel, float], T],
        check: Callable[[], None],
    ) -> T:
        """Return what `work` makes of a channel; turn what goes wrong into our own errors."""
        deadline = time.monotonic() + timeout
        with self._sessions.channel(deadline, check) as (channel, connection):
            try:
                return work(channel, deadline)
            except StubbornError as error:
                raise faults.stubborn(self.target, what, error.args[0]) from error
            except (TooLateError, TimeoutError) as error:
                raise faults.timed_out(self.target, what, timeout) from error
            except (*_BROKEN, OSError) as error:
                if isinstance(error, OSError) and connection.is_open:
                    message = f"{self.name}: {what}: {error.strerror or error}"
                    raise DriverFault(message) from error
                raise faults.lost(self.target, what, connection.end) from error


def _ending(done: Done) -> str:
    complaint = f": {done.complaint}" if done.complaint else " and no complaint"
    return f"exit code {done.exit_code}{complaint}"


def _short(text: str) -> str:
    return text if len(text) <= _IN_MESSAGES else f"{text[:_IN_MESSAGES]}…"
