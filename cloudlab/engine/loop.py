"""Running events in order: until when, and how to stop from outside."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeVar, overload

from simpy.core import EmptySchedule
from simpy.events import Event

from cloudlab.engine.agenda import FIRST, Agenda, Alarm
from cloudlab.engine.process import name_of, not_ours
from cloudlab.engine.waiting import outcome_of

if TYPE_CHECKING:
    import simpy

    from cloudlab.engine.process import Process

T = TypeVar("T")


class Loop:
    """The events of a SimPy environment, one after the other.

    Attributes:
        env: The SimPy environment; generators of SimPy may run on it beside workflows.
        agenda: What is to happen when.
        stopped: Whether the last run was ended by `stop`.
    """

    def __init__(self, env: simpy.Environment) -> None:
        """Run the events of `env`."""
        self.env = env
        self.agenda = Agenda(env)
        self.stopped = False
        self._running = False
        self._halted = False
        self._stop_next = False

    @property
    def now(self) -> float:
        """Seconds of engine time since the engine was made."""
        return self.env.now

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._running

    @overload
    def run(self, until: float | None = None) -> None: ...
    @overload
    def run(self, until: Process[T]) -> T | None: ...
    @overload
    def run(self, until: Event) -> object: ...
    def run(self, until: float | Event | None = None) -> object:
        """Run until nothing is left to do, a moment has come or an event has happened.

        A run that ends early, by `stop` or by an error, leaves everything as it is: run again
        to go on.

        Args:
            until: Engine seconds; what is due at that very moment is left to the next run. Or
                an event or process to see the end of.

        Returns:
            The value of the event or the result of the process; None if stopped before.

        Raises:
            ValueError: the moment is past.
            RuntimeError: the engine is running already, or the event can never happen.
            Exception: the error of the process, or of one that nobody waits for.
        """
        if self._running:
            raise RuntimeError("the engine is running already: spawn the work instead")
        if isinstance(until, Event):
            return self._run_to_event(until)
        if until is None or until == inf:
            self._run()
        else:
            self._run_to_moment(until)
        return None

    def stop(self, *, or_next: bool = False) -> bool:
        """End the run that is under way before its next event; return False if there is none.

        May be called from any thread and from signal handlers. A live clock obeys in 0.1 s.

        Args:
            or_next: If there is none, end the next one before its first event.
        """
        if self._running:
            self.stopped = self._halted = True
        else:
            self._stop_next = or_next
        return self._running

    def unstop(self) -> bool:
        """Forget a stop that waits for the next run; return whether there was one."""
        waiting, self._stop_next = self._stop_next, False
        return waiting

    def peek(self) -> float:
        """Return when the next event is due, in engine seconds; infinite if there is none."""
        self.agenda.skip_cancelled()
        return self.env.peek()

    def step(self) -> bool:
        """Process the next event; return False if there is none.

        A live clock waits for it 0.1 s at most, then returns all the same.
        """
        self.agenda.skip_cancelled()
        try:
            self.env.step()
        except EmptySchedule:
            return False
        return True

    def _run(self) -> None:
        """Process events until told to halt or none is left."""
        step, agenda, cancelled = self.env.step, self.agenda, self.agenda.cancelled
        self.stopped = self._halted = self.unstop()
        self._running = True
        try:
            with suppress(EmptySchedule):
                while not self._halted:
                    if cancelled:
                        agenda.skip_cancelled()
                    step()
        except AttributeError as error:
            if error.name != "gi_frame":
                raise
            # SimPy wanted to show the line of a generator, and a coroutine is none.
            raise TypeError(not_ours(self.env.active_process)) from None
        finally:
            self._running = False

    def _run_to_moment(self, at: float) -> None:
        end = Alarm(self.agenda, self._to_come(at), FIRST)
        end.callbacks.append(self._halt)
        try:
            self._run()
        finally:
            end.cancel()

    def _to_come(self, at: float) -> float:
        """Return the moment to run to, which must not be past."""
        if at >= self.env.now:
            return at
        raise ValueError(f"cannot run until {at:g} s: the clock shows {self.now:g} s already")

    def _run_to_event(self, event: Event) -> object:
        if not event.processed:
            event.callbacks.append(self._halt)
            try:
                self._run()
            finally:
                if not event.processed:
                    event.callbacks.remove(self._halt)
        if event.processed:
            return outcome_of(event)
        if self.stopped:
            return None
        raise RuntimeError(self._story_of(event))

    def _halt(self, event: Event) -> None:
        """End the run with `event`; if it failed, the run raises its error."""
        self._halted = True
        event.defused = True

    def _story_of(self, event: Event) -> str:
        """Return the sentence for a run that has nothing left to do before `event`."""
        name = getattr(event, "name", None) or name_of(event)
        return f"{name} cannot end: it waits for something that will never happen"
