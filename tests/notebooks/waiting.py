"""Waiting for something to become true, with words for when it does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 40.0
"""Seconds that anything in a page may take."""

T = TypeVar("T")


def wait_for(condition: Callable[[], T], seconds: float, what: str) -> T:
    """Return what `condition` returns as soon as that is true.

    Args:
        condition: asked ten times a second.
        seconds: how long at most.
        what: said when it never is.

    Raises:
        AssertionError: the time is over.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.1)
    return found
