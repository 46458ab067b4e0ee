"""What the journal has heard since it was last written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from cloudlab.model import Event
from cloudlab.state import Journal, Move
from cloudlab.state.snapshot import Writer
from cloudlab.store.changes.change import Change, Row
from cloudlab.store.schema import EVENTS, MOVES

if TYPE_CHECKING:
    from sqlalchemy import Table

T = TypeVar("T")


class LogWatch(Generic[T]):
    """Moves or events: new ones come last, the oldest fall away."""

    def __init__(
        self,
        table: Table,
        kept: Callable[[], Sequence[T]],
        total: Callable[[], int],
        row: Callable[[T], Row],
        before: int,
    ) -> None:
        """Watch a log, nothing of which was written yet.

        Args:
            table: where it is written.
            kept: returns what the journal keeps, oldest first.
            total: returns how many there ever were.
            row: returns one of them as it is written, without its number.
            before: how many there were before those that `total` counts.
        """
        self._table, self._kept, self._total, self._row = table, kept, total, row
        self._before = before
        self._first = self._next = self.total - len(kept()) + 1

    @property
    def total(self) -> int:
        """How many there ever were in this lab."""
        return self._before + self._total()

    def change(self) -> Change | None:
        """Return what is new, and what is not kept any more."""
        total, kept = self.total, self._kept()
        if total < self._next:
            return None
        first = total - len(kept) + 1
        begin = max(self._next, first)
        rows = [
            {"number": number, **self._row(each)}
            for number, each in enumerate(islice(kept, begin - first, None), begin)
        ]
        gone = range(self._first, min(first, self._next))
        return Change(self._table, gone, rows, partial(self._remember, first, total + 1))

    def _remember(self, first: int, following: int) -> None:
        self._first, self._next = first, following


def moves_watch(journal: Journal, writer: Writer, before: int) -> LogWatch[Move]:
    """Return what watches the moves, of which there were `before` the journal began."""

    def row(move: Move) -> Row:
        at, subject, *told = move
        return {"at": at, "type": move.event, "data": [at, writer.value(subject), *told]}

    return LogWatch(MOVES, lambda: journal.moves, lambda: journal.total_moves, row, before)


def events_watch(journal: Journal, writer: Writer, before: int) -> LogWatch[Event]:
    """Return what watches the events, of which there were `before` the journal began."""
    names = [each.name for each in fields(Event)]

    def row(event: Event) -> Row:
        data = [writer.value(getattr(event, name)) for name in names]
        return {"at": event.at, "type": event.type, "data": data}

    return LogWatch(EVENTS, lambda: journal.events, lambda: journal.total_events, row, before)
