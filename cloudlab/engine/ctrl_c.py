"""Ctrl-C (or a notebook's stop button) ends a run between two events, not inside one."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from cloudlab.engine.engine import Engine


@contextmanager
def stop_on_ctrl_c(engine: Engine) -> Iterator[None]:
    """Let Ctrl-C stop the run of `engine`, which can go on afterwards.

    Pressed again before the run has ended it raises KeyboardInterrupt where Python is, which
    breaks into a workflow that hangs; between runs it does that at once. Only for the main
    thread: the others hear no signals.

    Raises:
        ValueError: called outside the main thread.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if (engine.running and engine.stopped) or not engine.stop():
            signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
