"""environment.yml gives conda users what pyproject.toml gives pip users."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from tests.support.places import ROOT

CONDA_NAMES = {"matplotlib": "matplotlib-base", "PyYAML": "pyyaml", "SQLAlchemy": "sqlalchemy"}
EXTRAS = ("plan", "lab", "fast", "store", "drivers", "test")
REQUIREMENT = re.compile(r"([A-Za-z0-9-]+)>=([0-9.]+)")


@pytest.fixture(scope="module")
def environment() -> dict[str, list]:
    """The parsed environment.yml."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> dict:
    """The [project] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def plain(environment: dict[str, list]) -> list[str]:
    """Return the requirements that conda itself installs."""
    return [entry for entry in environment["dependencies"] if isinstance(entry, str)]


def test_it_has_the_keys_conda_knows(environment) -> None:
    """Conda refuses unknown keys, and a pip block wants pip among the packages."""
    assert set(environment) == {"name", "channels", "dependencies"}
    assert environment["name"] == "cloudlab"
    assert environment["channels"] == ["conda-forge"]
    assert "pip" in plain(environment)


def test_every_requirement_is_a_name_and_a_floor(environment) -> None:
    """Conda reads `name>=version`; a misspelt operator would be found only by its users."""
    odd = [entry for entry in plain(environment) if not REQUIREMENT.fullmatch(entry)]
    assert odd == ["pip"]


def test_names_and_floors_are_those_of_pyproject(environment, project) -> None:
    """Every package of the core and of the extras is there at the same floor, and no other."""
    wanted = {"python": project["requires-python"].removeprefix(">=")}
    extras = [entry for extra in EXTRAS for entry in project["optional-dependencies"][extra]]
    for requirement in project["dependencies"] + extras:
        name, floor = REQUIREMENT.fullmatch(requirement).groups()
        wanted[CONDA_NAMES.get(name, name)] = floor
    pins = [REQUIREMENT.fullmatch(entry) for entry in plain(environment) if entry != "pip"]
    assert dict(pin.groups() for pin in pins) == wanted
    assert len(pins) == len(wanted)


def test_pip_installs_cloudlab_itself_with_the_other_extras(environment, project) -> None:
    """The pip block installs the checkout; only extras that are left over come through it."""
    blocks = [entry for entry in environment["dependencies"] if not isinstance(entry, str)]
    assert blocks == [{"pip": ["-e .[dev]"]}]
    assert set(project["optional-dependencies"]) == {*EXTRAS, "dev", "drivers"}
