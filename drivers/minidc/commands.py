"""Runs the machine's own commands: always with a time-out, and an error that says what failed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cloudlab.errors import DriverFault, TimedOut

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where commands are looked for, whatever the caller's own PATH is."""

ENVIRONMENT: Final[Mapping[str, str]] = {"PATH": PATH, "LC_ALL": "C", "HOME": "/root"}
"""All that a command learns of the caller's environment: nothing."""


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
    try:
        ended = subprocess.run(
            words,
            input=text_in,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env=dict(ENVIRONMENT),
            cwd=cwd,
        )
    except OSError as error:
        raise DriverFault(f"{words[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{' '.join(words[:4])} ... took more than {timeout:g} s") from error
    if check and ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip() or "it said nothing")[-500:]
        raise DriverFault(f"{' '.join(words)} failed with code {ended.returncode}: {said}")
    return ended


def start(argv: Sequence[str | Path], *, log: Path, more: Mapping[str, str] | None = None) -> None:
    """Start a command that lives on after this process, with what it prints in `log`."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # Its parent is nobody's to wait for: in a long-lived caller it would stay a zombie.
        subprocess.run(
            ["setsid", "--fork", *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            timeout=10,
            check=True,
            cwd="/",
            env={**ENVIRONMENT, **(more or {})},
        )
    finally:
        os.close(descriptor)


def find(command: str) -> Path | None:
    """Return where the machine keeps a command, None where it has none."""
    found = shutil.which(command, path=PATH)
    return Path(found) if found else None
