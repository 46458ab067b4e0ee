"""A moment of a lab, kept in memory or in a file."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudlab.errors import InputError
from cloudlab.units import clock_text


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Everything a lab is made of at one moment."""

    name: str
    at: float
    """Moment, seconds."""
    state: dict[str, Any]
    """As JSON knows it."""

    @property
    def design(self) -> str:
        """The design that was built, as YAML."""
        return str(self.state["design"])

    @property
    def seed(self) -> int:
        """The seed of every random choice."""
        return int(self.state["seed"])

    @property
    def is_playing(self) -> bool:
        """Whether a demand was being played."""
        return self.state["player"] is not None

    def __repr__(self) -> str:
        """Say which moment it is."""
        vms = len(self.state["cloud"]["inventory"]["vms"]["records"])
        return f"<Checkpoint {self.name!r} at {clock_text(self.at)}: {vms} VMs>"

    def write(self, path: str | Path) -> Path:
        """Write it to `path`, packed when the name ends in .gz; return the path.

        Only its owner can read the file: what machines are given is in it.

        Raises:
            InputError: it cannot be written there; what was there before is kept.
        """
        target = path_of(path)
        text = json.dumps({"name": self.name, "at": self.at, "state": self.state})
        data = text.encode()
        if target.suffix == ".gz":
            data = gzip.compress(data, mtime=0)
        beside = target.with_name(target.name + ".part")
        try:
            _write_private(beside, data)
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            reason = error.strerror or error
            raise InputError(f"the lab cannot be saved as {target}: {reason}") from error
        return target

    @classmethod
    def read(cls, path: str | Path) -> Checkpoint:
        """Return the checkpoint in a file.

        Raises:
            InputError: there is no such file, or it is not a saved lab.
        """
        source = path_of(path)
        try:
            data = source.read_bytes()
            text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            saved = json.loads(text)
            found = cls(saved["name"], float(saved["at"]), dict(saved["state"]))
            _ = found.design, found.seed, found.is_playing
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{source} is not a saved lab: {error}") from error
        return found


def path_of(path: object) -> Path:
    """Return where a file is.

    Raises:
        InputError: that is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path is {path!r}; allowed: the name of a file, in quotes, or a Path")
    return Path(path)


def _write_private(path: Path, data: bytes) -> None:
    """Write a new file that nobody else could read at any moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
