"""Files of a router, and the shell that writes them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PUBLIC: Final = 0o644
"""For daemons that have given up being root."""
SECRET: Final = 0o600


@dataclass(frozen=True, slots=True)
class File:
    """One file in the folder of a router.

    Attributes:
        path: below that folder.
        text: What it holds.
        mode: Who may read it.
    """

    path: str
    text: str
    mode: int = PUBLIC

    @property
    def put(self) -> str:
        """The line of shell that writes it."""
        return f"put {shlex.quote(self.path)} {self.mode:o} {shlex.quote(self.text)}\n"


def writing(files: Iterable[File], *directories: str) -> str:
    """Return the shell function `write_files`.

    Args:
        files: to be written.
        directories: in which nothing else is left.
    """
    files = list(files)
    lines = [each.put for each in files]
    for directory in directories:
        names = (each.path.rpartition("/") for each in files)
        kept = [shlex.quote(name) for place, _, name in names if place == directory]
        lines.append(" ".join(["keep", directory, *kept]) + "\n")
    return "write_files() {\n" + "".join(lines) + "}\n"
