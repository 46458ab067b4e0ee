"""Files by path, or shipped ones by name: `small-cloud` means datasets/designs/small-cloud.yaml."""

from __future__ import annotations

from pathlib import Path

from cloudlab.datasets import dataset
from cloudlab.errors import InputError


def shipped_designs() -> dict[str, Path]:
    """Return the shipped designs by name."""
    return {path.stem: path for path in sorted(dataset("designs").glob("*.yaml"))}


def shipped_demands() -> dict[str, Path]:
    """Return the shipped demand files by name."""
    return {
        path.name.partition(".csv")[0]: path for path in sorted(dataset("demand").glob("*.csv*"))
    }


def design_path(text: str) -> Path:
    """Return the file that `text` means: a path, or the name of a shipped design.

    Raises:
        InputError: it looks like a name, but there is neither such a file nor such a design.
    """
    return _path(text, shipped_designs(), "design")


def demand_path(text: str) -> Path:
    """Return the file that `text` means: a path, or the name of a shipped demand.

    Raises:
        InputError: it looks like a name, but there is neither such a file nor such a demand.
    """
    return _path(text, shipped_demands(), "demand")


def _path(text: str, shipped: dict[str, Path], kind: str) -> Path:
    """Return the file at `text`, or else the shipped one; what looks like a path stays one."""
    path = Path(text)
    if path.is_file() or path.name != text or path.suffix:
        return path
    if text in shipped:
        return shipped[text]
    names = ", ".join(shipped)
    raise InputError(
        f"{text}: no such file, and no {kind} of that name is shipped; those are {names}"
    )
