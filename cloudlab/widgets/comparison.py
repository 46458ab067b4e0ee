"""Estimate and simulation side by side, with their difference."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.study import figure_text

if TYPE_CHECKING:
    from cloudlab.views import Figure, Figures


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both answers; a missing one is `None`."""

    label: str
    estimate: Figure | None
    confirmed: Figure | None

    @property
    def difference(self) -> str:
        """How far the simulation is from the estimate: `+4 hosts (+8.0%)`; empty if unknown."""
        if self.estimate is None or self.confirmed is None:
            return ""
        first, second = self.estimate.value, self.confirmed.value
        if first is None or second is None:
            return ""
        if first == second:
            return "none"
        if not (isfinite(first) and isfinite(second)):
            return "one of them never"
        return _gap_text(first, second, self.confirmed.unit)

    @property
    def note(self) -> str:
        """What to know about it, from the simulation if it says anything."""
        notes = [each.note for each in (self.confirmed, self.estimate) if each is not None]
        return next(filter(None, notes), "")


def compare(estimate: Figures, confirmed: Figures | None) -> tuple[Line, ...]:
    """Return the figures of both, paired by label, in the order of the estimate."""
    rows = confirmed.rows if confirmed is not None else ()
    labels = dict.fromkeys(row.label for row in (*estimate.rows, *rows))
    return tuple(
        Line(label, estimate.get(label), confirmed.get(label) if confirmed is not None else None)
        for label in labels
    )


def comparison_table(estimate: Figures, confirmed: Figures | None, *, stale: bool) -> Markup:
    """Return both answers as a table, and their pictures beside each other below.

    Args:
        estimate: The answer from formulas.
        confirmed: The answer from the simulation, if there is one.
        stale: Whether that one is for other settings.
    """
    numbers = (
        tag("th", word, class_="number") for word in ("estimate", "simulation", "difference")
    )
    head = tag("tr", tag("th", ""), *numbers, tag("th", "note"))
    faded = "stale" if stale else "fresh"
    lines = [
        tag(
            "tr",
            tag("th", line.label),
            tag("td", line.estimate.text if line.estimate is not None else "", class_="number"),
            tag("td", _confirmed(line), class_=f"number {faded}"),
            tag("td", line.difference, class_=f"number {faded}"),
            tag("td", line.note, class_="faint"),
        )
        for line in compare(estimate, confirmed)
    ]
    table = tag("table", tag("thead", head), *lines)
    return join([table, *_notes(estimate, confirmed), _pictures(estimate, confirmed, faded)])


def _confirmed(line: Line) -> str:
    return line.confirmed.text if line.confirmed is not None else "not yet"


def _gap_text(first: float, second: float, unit: str) -> str:
    gap = second - first
    if unit.startswith("%"):
        return f"{gap:+.3g} {unit.replace('%', 'points', 1)}"
    relative = f" ({gap / abs(first):+.1%})" if first else ""
    sign = "+" if gap > 0 else "−"
    return f"{sign}{figure_text(abs(gap), unit)}{relative}"


def _notes(estimate: Figures, confirmed: Figures | None) -> list[Markup]:
    notes = {"Estimate": estimate.note, "Simulation": confirmed.note if confirmed else ""}
    return [tag("p", f"{whose}: {note}", class_="faint") for whose, note in notes.items() if note]


def _pictures(estimate: Figures, confirmed: Figures | None, faded: str) -> Markup:
    parts = []
    if estimate.svg:
        parts.append(tag("div", tag("h4", "estimate"), Markup(estimate.svg)))
    if confirmed is not None and confirmed.svg:
        parts.append(tag("div", tag("h4", "simulation"), Markup(confirmed.svg), class_=faded))
    return tag("div", *parts, class_="pair") if parts else Markup()
