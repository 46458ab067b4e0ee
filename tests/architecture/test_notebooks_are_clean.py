"""Notebooks are kept as written: no outputs, no counts, no widget state, no machine's name."""

from __future__ import annotations

import json

import pytest

from tests.support.places import ROOT


def blemishes(notebook: dict) -> list[str]:
    """Return what a run has left behind in a notebook."""
    found = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("outputs"):
            found.append(f"cell {number} has outputs")
        if cell.get("execution_count") is not None:
            found.append(f"cell {number} has a count")
    if "widgets" in notebook["metadata"]:
        found.append("the metadata hold widget state")
    if notebook["metadata"].get("kernelspec", {"name": "python3"})["name"] != "python3":
        found.append("the kernel is not python3")
    return found


def test_notebooks_hold_no_outputs() -> None:
    """Every notebook in notebooks/ is as clean as nbstripout leaves it."""
    dirty = {
        path.name: found
        for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts
        and (found := blemishes(json.loads(path.read_text(encoding="utf-8"))))
    }
    assert not dirty, f"run .venv/bin/nbstripout on them: {dirty}"


@pytest.mark.parametrize(
    ("cell", "metadata", "blemish"),
    [
        ({"outputs": [{"output_type": "stream"}]}, {}, "cell 1 has outputs"),
        ({"execution_count": 3}, {}, "cell 1 has a count"),
        ({}, {"widgets": {}}, "the metadata hold widget state"),
        ({}, {"kernelspec": {"name": "mine"}}, "the kernel is not python3"),
    ],
)
def test_a_blemish_is_seen(cell: dict, metadata: dict, blemish: str) -> None:
    """Each trace that a run leaves behind is found and named."""
    assert blemishes({"cells": [cell], "metadata": metadata}) == [blemish]
