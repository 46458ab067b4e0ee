"""One change of one table, and what finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Table, bindparam, delete, insert

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Key = int | str
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to be taken away and rows to be written, by the one key column of `table`.

    Attributes:
        table: where.
        gone: keys of rows that are there no more.
        rows: new rows, and those that take the place of an old one.
        remember: called once this is committed.
    """

    table: Table
    gone: Sequence[Key]
    rows: Sequence[Row]
    remember: Callable[[], None]

    def write(self, connection: Connection) -> None:
        """Write it; to write it once more changes nothing, if an earlier try got through."""
        (key,) = self.table.primary_key.columns
        keys = [*self.gone, *(row[key.name] for row in self.rows)]
        if keys:
            statement = delete(self.table).where(key == bindparam("old"))
            connection.execute(statement, [{"old": each} for each in keys])
        if self.rows:
            connection.execute(insert(self.table), list(self.rows))


class Watch(Protocol):
    """Knows what the store has of one table."""

    def change(self) -> Change | None:
        """Return how the books differ from that, `None` if they do not."""
