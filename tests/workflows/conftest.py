"""The workflow tests run on both clocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from tests.support.clouds import World, build, slow


@pytest.fixture(params=["virtual", "live"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of each clock."""
    made = VirtualEngine() if request.param == "virtual" else LiveEngine()
    with made:
        yield made


@pytest.fixture
def world(engine: Engine) -> World:
    """A small cloud in which nothing takes time."""
    return build(engine)


@pytest.fixture
def scale(engine: Engine) -> float:
    """How many seconds of the engine a second of the story lasts."""
    return 1.0 if isinstance(engine, VirtualEngine) else 0.01


@pytest.fixture
def slow_world(engine: Engine, scale: float) -> World:
    """A small cloud in which everything takes time."""
    return build(engine, slow(scale))
