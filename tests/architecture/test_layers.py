"""Every room stands on a floor: the layers of pyproject.toml name all there is."""

from __future__ import annotations

import re

import pytest

from tests.support.places import ROOT


def rooms(package: str) -> set[str]:
    """Return the dotted names of the modules and folders right inside a package."""
    folder = ROOT / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    return {f"{package}.{name}" for name in modules | folders}


@pytest.mark.parametrize(
    ("package", "id_"), [("cloudlab", "layers"), ("simulator", "simulator-layers")]
)
def test_every_room_has_a_layer(package: str, id_: str, contracts) -> None:
    """A module that no layer names would be free to import anything."""
    named = set(re.findall(r"[\w.]+", " ".join(contracts[id_]["layers"])))
    missing = sorted(rooms(package) - named)
    assert not missing, f"give these a layer in pyproject.toml's {id_!r} contract: {missing}"


def test_rooms_are_read_from_the_folders() -> None:
    """Modules and folders are both seen, and a package is no room of its own."""
    assert {"cloudlab.errors", "cloudlab.model"} <= rooms("cloudlab")
    assert "cloudlab.__init__" not in rooms("cloudlab")
