"""Where the shipped data sets are: designs, offerings, latency profiles and generated demand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cloudlab.errors import NotFound

_PACKAGE: Final = Path(__file__).resolve().parent
_HOMES: Final = (_PACKAGE / "_datasets", _PACKAGE.parent / "datasets")
"""An installed package carries the data inside itself; a checkout keeps it at the top."""


def dataset(*parts: str) -> Path:
    """Return the path of a shipped file or folder, as in `dataset("designs", "small-cloud.yaml")`.

    Raises:
        NotFound: nothing of that name is shipped; the message lists what lies beside it.
    """
    home = next((folder for folder in _HOMES if folder.is_dir()), _HOMES[-1])
    path = home.joinpath(*parts)
    if path.exists():
        return path
    raise NotFound(f"no data set {'/'.join(parts)!r} is shipped; {_beside(path)}")


def _beside(path: Path) -> str:
    """Return a phrase that names what does exist where `path` was looked for."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    return f"{path.parent.name}/ has {', '.join(names) or 'nothing'}"
