"""The wall clock: real time passes, and calls to the outside run in threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from heapq import heapreplace
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Final

import simpy
from simpy.core import EmptySchedule

from cloudlab.engine.agenda import LATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from typing import TypeVar

    T = TypeVar("T")

PATIENCE: Final = 0.1
"""Wall seconds a live clock waits at a stretch, so that a stop or Ctrl-C gets through."""


class LiveEnvironment(simpy.Environment):
    """A SimPy environment on the wall clock, woken by threads that put answers in its inbox.

    `now` moves on only when nothing that is due is left, and then to what the wall clock shows:
    all that has become due by then happens in one instant. So a late event still comes after
    everything else of its instant, and no sleep is shorter than was asked for.
    """

    def __init__(self, workers: int = 16, scale: float = 1.0, start: float = 0.0) -> None:
        """Start the clock.

        Args:
            workers: How many calls may be under way at once; more of them queue up.
            scale: Wall seconds that one engine second lasts.
            start: What the clock shows at first, seconds.

        Raises:
            ValueError: `workers` is below 1, or `scale` not positive and finite.
        """
        if not 0 < scale < inf:
            raise ValueError(f"scale is {scale:g}: an engine second lasts above 0 wall seconds")
        super().__init__(start)
        self._scale = scale
        self._start = monotonic() - start * scale
        self._outside = 0
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="cloudlab-call")

    def submit(self, fn: Callable[[], T], answered: Callable[[Future[T]], None]) -> Future[T]:
        """Run `fn` in a thread; `answered` gets the outcome in the thread of the event loop."""
        future = self._pool.submit(fn)
        self._outside += 1
        future.add_done_callback(lambda done: self._inbox.put(partial(answered, done)))
        return future

    def catch_up(self) -> None:
        """Let `now` be what the wall clock shows."""
        self._now = max(self._now, (monotonic() - self._start) / self._scale)

    def step(self) -> None:
        """Process the next event if it comes due within `PATIENCE`."""
        if self.peek() > self._now:
            self._listen()
        if self.peek() <= self._now and self._join_instant():
            super().step()

    def close(self) -> None:
        """Begin no more calls; what is under way ends unheard."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _listen(self) -> None:
        """Wait for an answer or the next event, whichever comes first, and move the clock on."""
        due = self.peek()
        if due == inf and not self._outside:
            raise EmptySchedule
        pause = due * self._scale - (monotonic() - self._start)
        deliver: Callable[[], None] | None = None
        with suppress(Empty):
            deliver = self._inbox.get(timeout=min(max(pause, 0.0), PATIENCE))
        self.catch_up()
        if deliver is not None:
            self._outside -= 1
            deliver()

    def _join_instant(self) -> bool:
        """Bring the next event up to the present; return False if it has to queue up again."""
        at, priority, number, event = self._queue[0]
        present = (self._now, priority, number, event)
        if at < self._now and priority >= LATE:
            heapreplace(self._queue, present)
            return False
        self._queue[0] = present  # perhaps out of order, but SimPy now takes it from the head
        return True
