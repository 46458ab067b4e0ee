"""Rows of one kind, which a notebook shows as a table and pandas takes as a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Generic, TypeVar, overload

from cloudlab.errors import InvalidParameter
from cloudlab.views.markup import Markup, tag

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R")

_SHOWN: Final = 60
"""Rows a notebook shows before it says how many more there are."""

Cell = str | int | float | bool | None


class Listing(Sequence[R], Generic[R]):
    """Rows of one frozen dataclass: a sequence, a table in a notebook, a frame when asked."""

    __slots__ = ("_rows", "kind")

    def __init__(self, kind: type[R], rows: Iterable[R]) -> None:
        """Keep `rows`, each a `kind`."""
        self.kind: Final = kind
        self._rows = tuple(rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the fields, in order."""
        assert is_dataclass(self.kind)  # noqa: S101  (rows are dataclasses)
        return tuple(each.name for each in fields(self.kind))

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[R]: ...
    def __getitem__(self, index: int | slice) -> R | Listing[R]:
        """Return one row, or some as a listing of their own."""
        if isinstance(index, slice):
            return Listing(self.kind, self._rows[index])
        return self._rows[index]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def cells(self, row: R) -> tuple[Cell, ...]:
        """Return the values of one row, in order of the columns, choices by their word."""
        return tuple(_cell(getattr(row, name)) for name in self.columns)

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame; without rows it still has its columns."""
        import pandas as pd

        return pd.DataFrame([self.cells(row) for row in self], columns=list(self.columns))

    def __repr__(self) -> str:
        """Say how many rows of what, and what to do with them."""
        return f"<{len(self)} x {self.kind.__name__}: {', '.join(self.columns)}; try .frame()>"

    def _repr_html_(self) -> Markup:
        head = tag("tr", *(tag("th", name.replace("_", " ")) for name in self.columns))
        body = (
            tag("tr", *(tag("td", "" if cell is None else str(cell)) for cell in self.cells(row)))
            for row in self._rows[:_SHOWN]
        )
        hidden = len(self) - _SHOWN
        more = [tag("p", f"and {hidden:,} more rows")] if hidden > 0 else []
        table = tag("table", tag("thead", head), tag("tbody", *body))
        return tag("div", table, *more)


def frame(rows: Sequence[object]) -> pd.DataFrame:
    """Return rows of one dataclass as a frame, a column a field.

    Raises:
        InvalidParameter: they are no `Listing`, and empty or no dataclasses.
    """
    if isinstance(rows, Listing):
        return rows.frame()
    if not rows or not is_dataclass(rows[0]):
        raise InvalidParameter(f"a frame needs a Listing or a row of a dataclass, not {rows!r:.60}")
    return Listing(type(rows[0]), rows).frame()


def _cell(value: object) -> Cell:
    """Return `value` as a table can hold it."""
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)
