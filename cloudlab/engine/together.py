"""Works that run side by side, or against the clock, and end together."""

from __future__ import annotations

from contextlib import suppress
from math import inf, isnan
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from cloudlab.engine.agenda import LATE, Alarm
from cloudlab.engine.process import name_of
from cloudlab.engine.waiting import Interrupted
from cloudlab.errors import TimedOut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simpy.events import Event

    from cloudlab.engine.engine import Engine
    from cloudlab.engine.process import Process, Work

T = TypeVar("T")


class Siblings(Generic[T]):
    """Processes begun by one workflow, which goes on when all of them have ended.

    The first that fails has the others interrupted, and so has an interrupt of the workflow.
    They are interrupted once only: what they do afterwards is undo. Errors are handed over as
    values, so the workflow gets the very object that was raised.

    Attributes:
        running: How many have been begun and have not ended.
        interrupted: Whether the workflow itself was interrupted.
    """

    __slots__ = (
        "_all_ended",
        "_engine",
        "_error",
        "_jobs",
        "_stopping",
        "interrupted",
        "running",
    )

    def __init__(self, engine: Engine) -> None:
        """Prepare an empty group of `engine`."""
        self.running = 0
        self.interrupted = False
        self._engine = engine
        self._jobs: list[Process[T]] = []
        self._stopping = False
        self._error: BaseException | None = None
        self._all_ended: Event | None = None

    def begin(self, works: Iterable[Work[T]]) -> None:
        """Begin each of `works` in order, up to its first wait; none after one that fails."""
        for work in works:
            if self._stopping:
                _discard(work)
                continue
            try:
                job = self._engine.begin(work)
            except TypeError as error:  # no work of this engine, but others may be under way
                self._fail(error)
                continue
            self._jobs.append(job)
            if job.processed:
                self._note(job)
            else:
                self.running += 1
                job.callbacks.append(self._ended)

    def stop(self, cause: object) -> None:
        """Interrupt those that have not ended, unless that has been done."""
        if not self._stopping:
            self._stopping = True
            for job in self._jobs:
                self._engine.interrupt(job, cause)

    async def results(self) -> list[T]:
        """Wait until all have ended and return what they returned.

        Raises:
            Interrupted: the workflow was interrupted; this outranks an error of a job.
            Exception: the first error of a job, when all others have ended as well.
        """
        if self.running:
            await self._all()
        if self._error is None:
            return cast("list[T]", [job.value for job in self._jobs])
        try:
            raise self._error
        finally:
            # Kept, the error would hold by its traceback the frames that hold this group:
            # a cycle, for a garbage collector whose work a simulation puts off.
            self._error = None
            self._jobs.clear()

    async def _all(self) -> None:
        """Wait until all have ended, having them stop if the workflow is interrupted."""
        self._all_ended = self._engine.event()
        try:
            await self._engine.wait(self._all_ended)
        except Interrupted as interrupt:
            self.interrupted = True
            self._error = interrupt
            self.stop(interrupt.cause)
            with suppress(Interrupted):
                await self._engine.finish(self._all_ended)

    def _ended(self, job: Event) -> None:
        job.defused = True
        self._note(job)
        self.running -= 1
        if not self.running and self._all_ended is not None:
            self._all_ended.succeed()

    def _note(self, job: Event) -> None:
        """Take the error of a job that failed."""
        if not job.ok:
            self._fail(cast("BaseException", job.value))

    def _fail(self, error: BaseException) -> None:
        """Keep the first error, and stop the others."""
        if self._error is None:
            self._error = error
            self.stop(f"a sibling failed: {error}")


def _discard(work: Work[object]) -> None:
    """Close a work that is never to begin, or Python warns that nobody awaited it."""
    if (close := getattr(work, "close", None)) is not None:
        close()


async def run_within(engine: Engine, seconds: float, work: Work[T]) -> T:
    """Return the result of `work`, or interrupt it after `seconds` and say so.

    Raises:
        TimedOut: the time was over; what `work` had registered has been undone.
        ValueError: `seconds` is not a number.
    """
    name = name_of(work)
    if isnan(seconds):
        _discard(work)
        raise ValueError(f"{name} cannot be given nan seconds: give a number or inf")
    group: Siblings[T] = Siblings(engine)
    group.begin([work])
    if not group.running or seconds == inf:
        return (await group.results())[0]
    deadline = _Deadline(group, f"{name} took longer than {seconds:g} s")
    alarm = Alarm(engine.agenda, engine.now + max(seconds, 0.0), LATE)
    alarm.callbacks.append(deadline.strike)
    try:
        return (await group.results())[0]
    except Exception as error:
        if deadline.over and not group.interrupted:
            raise TimedOut(deadline.message) from error
        raise
    finally:
        alarm.cancel()


class _Deadline(Generic[T]):
    """The moment after which a group is told to stop."""

    __slots__ = ("_group", "message", "over")

    def __init__(self, group: Siblings[T], message: str) -> None:
        self._group = group
        self.message = message
        self.over = False

    def strike(self, _alarm: Event) -> None:
        """Stop the group, for the time is over."""
        self.over = True
        self._group.stop(self.message)
