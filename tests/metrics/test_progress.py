"""The bar shows how far a run is to those who look, ten times a second at most."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from simulator.metrics import Progress, progress

if TYPE_CHECKING:
    import pytest


class Bar:
    """A bar that remembers what it drew."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        self.n, self.total, self.text = 0.0, None, ""
        self.drawn: list[tuple[float, str]] = []
        self.closed = False

    def set_postfix_str(self, s: str = "", refresh: bool = True) -> None:
        """Remember the text."""
        self.text = s

    def refresh(self) -> None:
        """Remember what is drawn."""
        self.drawn.append((self.n, self.text))

    def close(self) -> None:
        """Remember the end."""
        self.closed = True


def test_it_draws_ten_times_a_second_at_most() -> None:
    """However often it is called, a bar is drawn every 0.1 s of wall-clock time, and at the end."""
    ticks = iter(range(1_000_000))
    bar = Bar()
    with Progress(bar, clock=lambda: next(ticks) / 1000) as report:
        for done in range(1001):
            report(done * 60.0, 60_000.0)
    assert len(bar.drawn) == 11
    assert bar.drawn[0] == (0.0, "0 s of 16 h 40 min")
    assert bar.drawn[-1] == (60_000.0, "16 h 40 min of 16 h 40 min")
    assert bar.closed


def test_the_end_is_drawn_once() -> None:
    """The last step is shown at once, but not again and again."""
    bar = Bar()
    report = Progress(bar, clock=lambda: 0.0)
    report(5, 10)
    for _ in range(3):
        report(10, 10)
    assert [done for done, _ in bar.drawn] == [5, 10]


def test_it_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, or when told to be, nothing is written and tqdm is not needed."""
    for disable in (None, True):
        with progress(10, "test", disable=disable) as report:
            report(5, 10)
            report(10, 10)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the label, the share and the simulated time are shown."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress(86_400, "a day") as report:
        report(43_200, 86_400)
        report(86_400, 86_400)
    assert "a day: 100%" in terminal.getvalue()
    assert "1 d 0 h of 1 d 0 h" in terminal.getvalue()


def test_closing_twice_is_no_error() -> None:
    """After the end calls are ignored."""
    bar = Bar()
    report = Progress(bar)
    report.close()
    report.close()
    report(1, 2)
    assert bar.drawn == []
