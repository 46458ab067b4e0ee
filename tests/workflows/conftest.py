"""The workflow tests run on both clocks, and a choice of them on real hosts.

`REAL` names those that do, unchanged: each way in which a workflow uses several ports one after
the other, its undoing, and what becomes of machines when hosts fail. What stays simulated is what
real hosts cannot be told to do: steps that take a given time (`slow_world`), whole days that pass,
guests that die on command, disks that shrink, hundreds of hosts, zones and clusters; and what
never gets as far as a port, as refusals do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from tests.support.clouds import World, build, slow

if TYPE_CHECKING:
    from tests.support.real import Ground

REAL_HOSTS: Final = pytest.param("real hosts", marks=(pytest.mark.real, pytest.mark.slow))

REAL: Final = {
    "test_deploy": (
        "test_a_deployed_machine_runs",
        "test_a_host_fault_tries_the_next_host",
        "test_every_host_is_tried_once",
        "test_other_faults_try_no_other_host",
        "test_a_data_disk_comes_with_the_machine",
        "test_a_machine_may_be_made_without_being_started",
    ),
}
"""Module -> the tests that run on real hosts, too."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test each clock, unless it chooses its own, and those of `REAL` real hosts."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine" in metafunc.fixturenames and not any("engine" in names for names in own):
        chosen = REAL.get(metafunc.module.__name__.rpartition(".")[2], ())
        real = [REAL_HOSTS] if metafunc.function.__name__ in chosen else []
        metafunc.parametrize("engine", ["virtual", "live", *real], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of each clock."""
    made = VirtualEngine() if request.param == "virtual" else LiveEngine()
    with made:
        yield made


@pytest.fixture(scope="session")
def hosts() -> Iterator[Ground]:
    """Three hosts of a mini data centre of this folder's own."""
    import os

    from drivers.minidc import Layout, MiniDc
    from tests.support.real import ground

    center = MiniDc(Layout.named(f"w{os.getpid() % 10**6}"))
    try:
        center.up(3)
        with ground(center) as found:
            yield found
    finally:
        center.down()


@pytest.fixture
def world(engine: Engine, request: pytest.FixtureRequest) -> Iterator[World]:
    """A small cloud in which nothing takes time; or one on real hosts."""
    if request.node.callspec.params["engine"] != "real hosts":
        yield build(engine)
        return
    from tests.support.real import real_world

    with real_world(engine, request.getfixturevalue("hosts")) as made:
        yield made


@pytest.fixture
def scale(engine: Engine) -> float:
    """How many seconds of the engine a second of the story lasts."""
    return 1.0 if isinstance(engine, VirtualEngine) else 0.01


@pytest.fixture
def slow_world(engine: Engine, scale: float) -> World:
    """A small cloud in which everything takes time."""
    return build(engine, slow(scale))
