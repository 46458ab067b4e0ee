"""Processes that die in these tests are buried in them."""

from __future__ import annotations

import gc
import warnings
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _buried() -> Iterator[None]:
    """Forget what a dead process had begun: nobody awaits it any more, and no other test sees it.

    Its workflows end when they are collected, with a warning each where one had not begun.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        yield
        gc.collect()
