"""The tree of a design as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cloudlab.design.schema import CloudDocument
from cloudlab.design.show.columns import COLUMNS, LEGEND
from cloudlab.design.show.rows import Row, rows_of

_GAP = "  "


def tree_text(document: CloudDocument) -> str:
    """Return the tree of a completed document with the capacity of every level."""
    rows = list(rows_of(document))
    stems = _stems(rows)
    counted = [stem for row, stem in zip(rows, stems, strict=True) if row.totals]
    width = max(map(len, counted))
    cells = [[each.text(row.totals) for each in COLUMNS] if row.totals else [] for row in rows]
    widths = [
        max(len(column.name), *(len(line[place]) for line in cells if line))
        for place, column in enumerate(COLUMNS)
    ]
    widths = _widened(widths)
    lines = [*_header(width, widths), *_lines(stems, cells, width, widths)]
    return "\n".join([*lines, "", *LEGEND]) + "\n"


def _stems(rows: Sequence[Row]) -> list[str]:
    """Return the labels with the branches of the tree before them."""
    stems, open_at = [], [False] * 8
    for row in rows:
        open_at[row.depth] = not row.is_last
        trunk = "".join("│  " if open_at[depth] else "   " for depth in range(1, row.depth))
        branch = "" if row.depth == 0 else "└─ " if row.is_last else "├─ "
        stems.append(trunk + branch + row.label)
    return stems


def _widened(widths: list[int]) -> list[int]:
    """Return column widths that leave room for the titles of the groups."""
    result = list(widths)
    for title, columns in _groups():
        have = sum(result[place] for place in columns) + len(_GAP) * (len(columns) - 1)
        result[columns[0]] += max(0, len(title) - have)
    return result


def _groups() -> Iterator[tuple[str, list[int]]]:
    for title, places in groupby(range(len(COLUMNS)), key=lambda place: COLUMNS[place].group):
        yield title, list(places)


def _header(width: int, widths: list[int]) -> Iterator[str]:
    titles = []
    for title, columns in _groups():
        have = sum(widths[place] for place in columns) + len(_GAP) * (len(columns) - 1)
        titles.append(title.center(have) if len(columns) > 1 else title.rjust(have))
    yield (" " * width + _GAP + _GAP.join(titles)).rstrip()
    names = [column.name.rjust(widths[place]) for place, column in enumerate(COLUMNS)]
    yield (" " * width + _GAP + _GAP.join(names)).rstrip()


def _lines(
    stems: list[str], cells: list[list[str]], width: int, widths: list[int]
) -> Iterator[str]:
    for stem, line in zip(stems, cells, strict=True):
        numbers = _GAP.join(cell.rjust(widths[place]) for place, cell in enumerate(line))
        yield f"{stem.ljust(width)}{_GAP}{numbers}".rstrip() if line else stem
