"""Commands that hosts run to reach servers: bounded in time, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault

if TYPE_CHECKING:
    from drivers.site import Access, Done

SOON: Final = 15.0
"""Seconds in which a server answers a question."""

_NO_SUCH_COMMAND: Final = 127
_TOO_LATE: Final = frozenset({124, 137})
_MARGIN: Final = 5.0
_NO_PROTOCOL: Final = (b"Unknown protocol", b"Unknown driver")


class ServerFault(DriverFault):
    """A server refused something, or did not answer."""


def tried(
    access: Access,
    what: str,
    argv: Sequence[str],
    package: str,
    *,
    given: bytes | None = None,
    seconds: float = SOON,
    stoppable: bool = False,
) -> Done:
    """Return how a command ended on a host, well or not.

    Args:
        access: the host.
        what: for messages.
        argv: the command and its arguments; no shell reads them.
        package: what to install where the command is missing.
        given: its standard input.
        seconds: after which it is ended, as the server is silent then.
        stoppable: whether it ends once nobody waits for it any more; it has no input then.

    Raises:
        HostFault: the host does not answer.
        ServerFault: the server does not answer the host.
        DriverFault: the host has no such command.
        Cancelled: it was stopped, and has ended.
    """
    group = ["--foreground"] if stoppable else []  # it stays in the group that is stopped
    bounded = ["timeout", *group, "-k", "1", f"{seconds:g}", *argv]
    limit = seconds + _MARGIN
    done = access.shell.run(bounded, input=given, timeout=limit, stoppable=stoppable)
    if done.exit_code == _NO_SUCH_COMMAND:
        raise DriverFault(
            f"{what}: host {access.name} has no {argv[0]}; install {package} there, as root: "
            f"apt-get install {package}"
        )
    if any(words in done.stderr for words in _NO_PROTOCOL):
        raise DriverFault(
            f"{what}: QEMU on host {access.name} does not speak this protocol "
            f"({done.complaint}); install qemu-block-extra there, as root: "
            f"apt-get install qemu-block-extra"
        )
    if done.exit_code in _TOO_LATE:
        raise ServerFault(
            f"{what} from host {access.name}: no answer from the server within {seconds:g} s"
        )
    return done


def asked(
    access: Access,
    what: str,
    argv: Sequence[str],
    package: str,
    *,
    given: bytes | None = None,
    seconds: float = SOON,
    stoppable: bool = False,
) -> Done:
    """Return what a command left that has to end well; see `tried`.

    Raises:
        HostFault: the host does not answer.
        ServerFault: it failed.
        DriverFault: the host has no such command.
    """
    done = tried(access, what, argv, package, given=given, seconds=seconds, stoppable=stoppable)
    if not done.ok:
        raise failed(access, what, done)
    return done


def failed(access: Access, what: str, done: Done) -> ServerFault:
    """Return the error of a command that did not end well."""
    cause = done.complaint or f"exit code {done.exit_code}"
    advice = ""
    if b"No space left on device" in done.stderr or b"NOSPC" in done.stderr:
        advice = "; the storage is full: make room there or use another pool"
    return ServerFault(f"{what} from host {access.name}: {cause}{advice}")
