"""Time and concurrency for workflows: one interface, whatever the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, overload

from simpy.events import Event

from cloudlab.engine import process as processes
from cloudlab.engine.agenda import LATE
from cloudlab.engine.calls import refuse_late_result
from cloudlab.engine.locks import Locks
from cloudlab.engine.loop import Loop
from cloudlab.engine.process import Process, as_generator
from cloudlab.engine.together import Siblings, run_within
from cloudlab.engine.waiting import AT_ONCE, interrupt_before, outcome_of, value_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Self

    import simpy

    from cloudlab.engine.calls import LateResult
    from cloudlab.engine.locks import Holding, LockKey
    from cloudlab.engine.process import Work

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Engine(Loop):
    """Time and concurrency for workflows, on any SimPy environment.

    Attributes:
        locks: Who holds which lock.
        on_late_result: Told when an outside call ends after its time-out (live clock only).
    """

    def __init__(self, env: simpy.Environment) -> None:
        """Drive workflows by the event loop of `env`."""
        super().__init__(env)
        self.locks = Locks(env)
        self.on_late_result: Callable[[LateResult], object] = refuse_late_result
        self._open: dict[Event, Process[object]] = {}
        self.is_closed = False
        """Whether nothing can be begun any more."""

    @property
    def current(self) -> simpy.Process | None:
        """The process that is running, or None between processes."""
        return self.env.active_process

    def spawn(self, work: Work[T], name: str | None = None) -> Process[T]:
        """Start `work` as a process, once the running one waits; do not wait for it.

        An error of a process nobody waits for ends the run.

        Args:
            work: A call of an `async def`, another awaitable, or a SimPy generator.
            name: What to call it in messages; that of the function if not given.

        Raises:
            RuntimeError: the engine is closed.
        """
        if self.is_closed:
            raise RuntimeError("the engine is closed: make a new one")
        spawned: Process[T] = Process(self.env, as_generator(work))
        if name is not None:
            spawned.rename(name)
        self._watch(spawned)
        return spawned

    def begin(self, work: Work[T]) -> Process[T]:
        """Run `work` up to its first wait, as a process that belongs to the running one.

        Whoever begins a process has to wait until it has ended and to take its error.
        """
        begun = processes.begin(self.env, work)
        if begun.is_alive:
            self._watch(begun)
        return begun

    def interrupt(self, process: simpy.Process, cause: object = None) -> bool:
        """Throw `Interrupted(cause)` into `process`; return False if it has ended already."""
        if not process.is_alive:
            return False
        process.interrupt(cause)
        return True

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait for `seconds`, for ever if infinite; zero and less do not touch the event loop.

        Raises:
            ValueError: `seconds` is not a number.
        """
        if seconds <= 0.0:
            return AT_ONCE
        return self.agenda.moment(self.env.now + seconds)

    def sleep_until(self, at: float, *, late: bool = False) -> Awaitable[None]:
        """Wait until the clock shows exactly `at`; a moment that has come is not waited for.

        Args:
            at: Engine seconds; infinite: for ever.
            late: Wait until everything else of that instant has happened, even what other
                events of it bring about.

        Raises:
            ValueError: `at` is not a number.
        """
        if at <= self.env.now:
            return self.agenda.moment(self.env.now, LATE) if late else AT_ONCE
        return self.agenda.moment(at, LATE) if late else self.agenda.moment(at)

    def event(self) -> Event:
        """Return an event to `wait` for, which happens once somebody calls its `succeed`."""
        return Event(self.env)

    @overload
    def wait(self, event: Process[T]) -> Awaitable[T]: ...
    @overload
    def wait(self, event: Event) -> Awaitable[object]: ...
    def wait(self, event: Event) -> Awaitable[object]:
        """Wait for `event` or the end of a process and return its value; can be interrupted.

        A failed process raises a copy of its error here, `Interrupted` if it was interrupted.
        """
        return value_of(event)

    @overload
    async def finish(self, event: Process[T]) -> T: ...
    @overload
    async def finish(self, event: Event) -> object: ...
    async def finish(self, event: Event) -> object:
        """Wait for `event`, obeying an interrupt only once it has happened.

        Raises:
            Interrupted: somebody interrupted the wait; of several interrupts, the first.
            Exception: the error of the event, if nobody interrupted.
        """
        interrupt: Exception | None = None
        while not event.processed:
            caught = await interrupt_before(event)
            interrupt = interrupt or caught
        if interrupt is None:
            return outcome_of(event)
        raise interrupt from (None if event.ok else event.value)

    async def shield(self, work: Work[T]) -> T:
        """Run `work` to its end whatever interrupts, then obey the first interrupt."""
        return await self.finish(self.begin(work))

    async def all(self, *works: Work[T]) -> list[T]:
        """Run `works` side by side and return their results in the order given.

        Each begins at once, up to its first wait. When one fails or the caller is interrupted,
        the others are interrupted and all have ended before the error is raised.
        """
        siblings: Siblings[T] = Siblings(self)
        siblings.begin(works)
        return await siblings.results()

    async def within(self, seconds: float, work: Work[T]) -> T:
        """Return the result of `work`, interrupting it if it takes longer than `seconds`.

        Work that ends at the very moment is in time; so is work that answers all the same.

        Raises:
            TimedOut: the time was over, and `work` has undone what it had to.
        """
        return await run_within(self, seconds, work)

    def lock(self, *keys: LockKey) -> Holding:
        """Return a block to enter by `async with`, alone in holding each of `keys`.

        Raises:
            LockMisuse: on entering, if that could end in a deadlock.
        """
        return self.locks.holding(keys)

    async def call(
        self,
        fn: Callable[[*Args], T],
        *args: *Args,
        timeout: float | None = None,  # noqa: ARG002  (the live clock's)
    ) -> T:
        """Return `fn(*args)`, a call to the outside that may block.

        A virtual clock runs it on the spot: no time passes, so `timeout` cannot be over. A
        live clock runs it in another thread and obeys an interrupt once it has ended.

        Args:
            fn: A plain function.
            args: Its arguments.
            timeout: Engine seconds to wait for the answer. An answer that comes later is
                handed to `on_late_result`.

        Raises:
            TimedOut: no answer in time; a call that had not begun never will.
        """
        return fn(*args)

    def close(self) -> None:
        """Drop all open processes where they stand: nothing is undone, nothing is printed.

        Raises:
            RuntimeError: the engine is running.
            ExceptionGroup: workflows that waited or failed in a `finally` clause.
        """
        if self.running:
            raise RuntimeError("the engine is running: stop it before closing it")
        self.is_closed = True
        refusals = []
        while self._open:
            _, process = self._open.popitem()
            try:
                process.close()
            except Exception as error:  # noqa: BLE001  (the others must be dropped, too)
                error.add_note(f"while {process.name} was dropped")
                refusals.append(error)
        self.agenda.clear()
        if refusals:
            raise ExceptionGroup("workflows must not wait or fail while being dropped", refusals)

    def __enter__(self) -> Self:
        """Return the engine, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine."""
        self.close()

    def _watch(self, process: Process[T]) -> None:
        self._open[process] = process
        process.callbacks.append(self._ended)

    def _ended(self, event: Event) -> None:
        process = self._open.pop(event)
        if not process.ok:
            process.make_rebuildable()

    def _story_of(self, event: Event) -> str:
        story = super()._story_of(event)
        contended = ", ".join(map(str, self.locks.contended()))
        return f"{story}; somebody waits for the lock {contended}" if contended else story
