"""Runs the machine's own commands: always with a time-out, and an error that says what failed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from cloudlab.errors import DriverFault, TimedOut

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where commands are looked for, whatever the caller's own PATH is."""

ENVIRONMENT: Final[Mapping[str, str]] = {"PATH": PATH, "LC_ALL": "C", "HOME": "/root"}
"""All that a command learns of the caller's environment: nothing."""


held: Final[ContextVar[tuple[int, ...]]] = ContextVar("held", default=())
"""Locks (descriptors) that commands hold together with us, until they end.

If we are killed, what we had started is still at work for a moment; whoever waits for the lock
waits for that, too.
"""

_LET_GO: Final = 'for fd in $1; do exec {fd}>&-; done; shift; exec "$@"'

_DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
"""What a crashed caller had begun is not worth finishing: it ends at once."""


def run(
    argv: Sequence[str | Path],
    *,
    timeout: float = 20,
    text_in: str = "",
    check: bool = True,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Return how a command ended, with what it printed.

    Args:
        argv: The command and its arguments; no shell reads them.
        timeout: Seconds after which the command is killed.
        text_in: What it reads from stdin.
        check: Whether any exit code but 0 raises.
        cwd: The folder it runs in.

    Raises:
        DriverFault: it cannot be run, or ended with another code than 0 although `check`.
        TimedOut: it was killed; what it did by then is not known.
    """
    words = [str(word) for word in argv]
    if find(words[0]) is None:
        raise DriverFault(f"{words[0]} cannot be run: this machine has no such command")
    try:
        ended = _finished(words, timeout, text_in, cwd)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{' '.join(words)} took more than {timeout:g} s") from error
    if check and ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip() or "it said nothing")[-500:]
        raise DriverFault(f"{' '.join(words)} failed with code {ended.returncode}: {said}")
    return ended


def _finished(
    words: list[str], timeout: float, text_in: str, cwd: Path | None
) -> subprocess.CompletedProcess[str]:
    """Run to the end, or kill the command with all that it started (they hold its pipes)."""
    with subprocess.Popen(
        [*_DIES_WITH_US, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=dict(ENVIRONMENT),
        cwd=cwd,
        start_new_session=True,
        pass_fds=held.get(),
    ) as process:
        try:
            out, err = process.communicate(text_in, timeout=timeout)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def start(inside: Sequence[str | Path], argv: Sequence[str | Path], *, log: Path) -> None:
    """Start a command that lives on after this process, with what it prints in `log`.

    Args:
        inside: The command that enters a namespace and runs the words behind it. What is `held`
            is held until then: before, nobody could find the newcomer.
        argv: The command.
        log: The file it writes to, for its owner only.
    """
    fds = held.get()
    let_go = ["bash", "-c", _LET_GO, "bash", " ".join(map(str, fds))]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # Its parent is nobody's to wait for: in a long-lived caller it would stay a zombie.
        subprocess.run(
            ["setsid", "--fork", *map(str, inside), *let_go, *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            timeout=10,
            check=True,
            cwd="/",
            env=dict(ENVIRONMENT),
            pass_fds=fds,
        )
    finally:
        os.close(descriptor)


def find(command: str) -> Path | None:
    """Return where the machine keeps a command, None where it has none."""
    found = shutil.which(command, path=PATH)
    return Path(found) if found else None
