"""Ctrl-C (or a notebook's stop button) ends a run between two events, not inside one."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from itertools import count
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from cloudlab.engine.engine import Engine


@contextmanager
def stop_on_ctrl_c(engine: Engine) -> Iterator[None]:
    """Let Ctrl-C stop the run of `engine`, which can go on afterwards.

    Between two runs it stops the next one before its first event. Pressed again it raises
    KeyboardInterrupt where Python is, which breaks into a workflow that hangs. Outside the main
    thread nothing changes: no other thread hears of Ctrl-C.

    Raises:
        KeyboardInterrupt: at the end of the block, if there was no run left to stop.
    """
    if current_thread() is not main_thread():
        yield
        return
    presses = count(1)

    def stop(number: int, frame: FrameType | None) -> None:
        if next(presses) > 1:
            signal.default_int_handler(number, frame)
        engine.stop(or_next=True)
        if callable(before) and before is not signal.default_int_handler:
            before(number, frame)  # somebody around us wants to know, too

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        unheard = engine.unstop()
    if unheard:
        raise KeyboardInterrupt
