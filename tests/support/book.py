"""Which rows of the book's checklist a passing test holds: the plug-in behind `coverage-book`."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.places import ROOT, SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ROWS_FILE: Final = ROOT / "docs" / "book-rows.txt"
CHECKLIST: Final = SHARED / "spec" / "book-checklist.md"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the book and the numbers of its rows."""

    number: int
    title: str
    rows: tuple[str, ...]


def read_chapters(file: Path = ROWS_FILE) -> tuple[Chapter, ...]:
    """Return the chapters of the list, each with all its rows in order."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(_chapter(line) for line in lines if line and not line.startswith("#"))


def _chapter(line: str) -> Chapter:
    """Return the chapter that one line such as `1.01 - 1.113  Architecture` describes."""
    match = re.fullmatch(r"(\d+)\.(\d+) - \1\.(\d+) +(.+)", line)
    if match is None:
        raise ValueError(f"{ROWS_FILE.name}: cannot read {line!r}; expected '1.01 - 1.113  Title'")
    number, first, last, title = match.groups()
    rows = tuple(f"{number}.{row:02d}" for row in range(int(first), int(last) + 1))
    return Chapter(int(number), title, rows)


def read_statements(file: Path = CHECKLIST) -> dict[str, str]:
    """Return what each row says, row by number; empty where the checklist is not at hand."""
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^\| (\d+\.\d+) \| (.+?) \|", "\n".join(lines), re.MULTILINE))


def marked_rows(item: pytest.Item) -> tuple[str, ...]:
    """Return the rows a test claims to hold, as written in its marks."""
    return tuple(str(row) for mark in item.iter_markers("book") for row in mark.args)


def problems(claims: Iterable[tuple[str, tuple[str, ...]]], known: frozenset[str]) -> Iterator[str]:
    """Yield a sentence for every mark that names no row of the list.

    Args:
        claims: (test, rows) for every marked test.
        known: every row there is.
    """
    for test, rows in claims:
        if not rows:
            yield f"{test}: a book mark without a row; write book('1.13')"
        for row in rows:
            if row not in known:
                yield f"{test}: there is no row {row!r} in docs/{ROWS_FILE.name}"


class Book:
    """The plug-in: checks the marks of every run, counts the rows held when asked to."""

    def __init__(self, *, report: bool) -> None:
        self.chapters = read_chapters()
        self.report = report
        self.outcomes: dict[str, dict[str, str]] = defaultdict(dict)
        """What became of each marked test, by row: row -> test -> outcome."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse marks that name no row, and send the rows along with each report."""
        marked = [item for item in items if item.get_closest_marker("book")]
        known = frozenset(row for chapter in self.chapters for row in chapter.rows)
        if wrong := list(problems(((item.nodeid, marked_rows(item)) for item in marked), known)):
            raise pytest.UsageError("\n".join(wrong))
        for item in marked:
            item.user_properties.extend(("book", row) for row in marked_rows(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what became of a marked test: its call, or whatever kept it from its call."""
        if report.when != "call" and report.passed:
            return
        for name, row in report.user_properties:
            if name == "book":
                self.outcomes[str(row)][report.nodeid] = report.outcome

    def held(self, row: str) -> bool:
        """Return whether a test of this row has passed and none has failed."""
        outcomes = self.outcomes[row].values()
        return "passed" in outcomes and "failed" not in outcomes

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the count by chapter, then the rows that no passing test holds yet."""
        if self.report:
            for line in (*self._table(), "", *self._open_rows()):
                terminalreporter.write_line(line)

    def _table(self) -> Iterator[str]:
        tests = {test for row in self.outcomes.values() for test in row}
        total = sum(len(chapter.rows) for chapter in self.chapters)
        held = sum(self.held(row) for chapter in self.chapters for row in chapter.rows)
        yield ""
        yield f"Rows of the book that a passing test holds ({len(tests)} marked tests, {_fresh()})"
        for chapter in self.chapters:
            count = sum(map(self.held, chapter.rows))
            yield _line(f"{chapter.number} {chapter.title}", count, len(chapter.rows))
        yield _line("all chapters", held, total)

    def _open_rows(self) -> Iterator[str]:
        statements = read_statements()
        for chapter in self.chapters:
            rows = [row for row in chapter.rows if not self.held(row)]
            if rows:
                yield f"Not held yet: {chapter.number} {chapter.title}"
            if statements:
                yield from (f"  {row:<6}{statements.get(row, '')}{self._why(row)}" for row in rows)
            elif rows:
                yield "  " + " ".join(row + self._why(row) for row in rows)

    def _why(self, row: str) -> str:
        """Return what the tests of a row that is not held did, if it has any."""
        outcomes = sorted(set(self.outcomes[row].values()))
        return f" [{', '.join(outcomes)}]" if outcomes else ""


def _line(title: str, held: int, total: int) -> str:
    return f"  {title:<40} {held:>4} of {total:<4} {held / total:>5.0%}"


def _fresh() -> str:
    """Return when the tests ran and on which state of the sources."""
    command = ["git", "describe", "--always", "--dirty"]
    git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    state = git.stdout.strip() or "no commit"
    return f"run just now, {datetime.now(UTC).astimezone():%Y-%m-%d %H:%M}, at {state}"
