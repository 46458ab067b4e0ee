"""A table to be read: headings, cells as texts, and what to know first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_ROWS: Final = 200
"""A longer table is cut here on the page; the workbook has all of it."""

NEVER: Final = "-"


@dataclass(frozen=True, slots=True)
class View:
    """A table to be read.

    Attributes:
        name: of the table in the workbook.
        title: above it.
        note: what to know before reading it.
        head: column headings; those of numbers begin with ">" and stand to the right.
        rows: cells as texts.
        is_open: whether the page shows it at once.
    """

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_open: bool = False

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The rows that the page has room for."""
        return self.rows[:MOST_ROWS]

    @property
    def more(self) -> int:
        """How many rows are left out."""
        return max(len(self.rows) - MOST_ROWS, 0)
