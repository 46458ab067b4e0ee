"""Whatever is begun is either finished or undone: what is to be undone, and how."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, TypeVarTuple

from cloudlab.engine.waiting import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self, TypeAlias

    from cloudlab.engine.engine import Engine

    Undo: TypeAlias = Callable[..., object]
    FailedUndo: TypeAlias = Callable[[Exception, Undo, tuple[object, ...]], object]

Args = TypeVarTuple("Args")


class Rollback:
    """Undo what was begun, newest first, if the block fails or is interrupted.

    Write beside each act what undoes it; before the act, if an interrupt could leave it half
    done, so undo steps must not mind that there is nothing to undo. They run in a process of
    their own that nobody can interrupt; an interrupt that comes meanwhile is obeyed when all
    is undone. A run that is closed (`GeneratorExit`) or broken into (`KeyboardInterrupt`)
    undoes nothing.

    Example:
        async with Rollback(engine) as undo:
            ledger.claim(vm)
            undo(ledger.release, vm)
            undo(fabric.unplug, nic)
            await fabric.plug(nic)
    """

    __slots__ = ("_engine", "_on_failed_undo", "_steps")

    def __init__(self, engine: Engine, on_failed_undo: FailedUndo | None = None) -> None:
        """Open a list of undo steps.

        Args:
            engine: What runs asynchronous steps.
            on_failed_undo: Called with error, step and arguments of a step that fails. Without
                it such an error is raised when the other steps are done.
        """
        self._engine = engine
        self._on_failed_undo = on_failed_undo
        self._steps: list[tuple[Undo, tuple[object, ...]]] = []

    def __call__(self, undo: Callable[[*Args], object], *args: *Args) -> None:
        """Register `undo(*args)`, a plain or an asynchronous function."""
        self._steps.append((undo, args))

    async def __aenter__(self) -> Self:
        """Return the rollback itself, to register steps with."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Undo everything if the block failed, then let its error go on.

        Raises:
            Interrupted: the workflow was interrupted while it was undoing another error.
        """
        if not isinstance(error, Exception) or not self._steps:
            return
        try:
            await self._engine.shield(self._unwind())
        except Interrupted:
            if not isinstance(error, Interrupted):
                raise

    async def _unwind(self) -> None:
        """Run every step, newest first; then raise the first error nobody was told of."""
        unheard: list[Exception] = []
        while self._steps:
            undo, args = self._steps.pop()
            try:
                result = undo(*args)
                if isawaitable(result):
                    await result
            except Exception as error:  # noqa: BLE001  (the other steps must run)
                unheard += self._tell(error, undo, args)
        if unheard:
            raise unheard[0]

    def _tell(self, error: Exception, undo: Undo, args: tuple[object, ...]) -> list[Exception]:
        """Hand a failed step to the hook; return the errors that still have to be raised."""
        if self._on_failed_undo is None:
            return [error]
        try:
            self._on_failed_undo(error, undo, args)
        except Exception as failure:  # noqa: BLE001  (the other steps must run)
            return [failure]
        return []
