"""Whom facts are asked of: anything that runs a command, so that tests can answer, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from drivers.site import Done


class Machine(Protocol):
    """Something that runs commands: an `SshHost`."""

    @property
    def name(self) -> str:
        """What it is called."""

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as subprocess calls it)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command and return what it left."""


PATHS = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"
"""People who are not root often lack the folders of what they may run all the same."""


def shell(script: str, *arguments: str) -> tuple[str, ...]:
    """Return the command for a few words of shell; `$1` and so on are the arguments."""
    return ("sh", "-c", f"{PATHS}; {script}", "sh", *arguments)


def answer(machine: Machine, argv: Sequence[str]) -> str:
    """Return what a command printed, empty if it failed or is not there."""
    done = machine.run(argv, timeout=15.0)
    return done.text if done.ok else ""
