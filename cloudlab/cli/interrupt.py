"""Ctrl-C in the middle of a plan: stop soon, and keep what is known so far."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class Stop:
    """Whether somebody asked to stop; a plan calls it between two steps."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self.asked

    def ask(self) -> None:
        """Ask to stop at the next step."""
        self.asked = True


@contextmanager
def asked_by_ctrl_c() -> Iterator[Stop]:
    """Yield a `Stop` that Ctrl-C asks; pressed again, it breaks off wherever Python is.

    Only the main thread hears signals: elsewhere nobody asks.
    """
    stop = Stop()

    def hear(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            signal.default_int_handler(number, frame)
        stop.ask()

    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):
        signal.signal(signal.SIGINT, hear)
    try:
        yield stop
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)
