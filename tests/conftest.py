"""What every test run has: the book's rows, the lanes, repeatable Hypothesis, no screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.support.book import Book
from tests.support.lanes import Lanes
from tests.support.places import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drivers.minidc import MiniDc

os.environ.setdefault("MPLBACKEND", "agg")

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch behind `make coverage-book`."""
    parser.addoption(
        "--coverage-book",
        action="store_true",
        help="print which rows of the book's checklist the passing tests hold",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the plug-ins that live beside the tests."""
    config.pluginmanager.register(Book(report=config.getoption("--coverage-book")), "book")
    config.pluginmanager.register(Lanes(), "lanes")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real traces; a test that asks for it skips where there is none."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"no real traces at {folder}; set CLOUDLAB_SHARED to the folder above data/")
    return folder


@pytest.fixture(scope="session")
def center() -> Iterator[MiniDc]:
    """A mini data centre of this run's own, with two hosts; for tests marked `real`."""
    from drivers.minidc import Layout, MiniDc

    with MiniDc(Layout.named(f"t{os.getpid() % 10**6}")) as made:
        yield made
