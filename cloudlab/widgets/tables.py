"""Small tables of HTML that widgets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudlab.views import DetailRow


def detail_table(rows: Iterable[DetailRow]) -> Markup:
    """Return labels and values, one a line, each with its note in a fainter colour."""
    lines = []
    for row in rows:
        note = [tag("br"), tag("span", row.note, class_="faint")] if row.note else []
        lines.append(tag("tr", tag("th", row.label), tag("td", row.value, *note)))
    return tag("table", tag("tbody", *lines))


def state_cell(state: str, tone: Tone) -> Markup:
    """Return a state in words, with a dot in its colour."""
    colour = f"background:var(--cloudlab-{tone})"
    return join([tag("span", class_="dot", style=colour), state])


def button(words: str, action: str, value: str = "") -> Markup:
    """Return a button that sends `action` with `value`."""
    return tag("button", words, type="button", data_action=action, data_value=value)
