"""How far a long piece of work has come: a bar on the terminal, for each stage its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, Self

if TYPE_CHECKING:
    from types import TracebackType

    from tqdm import tqdm


class Progress:
    """Bars on stderr; nothing where that is no terminal, or where nobody wants to see them."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def __call__(self, done: int, total: int, stage: str) -> None:
        """Show that `done` of `total` steps of `stage` are done."""
        if not self._shown:
            return
        if self._bar is None or stage != self._stage:
            self.clear()
            self._stage, self._bar = stage, _bar(total, stage)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def clear(self) -> None:
        """Take the bar away, so that the terminal is free for what comes next."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()


def _bar(total: int, stage: str) -> tqdm[NoReturn]:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside ours
    return tqdm(total=total, desc=stage, leave=False, file=sys.stderr, dynamic_ncols=True)
