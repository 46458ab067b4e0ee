"""The tree of a design as an HTML table for notebooks, with what can be done next."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Final

from cloudlab.design.schema import CloudDocument
from cloudlab.design.show.columns import COLUMNS, LEGEND
from cloudlab.design.show.rows import Row, rows_of

_NEXT: Final = (
    "Next: <code>.with_cpu_overcommit(2)</code>, <code>.with_algorithm('firstfit')</code> and "
    "<code>.with_hosts('z1/p1/c1', 12)</code> return a changed design; <code>.totals()</code> "
    "gives these numbers, <code>.to_yaml()</code> the document."
)
_LEFT: Final = "text-align:left"
_RIGHT: Final = "text-align:right"


def tree_html(document: CloudDocument) -> str:
    """Return the tree of a completed document as an HTML table."""
    groups = [(title, len(list(same))) for title, same in groupby(each.group for each in COLUMNS)]
    titles = "".join(
        f"<th colspan='{span}' style='text-align:center'>{escape(title)}</th>"
        for title, span in groups
    )
    names = "".join(f"<th style='{_RIGHT}'>{escape(column.name)}</th>" for column in COLUMNS)
    head = f"<tr><th></th>{titles}</tr><tr><th></th>{names}</tr>"
    body = "".join(_row(row) for row in rows_of(document))
    notes = "<br>".join(escape(line) for line in LEGEND)
    return (
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table><p><small>{notes}<br>{_NEXT}"
        "</small></p>"
    )


def _row(row: Row) -> str:
    label = f"<span style='padding-left:{row.depth * 1.2:g}em'>{escape(row.label)}</span>"
    if row.totals is None:
        rest = f"<td colspan='{len(COLUMNS)}'></td>"
        return f"<tr style='opacity:0.7'><td style='{_LEFT}'>{label}</td>{rest}</tr>"
    cells = "".join(
        f"<td style='{_RIGHT}'>{escape(column.text(row.totals))}</td>" for column in COLUMNS
    )
    return f"<tr><td style='{_LEFT}'>{label}</td>{cells}</tr>"
