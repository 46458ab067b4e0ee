"""Telling how far a long piece of work has come, and stopping it between two steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopped(Exception):
    """A long step was stopped half-way; what it has so far is worth nothing."""


@dataclass(slots=True, eq=False)
class Watch:
    """Who hears of progress, and who may stop the work.

    Attributes:
        progress: called with steps done, steps in all and the name of the stage.
        stop: asked between steps; once it says true, nothing new is begun.
        stopped_at: the stage and step at which the work was stopped; empty while it goes on.
    """

    progress: Callable[[int, int, str], object] | None = None
    stop: Callable[[], bool] | None = None
    stopped_at: str = ""
    _stage: str = ""
    _step: str = ""

    def begin(self, stage: str, total: int) -> None:
        """Enter `stage`, which takes `total` steps."""
        self._stage = stage
        self.tell(0, total)

    def tell(self, done: int, total: int) -> None:
        """Say that `done` of `total` steps of the stage are done."""
        self._step = f"{done:,} of {total:,}"
        if self.progress is not None:
            self.progress(done, total, self._stage)

    def is_stopped(self) -> bool:
        """Return whether somebody asked to stop; the first time, remember where that was."""
        if not self.stopped_at and self.stop is not None and self.stop():
            self.stopped_at = f"{self._stage}, {self._step}"
        return bool(self.stopped_at)
