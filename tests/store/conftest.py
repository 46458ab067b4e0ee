"""A place for a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """The path of a store that is not there yet."""
    return tmp_path / "lab.db"
