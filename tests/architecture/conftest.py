"""What the architecture tests share: the import contracts as pyproject.toml states them."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.places import ROOT


@pytest.fixture(scope="session")
def contracts() -> dict[str, dict]:
    """The import-linter contracts, by id."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in project["tool"]["importlinter"]["contracts"]}
