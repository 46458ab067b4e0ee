"""Calls to the outside, which block, may take too long and can only be asked to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cloudlab.engine.agenda import Alarm
from cloudlab.engine.waiting import Interrupted
from cloudlab.errors import Cancelled, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from simpy.events import Event

    from cloudlab.engine.clocks import LiveEngine

T = TypeVar("T")

_THIS_THREAD: Final = threading.local()
"""Its `unwanted`: the event of the call that a thread makes."""


def cancellation() -> threading.Event:
    """Return what is set once nobody waits any more for the call that this thread makes.

    A thread cannot be interrupted: long calls look at this now and then. It is set where whoever
    waited was interrupted or is gone, and where the call's time is over; never where no engine
    called.
    """
    event: threading.Event = getattr(_THIS_THREAD, "unwanted", None) or threading.Event()
    return event


def check_cancelled() -> None:
    """Refuse to go on where nobody waits any more for the call that this thread makes.

    Raises:
        Cancelled: so it is; see `cancellation`.
    """
    if cancellation().is_set():
        raise Cancelled("nobody waits for it any more")


@dataclass(frozen=True, slots=True)
class LateResult:
    """An answer nobody waits for any more, though what was asked for may have been done.

    Attributes:
        fn: The function that was called.
        args: Its arguments.
        value: What it returned; None if it failed.
        error: What it raised, or None.
    """

    fn: Callable[..., object]
    args: tuple[object, ...]
    value: object
    error: BaseException | None

    def __str__(self) -> str:
        """Return what happened, in a sentence."""
        ending = "succeeded" if self.error is None else f"failed ({self.error})"
        return f"{call_name(self.fn, self.args)} {ending} after its time-out"


def refuse_late_result(late: LateResult) -> None:
    """End the run: an answer that is lost is something begun, neither finished nor undone.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(f"{late} and nobody was told: set on_late_result of the engine")


def call_name(fn: Callable[..., object], args: tuple[object, ...]) -> str:
    """Return the call as it would be written."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return f"{name}({', '.join(map(repr, args))})"


class Call(Generic[T]):
    """One call under way in a thread."""

    def __init__(self, engine: LiveEngine, fn: Callable[..., T], args: tuple[object, ...]) -> None:
        """Submit `fn(*args)` to the threads of `engine`."""
        self._engine = engine
        self._fn = fn
        self._args = args
        self._over = engine.event()
        self._overdue = False
        self._unwanted = threading.Event()
        self._future = engine.env.submit(self._work, self._answered)

    def _work(self) -> T:
        """Return what the function returns; in a thread, to which it makes itself known."""
        _THIS_THREAD.unwanted = self._unwanted
        try:
            return self._fn(*self._args)
        finally:
            del _THIS_THREAD.unwanted

    async def result(self, timeout: float | None) -> T:
        """Return what the function returns.

        Raises:
            TimedOut: it has not after `timeout` engine seconds.
            Interrupted: somebody interrupted; the function has ended, never begun or timed out.
        """
        alarm = None if timeout is None else self._set_alarm(timeout)
        try:
            await self._end()
        finally:
            if alarm is not None:
                alarm.cancel()
        if self._overdue:
            name = call_name(self._fn, self._args)
            raise TimedOut(f"{name} gave no answer within {timeout:g} s")
        return self._future.result()

    async def _end(self) -> None:
        """Wait until the call is over; interrupted, take it back or ask it to stop."""
        try:
            await self._engine.wait(self._over)
        except BaseException as stop:
            self._unwanted.set()
            if isinstance(stop, Interrupted) and not self._future.cancel():
                with suppress(Interrupted):
                    await self._engine.finish(self._over)
            raise

    def _set_alarm(self, timeout: float) -> Alarm:
        alarm = Alarm(self._engine.agenda, self._engine.now + timeout)
        alarm.callbacks.append(self._give_up)
        return alarm

    def _give_up(self, _alarm: Event) -> None:
        if not self._over.triggered:
            self._overdue = True
            self._unwanted.set()
            self._future.cancel()
            self._over.succeed()

    def _answered(self, future: Future[T]) -> None:
        if future.cancelled():
            return
        if self._overdue:
            self._engine.on_late_result(self._late_result(future))
        else:
            self._over.succeed()

    def _late_result(self, future: Future[T]) -> LateResult:
        error = future.exception()
        value = future.result() if error is None else None
        return LateResult(self._fn, self._args, value, error)
