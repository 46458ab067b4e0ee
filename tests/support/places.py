"""Where things are: the checkout, and the research material that may lie beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("cloudlab", "simulator", "drivers")
SHARED: Final = Path(os.environ.get("CLOUDLAB_SHARED", ROOT.parent / "shared"))
"""Real traces and the book's checklist; tests that read them skip, saying so, where absent."""


def python_files(*folders: str) -> list[Path]:
    """Return every Python file below the folders of the checkout, sorted."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
