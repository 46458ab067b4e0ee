"""The plan as a workbook: one sheet a table, numbers as numbers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from simulator.planning.report.glossary import MEANINGS
from simulator.planning.report.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from simulator.planning.plan import Plan
    from simulator.planning.report.tables import Cell, Row

_WIDEST: Final = 60
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001  (the day of making is no part of a plan)
_SHARES: Final = frozenset(
    {
        "threshold",
        "share",
        "peak / usable",
        "peak / limit",
        "CPU peak / usable",
        "RAM peak / usable",
    }
)
_FORMATS: Final[Mapping[str, dict[str, str | bool | int]]] = {
    "head": {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"},
    "share": {"num_format": "0.0%"},
    "whole": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.00"},
}


class _Sheet(Protocol):
    def write(self, row: int, column: int, value: Cell, style: object = None, /) -> object: ...

    def set_column(self, first: int, last: int, width: float, /) -> object: ...

    def freeze_panes(self, row: int, column: int, /) -> object: ...

    def autofilter(self, top: int, left: int, bottom: int, right: int, /) -> object: ...


def to_xlsx(plan: Plan, path: str | Path) -> None:
    """Write the plan to `path`: a sheet for every table, and one that explains the columns.

    Raises:
        OSError: the file cannot be written.
    """
    import xlsxwriter

    tables = rows_of(plan)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"Capacity plan of {plan.cloud}", "created": _MADE})
    styles = {name: book.add_format(values) for name, values in _FORMATS.items()}
    for name, rows in {**tables, "columns": _columns(tables)}.items():
        _fill(book.add_worksheet(name), rows, styles)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(f"{path}: the workbook cannot be written: {error}") from error


def _columns(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {"table": name, "column": column, "meaning": MEANINGS[column]}
        for name, rows in tables.items()
        for column in (rows[0] if rows else ())
    ]


def _fill(sheet: _Sheet, rows: Sequence[Row], styles: Mapping[str, object]) -> None:
    names = list(rows[0]) if rows else ["nothing to report"]
    for column, name in enumerate(names):
        sheet.write(0, column, name, styles["head"])
        texts = [_text(row[name]) for row in rows] if rows else []
        longest = max((len(text) for text in (name, *texts)), default=0)
        sheet.set_column(column, column, min(longest + 2, _WIDEST))
        for number, row in enumerate(rows, start=1):
            sheet.write(number, column, row[name], styles.get(_style(name, row[name])))
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)


def _style(name: str, value: Cell) -> str:
    if name in _SHARES:
        return "share"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return "whole" if float(value).is_integer() else "decimal"


def _text(value: Cell) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str("" if value is None else value)
