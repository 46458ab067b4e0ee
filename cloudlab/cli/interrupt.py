"""Ctrl-C: nothing was begun, a plan is being made, or files are being written."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from cloudlab.cli.codes import ExitCode

Hear = Callable[[int, FrameType | None], object]


def leave_at_once() -> None:
    """Let Ctrl-C end the process from now on, for nothing was begun that could be half done.

    Raised as KeyboardInterrupt it can get lost: Python drops what is raised in a callback of
    its import system, and most of the time before there is anything to stop is spent there.
    """
    signal.signal(signal.SIGINT, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(ExitCode.STOPPED)


@contextmanager
def undone_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt in the block, which has something to put away."""
    with _heard_by(signal.default_int_handler):
        yield


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

    with _heard_by(hear):
        yield stop


@contextmanager
def _heard_by(hear: Hear) -> Iterator[None]:
    """Let `hear` be called on Ctrl-C in the block; other threads than the main one cannot."""
    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):
        signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)
