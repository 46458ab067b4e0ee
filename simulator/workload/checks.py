"""What the cells of a column may hold, and the refusal of the first one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.table import Table


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers in a file.

    Attributes:
        name: what its header says.
        allowed: the range in words, for the message.
        least: the smallest number allowed.
        most: the largest number allowed.
        blank: what an empty cell means; None where it is refused.
        whole: whether only whole numbers are allowed.
        optional: whether the column may be missing altogether.
    """

    name: str
    allowed: str
    least: float
    most: float
    blank: float | None = None
    whole: bool = False
    optional: bool = False


def check_signs(table: Table, column: Column, values: NDArray[np.float64]) -> None:
    """Refuse an empty cell that must not be empty, a number below 0, and inf unless allowed."""
    if column.blank is None:
        _refuse_first(table, column, np.isnan(values), "but must not be")
    _refuse_first(table, column, values < 0, "which is negative")
    if column.most < np.inf:
        _refuse_first(table, column, np.isinf(values), "which is too large")


def check_range(table: Table, column: Column, values: NDArray[np.float64]) -> None:
    """Refuse a number outside the column's range or, where only those go, not whole."""
    _refuse_first(table, column, values < column.least, "which is too small")
    _refuse_first(table, column, values > column.most, "which is too large")
    if column.whole:
        _refuse_first(table, column, values % 1 > 0, "which is not whole")


def filled(column: Column, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with the meaning of an empty cell in its place."""
    return values if column.blank is None else np.where(np.isnan(values), column.blank, values)


def arrival_order(table: Table, arrival_s: NDArray[np.float64], *, sort: bool) -> NDArray[np.intp]:
    """Return the rows in order of arrival, which must be that of the file unless `sort`.

    Raises:
        InputError: names the first line that is earlier than the one above it.
    """
    backwards = np.diff(arrival_s, prepend=arrival_s[0]) < 0
    if backwards.any() and not sort:
        row = int(np.argmax(backwards))
        raise table.refusal(
            row,
            "arrival_s",
            f"which is earlier than line {table.line(row - 1)} above it",
            "put the lines in order of arrival, or say sort=True (--sort)",
        )
    return np.argsort(arrival_s, kind="stable")


def _refuse_first(table: Table, column: Column, bad: NDArray[np.bool_], problem: str) -> None:
    """Raise the error for the first row that is bad, if one is."""
    if bad.any():
        row = int(np.argmax(bad))
        raise table.refusal(row, column.name, problem, f"allowed: {column.allowed}")
