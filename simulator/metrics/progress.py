"""A bar that shows how far a simulation is; silent where nobody looks."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from cloudlab.units import clock_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self


class Bar(Protocol):
    """What is needed of a bar; tqdm's are ones."""

    n: float
    total: float | None

    def set_postfix_str(self, s: str = "", refresh: bool = True) -> None:  # noqa: FBT001, FBT002
        """Write `s` behind the bar."""

    def refresh(self) -> object:
        """Draw the bar."""

    def close(self) -> None:
        """Leave the bar as it stands."""


PAUSE_S: Final = 0.1
"""Wall-clock seconds between two looks of the bar: ten a second are enough for an eye."""


class Progress:
    """Call it with how much is done; it draws a bar at most ten times a second.

    `with progress(86_400, "a day") as report: ... report(now, 86_400)`
    """

    __slots__ = ("_bar", "_clock", "_next")

    def __init__(self, bar: Bar | None, clock: Callable[[], float] = perf_counter) -> None:
        """Draw on `bar`, or nowhere; `clock` tells wall-clock seconds."""
        self._bar = bar
        self._clock = clock
        self._next = 0.0 if bar is None else clock()

    def __call__(self, done: float, total: float) -> None:
        """Show that `done` of `total` simulated seconds are over, unless shown a moment ago."""
        bar = self._bar
        if bar is None:
            return
        moment = self._clock()
        if moment >= self._next or (done >= total and bar.n < total):
            self._next = moment + PAUSE_S
            bar.total, bar.n = total, min(done, total)
            bar.set_postfix_str(f"{clock_text(done)} of {clock_text(total)}", refresh=False)
            bar.refresh()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        """Return the reporter, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bar as it stands."""
        self.close()


def progress(total_s: float, label: str, *, disable: bool | None = None) -> Progress:
    """Return a reporter of how far a run of `total_s` simulated seconds is.

    Args:
        total_s: seconds of the whole run.
        label: what is being done.
        disable: whether to stay silent; if not given, where standard error is neither a
            terminal nor a notebook's.
    """
    silent = not _is_watched() if disable is None else disable
    if silent:
        return Progress(None)
    from tqdm.auto import tqdm

    shape = "{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]"
    return Progress(tqdm(total=total_s, desc=label, bar_format=shape, leave=True))


def _is_watched() -> bool:
    """Return whether standard error is a terminal or shown in a notebook."""
    return sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel")
