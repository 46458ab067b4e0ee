"""Every law of the engine holds on both clocks; the live one runs a hundred times too fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloudlab.engine import LiveEngine, VirtualEngine
from tests.engine.world import SCALE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloudlab.engine import Engine


@pytest.fixture(params=["virtual", "live"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on each clock, closed after the test."""
    made = VirtualEngine() if request.param == "virtual" else LiveEngine(scale=SCALE)
    with made:
        yield made


@pytest.fixture
def virtual() -> Iterator[VirtualEngine]:
    """An engine on the virtual clock, closed after the test."""
    with VirtualEngine() as made:
        yield made


@pytest.fixture
def live() -> Iterator[LiveEngine]:
    """An engine on the live clock, closed after the test."""
    with LiveEngine(scale=SCALE) as made:
        yield made


@pytest.fixture
def go(engine: Engine) -> Callable:
    """Run one workflow to its end and return its result."""
    return lambda work: engine.run(engine.spawn(work))
