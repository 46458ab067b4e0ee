"""Names find their implementations: ours, and those other distributions announce."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from cloudlab import plugins
from cloudlab.cloud import Cloud
from cloudlab.engine import VirtualEngine
from cloudlab.errors import NotFound
from cloudlab.model import ALGORITHMS, Settings
from cloudlab.plugins import BUILT_IN, load, names
from cloudlab.policy import Algorithm, algorithm
from cloudlab.policy.algorithms import FIRST_FIT
from simulator.latency import LatencyProfile
from simulator.outside import Outside
from simulator.ports import simulated_ports
from tests.support.clouds import build

MODULE = """
from dataclasses import replace

from cloudlab.policy.algorithms import FIRST_FIT


def last_first(scene, vm, cluster, fitting):
    return (scene.ledger.hosts[row] for row in fitting[::-1])


LAST_FIT = replace(FIRST_FIT, planner="LastFitPlanner", hosts=last_first)
NOT_ONE = "a text"
"""

ENTRY_POINTS = """
[cloudlab.plugins]
allocation.lastfit = somebodys_placement:LAST_FIT
allocation.firstfit = somebodys_placement:LAST_FIT
allocation.words = somebodys_placement:NOT_ONE
allocation.gone = somebodys_placement:NOWHERE
colour.red = somebodys_placement:NOT_ONE

[another.group]
allocation.foreign = somebodys_placement:LAST_FIT
"""


@pytest.fixture
def somebodys_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution of somebody else, with entry points; gone after the test."""
    (tmp_path / "somebodys_placement.py").write_text(MODULE)
    info = tmp_path / "somebodys_placement-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: somebodys-placement\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    load.cache_clear()
    yield tmp_path
    sys.modules.pop("somebodys_placement", None)
    load.cache_clear()


BUILT_IN_NAMES = [(family, name) for family, known in BUILT_IN.items() for name in known]


@pytest.mark.parametrize(("family", "name"), BUILT_IN_NAMES, ids=".".join)
def test_every_built_in_name_loads(family: str, name: str) -> None:
    """What stands behind each of our names exists, and is the same object every time."""
    assert load(family, name) is load(family, name)
    assert name in names(family)


def test_cloudstacks_algorithms_are_built_in() -> None:
    """All values of `vm.allocation.algorithm` by CloudStack's names, with its planners."""
    assert names("allocation")[: len(ALGORITHMS)] == ALGORITHMS
    assert {name: algorithm(name).planner for name in ALGORITHMS} == {
        "random": "FirstFitPlanner",
        "firstfit": "FirstFitPlanner",
        "userdispersing": "UserDispersingPlanner",
        "userconcentratedpod_random": "UserConcentratedPodPlanner",
        "userconcentratedpod_firstfit": "UserConcentratedPodPlanner",
        "firstfitleastconsumed": "FirstFitPlanner",
    }


@pytest.mark.usefixtures("somebodys_package")
def test_an_algorithm_of_another_distribution_is_found() -> None:
    """Its name comes after ours, and it loads; other groups are not looked at."""
    found = load("allocation", "lastfit")
    assert isinstance(found, Algorithm)
    assert found.planner == "LastFitPlanner"
    assert names("allocation") == (*ALGORITHMS, "gone", "lastfit", "words")
    assert names("colour") == ("red",)
    with pytest.raises(NotFound):
        load("allocation", "foreign")


@pytest.mark.usefixtures("somebodys_package")
def test_ours_cannot_be_replaced_by_accident() -> None:
    """A distribution that announces one of our names does not get it."""
    assert load("allocation", "firstfit") is FIRST_FIT


@pytest.mark.usefixtures("somebodys_package")
def test_a_plugin_places_machines() -> None:
    """Its name in the settings is enough: machines go where it says."""
    world = build(settings=Settings.of({"vm.allocation.algorithm": "lastfit"}))
    assert world.deploy().host is world.hosts[-1]


@pytest.mark.usefixtures("somebodys_package")
def test_a_plugin_of_the_wrong_kind_is_told_apart() -> None:
    """What is no algorithm is refused under its name, before any machine asks for it."""
    with pytest.raises(TypeError, match=r"allocation\.words is not a cloudlab\.policy\.Algorithm"):
        algorithm("words")


@pytest.mark.usefixtures("somebodys_package")
def test_a_plugin_that_cannot_be_imported_says_where_it_is_announced() -> None:
    """The message names the plug-in, its target and the reason."""
    with pytest.raises(NotFound, match=r"allocation\.gone .* somebodys_placement:NOWHERE: "):
        load("allocation", "gone")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("firstfitt", "did you mean firstfit?"), ("xyz", "known are random, firstfit, ")],
)
def test_an_unknown_name_gets_a_suggestion(name: str, hint: str) -> None:
    """The closest known name, or all of them when none is close."""
    with pytest.raises(NotFound, match=f"there is no allocation called {name}: ") as error:
        load("allocation", name)
    assert hint in str(error.value)


def test_an_unknown_family_has_no_names() -> None:
    """It is no error to ask which names there are; to load one is."""
    assert names("nonsense") == ()
    with pytest.raises(NotFound, match="there is no nonsense called x: nobody provides any"):
        load("nonsense", "x")


def test_a_cloud_refuses_an_unknown_algorithm_at_once() -> None:
    """Not only when the first machine is deployed; the old settings stay."""
    engine = VirtualEngine()
    ports = simulated_ports(Outside(engine, LatencyProfile("instant")))
    wrong = Settings(allocation_algorithm="frstfit")
    with pytest.raises(NotFound, match="did you mean firstfit"):
        Cloud(engine, ports, wrong)
    cloud = Cloud(engine, ports)
    with pytest.raises(NotFound):
        cloud.settings = wrong
    assert cloud.settings.allocation_algorithm == "random"
    assert plugins.GROUP == "cloudlab.plugins"
