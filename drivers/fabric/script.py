"""Scripts for hosts: one shell and one round trip, whatever has to be done there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from cloudlab.errors import DriverFault, HostFault, InvalidParameter
from drivers.site import Access, Done

SECONDS: Final = 60.0
"""How long a host may take for one script; most take a tenth of a second."""

_UNFIT: Final = 69
"""With this exit code a script says that another host may do better."""
_LAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Script:
    """What one shell of a host is to do.

    Attributes:
        words: What it is about, as the journal of commands shows it: `plug cl7`.
        text: For `sh`; may hold secrets, so it goes through standard input.
    """

    words: tuple[str, ...]
    text: str

    def carry_out(self, access: Access) -> str:
        """Do it on a host and return what it printed; this blocks.

        Raises:
            HostFault: the host does not answer, or lacks what another may have.
            DriverFault: it failed; the message has the last words.
        """
        argv = ["sh", "-eu", "-s", *self.words]
        done = access.shell.run(argv, input=self.text.encode(), timeout=SECONDS)
        if done.exit_code != 0:
            self._fail(access, done)
        return done.text

    def _fail(self, access: Access, done: Done) -> None:
        lines = done.stderr.decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
        why = "; ".join(line.strip() for line in lines) or f"exit code {done.exit_code}"
        message = f"host {access.name} could not {' '.join(self.words)}: {why}"
        if done.exit_code == _UNFIT:
            raise HostFault(message, access.name)
        raise DriverFault(message)


def compose(words: Iterable[str], settings: dict[str, str], *parts: str) -> Script:
    """Return a script of shipped `parts`, which find the `settings` as variables.

    The shell reads it to the end before it begins: half of one is never done.

    Args:
        words: what it is about.
        settings: by name; the values are taken as they are, never as commands.
        parts: texts of shell, later ones using functions of earlier ones.
    """
    given = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items()]
    return Script(tuple(words), "{\n" + "".join((*given, *parts)) + "exit 0\n} </dev/null\n")


def shipped(name: str, package: str = "drivers.fabric") -> str:
    """Return the text of a script that comes with `package`."""
    return (files(package) / "scripts" / name).read_text(encoding="utf-8")


def checked_lab_id(lab_id: str) -> str:
    """Return `lab_id` if it can be part of names on a host.

    Raises:
        InvalidParameter: it cannot.
    """
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", lab_id) is None:
        allowed = "1 to 40 letters, digits, hyphens and underscores, not beginning with a mark"
        raise InvalidParameter(f"lab_id is {lab_id!r}; it must have {allowed}")
    return lab_id
