"""What is to happen when: alarms at exact moments, which can be taken back."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf, isnan
from typing import TYPE_CHECKING, Final, cast

from simpy.events import NORMAL, URGENT, Event, EventPriority

from cloudlab.engine.waiting import Interrupted, value_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

    import simpy

FIRST: Final = URGENT
"""Before every ordinary event of an instant: interrupts, starts of processes, ends of runs."""

LATE: Final = EventPriority(NORMAL + 1)
"""After every ordinary event of an instant, even those that other events of it bring about."""


class Agenda:
    """The queue of events of a SimPy environment, with what SimPy's has not: exact, revocable.

    A time-out left alone would keep a run going until it is due: an hour for a boot that took
    a minute, and in real time on a live clock.

    Attributes:
        env: The environment whose queue this is.
        cancelled: Alarms taken back that are still in the queue.
    """

    __slots__ = ("cancelled", "env")

    def __init__(self, env: simpy.Environment) -> None:
        """Keep the queue of `env`."""
        self.env = env
        self.cancelled: set[Event] = set()

    def moment(self, at: float, priority: EventPriority = NORMAL) -> Awaitable[None]:
        """Return a sleep until the clock shows `at`: for ever, if that is infinite.

        Raises:
            ValueError: `at` is not a number.
        """
        if at < inf:
            return Alarm(self, at, priority)
        if isnan(at):
            raise ValueError("cannot sleep for nan seconds: give a number or inf")
        return cast("Awaitable[None]", value_of(Event(self.env)))

    def skip_cancelled(self) -> None:
        """Drop cancelled alarms from the head of the queue, without moving the clock."""
        queue = self.env._queue  # noqa: SLF001  (SimPy cannot take an event back)
        while queue and queue[0][3] in self.cancelled:
            self.cancelled.discard(heappop(queue)[3])

    def sweep(self) -> None:
        """Drop all cancelled alarms, once they are half of the queue: no more than pays."""
        queue = self.env._queue  # noqa: SLF001
        if 2 * len(self.cancelled) > len(queue):
            queue[:] = [entry for entry in queue if entry[3] not in self.cancelled]
            heapify(queue)
            self.cancelled.clear()

    def clear(self) -> None:
        """Let nothing happen any more."""
        self.env._queue.clear()  # noqa: SLF001
        self.cancelled.clear()


class Alarm(Event):
    """An event that happens at an exact moment; awaiting it sleeps until then.

    It is SimPy's time-out without the detour over `now + (at - now)`, which is not `at` in
    doubles. Being its own awaitable it takes 1.7 us a sleep, where an `async def` around an
    awaitable time-out takes 1.9 and a bare generator 1.2.
    """

    def __init__(self, agenda: Agenda, at: float, priority: EventPriority = NORMAL) -> None:
        """Put the alarm on `agenda` at engine second `at`, which is finite and not past."""
        self.env = env = agenda.env
        self.callbacks = []
        self._ok = True
        self._value = None
        self._agenda = agenda
        heappush(env._queue, (at, priority, next(env._eid), self))  # noqa: SLF001

    def __await__(self) -> Generator[Event, object, None]:
        """Sleep until the alarm; an interrupted sleep is over and needs no alarm."""
        try:
            yield self
        except Interrupted:
            if not self.callbacks:
                self.cancel()
            raise

    def cancel(self) -> None:
        """Never happen; nothing changes if it has happened already."""
        if not self.processed:
            self.callbacks[:] = [self._agenda.cancelled.discard]
            self._agenda.cancelled.add(self)
            self._agenda.sweep()
