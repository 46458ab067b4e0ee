"""A process: one workflow under way, and the event of its end."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Generic, cast

import simpy

from cloudlab.engine.rebuilding import rebuildable
from cloudlab.engine.waiting import outcome_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator
    from typing import TypeAlias

    from simpy.events import Event, ProcessGenerator
    from typing_extensions import TypeVar

    T = TypeVar("T")
    T_co = TypeVar("T_co", covariant=True, default=object)
    Work: TypeAlias = Awaitable[T] | Generator[Event, object, T]
else:
    from typing import TypeVar

    T_co = TypeVar("T_co", covariant=True)


class Process(simpy.Process, Generic[T_co]):
    """A workflow under way; waiting for it gives its result.

    Attributes:
        parent: The process that has begun this one and waits until it has ended, or None.
    """

    parent: simpy.Process | None = None

    @property
    def result(self) -> T_co:
        """What the workflow, which has ended, returned; raises its error if it failed."""
        return cast("T_co", outcome_of(self))

    def rename(self, name: str) -> None:
        """Let `name` be what messages call this process."""
        self._generator.__name__ = name  # type: ignore[attr-defined]

    def close(self) -> None:
        """Drop the workflow where it stands; it undoes nothing."""
        self._generator.close()

    def make_rebuildable(self) -> None:
        """See to it that SimPy can copy the error of this failed process."""
        self._value = rebuildable(self._value)

    def begin(self, env: simpy.Environment, generator: ProcessGenerator) -> None:
        """Run `generator` up to its first wait, inside the process that is running.

        This takes the place of SimPy's `__init__`, which schedules the start as an event.
        """
        self.env = env
        self.callbacks = []
        self.parent = caller = env.active_process
        self._generator = generator
        env._active_proc = self  # noqa: SLF001  (as SimPy does around every process)
        try:
            target = generator.send(None)
        except StopIteration as end:
            self._end(ok=True, value=end.value)
        except Exception as error:  # noqa: BLE001  (handed over as the value of the process)
            self._end(ok=False, value=error)
        else:
            self._wait_for(target)
        finally:
            env._active_proc = caller  # noqa: SLF001

    def _end(self, *, ok: bool, value: object) -> None:
        """Have ended, as if the event of the end had been processed already."""
        self._ok = ok
        self._value = value
        self._defused = True
        self.callbacks = None  # type: ignore[assignment]  # SimPy's sign for "processed"

    def _wait_for(self, target: Event) -> None:
        """Go on when `target` has happened, at once if it has."""
        self._target = target
        if not hasattr(target, "callbacks"):
            raise TypeError(not_ours(self))
        if target.processed:
            self._resume(target)
        else:
            target.callbacks.append(self._resume)


def begin(env: simpy.Environment, work: Work[T]) -> Process[T]:
    """Run `work` up to its first wait, as a process inside the running one.

    A process that ends without waiting costs no event at all: two such works in `Engine.all`
    take 5 us, where two SimPy processes and an AllOf take 12.
    """
    process: Process[T] = Process.__new__(Process)
    process.begin(env, as_generator(work))
    return process


def as_generator(work: Work[object]) -> ProcessGenerator:
    """Return `work` as what a SimPy process drives.

    SimPy's annotation asks for a generator, its code only for `send` and `throw`: a coroutine
    has both. Other awaitables are wrapped in a coroutine.

    Raises:
        TypeError: `work` cannot be awaited.
    """
    if hasattr(work, "send"):
        return cast("ProcessGenerator", work)
    if not isawaitable(work):
        raise TypeError(f"{work!r} is not a workflow: call the async function and pass the result")
    return cast("ProcessGenerator", _awaiting(work))


async def _awaiting(work: Awaitable[object]) -> object:
    return await work


def name_of(work: object) -> str:
    """Return what to call `work` in a message."""
    return str(getattr(work, "__name__", type(work).__name__))


def not_ours(process: simpy.Process | None) -> str:
    """Return the sentence for a workflow that awaits what SimPy does not know."""
    name = process.name if process is not None else "a workflow"
    return f"{name} awaits something of another library, such as asyncio.sleep: use the engine's"
