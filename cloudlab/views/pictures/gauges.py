"""Capacity as rings, one a resource, as CloudStack's dashboard shows it, but with its words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from math import ceil, cos, radians, sin
from typing import TYPE_CHECKING, Final

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.pictures.legend import Sample, legend
from cloudlab.views.pictures.style import HIGH_FROM, fitted, load_class, picture
from cloudlab.views.shares import amount_text
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from cloudlab.views.places import Place
    from cloudlab.views.shares import CapacityRow

_PAD: Final = 12.0
_CELL: Final = 178.0
"""Least width of one gauge."""
_RING_HEIGHT: Final = 146.0
_LINE: Final = 14.0
_HEAD: Final = 30.0
_RADIUS: Final = 50.0
_FIRST: Final = 135.0
"""Degrees, clockwise from the right, at which a ring begins."""
_SWEEP: Final = 270.0
_NARROWEST: Final = 240.0


def draw_gauges(rows: Sequence[CapacityRow], width: float = 960) -> Markup:
    """Return a ring for each row: allocated of usable, with ticks at the thresholds.

    The part in full colour is used by VMs, the paler one reserved; the ring is red from 80 %.

    Args:
        rows: What to show; the rows of one place stand together.
        width: Pixels, 240 or more.
    """
    wide = max(float(width), _NARROWEST)
    parts: list[Markup] = []
    top = 0.0
    for place, group in groupby(rows, key=lambda row: row.place):
        parts.append(tag("text", str(place), x=_PAD, y=top + 22, class_="strong"))
        block, height = _block(list(group), top + _HEAD, wide)
        parts.append(block)
        top += _HEAD + height
    if not parts:
        parts, top = [tag("text", "no capacity yet", x=_PAD, y=22, class_="faint")], _HEAD
    explained, more = legend(_samples(), _PAD, top, wide - 2 * _PAD)
    return picture(wide, top + more, f"Allocated capacity of {_scope(rows)}", *parts, explained)


def _scope(rows: Sequence[CapacityRow]) -> str:
    places: list[Place] = list(dict.fromkeys(row.place for row in rows))
    return ", ".join(map(str, places[:3])) + (" and more" if len(places) > 3 else "")


def _block(rows: list[CapacityRow], top: float, width: float) -> tuple[Markup, float]:
    """Return the gauges of one place, and how high they are together."""
    columns = max(int((width - 2 * _PAD) / _CELL), 1)
    wide = (width - 2 * _PAD) / columns
    high = _RING_HEIGHT + _LINE * max(len(_lines(row)) for row in rows)
    gauges = [
        _gauge(row, _PAD + (number % columns) * wide, top + number // columns * high, wide)
        for number, row in enumerate(rows)
    ]
    return join(gauges), ceil(len(rows) / columns) * high


def _gauge(row: CapacityRow, x: float, y: float, width: float) -> Markup:
    middle, centre = x + width / 2, y + 14 + _RADIUS
    return tag(
        "g",
        tag("title", row.words),
        _ring(row, middle, centre),
        tag("text", f"{row.share:.0%}", x=middle, y=centre + 5, class_="large middle"),
        tag("text", "allocated", x=middle, y=centre + 20, class_="faint small middle"),
        tag("text", row.type.label, x=middle, y=centre + _RADIUS + 16, class_="strong middle"),
        *(
            tag(
                "text",
                fitted(line, width - 8, 10),
                x=middle,
                y=centre + _RADIUS + 32 + _LINE * number,
                class_="faint small middle",
            )
            for number, line in enumerate(_lines(row))
        ),
        class_="gauge",
        data_kind=row.level.value,
        data_id=row.id,
        data_type=row.type.name,
        role="img",
        aria_label=row.words,
    )


def _ring(row: CapacityRow, x: float, y: float) -> Markup:
    """Return track, used and reserved part of a ring, and its thresholds."""
    total = row.usable or 1
    used = min(max(row.used / total, 0.0), 1.0)
    held = min(max(row.allocated / total, used), 1.0)
    colour = f"ring line-{load_class(row.share)}"
    parts = [tag("path", class_="ring track", d=_arc(x, y, 0, 1))]
    if used > 0:
        parts.append(tag("path", class_=colour, d=_arc(x, y, 0, used)))
    if held > used:
        parts.append(tag("path", class_=f"{colour} reserved", d=_arc(x, y, used, held)))
    if row.notify is not None:
        parts.append(_tick(x, y, row.notify, Tone.WARN, f"alert above {row.notify:.0%}"))
    if row.disable is not None:
        words = f"nothing more is placed above {row.disable:.0%}"
        parts.append(_tick(x, y, row.disable, Tone.BAD, words))
    return join(parts)


def _arc(x: float, y: float, first: float, last: float) -> str:
    """Return the path of a ring from share `first` to share `last`."""
    start, end = _point(x, y, first, _RADIUS), _point(x, y, last, _RADIUS)
    large = int((last - first) * _SWEEP > 180)
    return (
        f"M{start[0]:.2f} {start[1]:.2f}"
        f"A{_RADIUS:g} {_RADIUS:g} 0 {large} 1 {end[0]:.2f} {end[1]:.2f}"
    )


def _tick(x: float, y: float, share: float, tone: Tone, words: str) -> Markup:
    inner, outer = _point(x, y, share, _RADIUS - 8), _point(x, y, share, _RADIUS + 9)
    return tag(
        "line",
        tag("title", words),
        class_=f"tick line-{tone}",
        x1=inner[0],
        y1=inner[1],
        x2=outer[0],
        y2=outer[1],
    )


def _point(x: float, y: float, share: float, radius: float) -> tuple[float, float]:
    angle = radians(_FIRST + share * _SWEEP)
    return x + radius * cos(angle), y + radius * sin(angle)


def _lines(row: CapacityRow) -> list[str]:
    """Return the numbers under a ring, each with the word that says what it is."""
    lines = [f"{amount_text(row.allocated, row.unit)} allocated"]
    if row.reserved:
        lines.append(f"{amount_text(row.reserved, row.unit)} of it reserved")
    lines.append(f"of {amount_text(row.usable, row.unit)} usable")
    if row.factor != 1:
        lines.append(f"= {amount_text(row.raw, row.unit)} raw x {row.factor:.3g}")
    if row.out_of_service:
        lines.append(f"{amount_text(row.out_of_service, row.unit)} out of service")
    return lines


def _samples() -> list[Sample]:
    return [
        Sample("an alert is raised above", partial(_sample_tick, tone=Tone.WARN), 6),
        Sample("nothing more is placed above", partial(_sample_tick, tone=Tone.BAD), 6),
        Sample(f"rings turn red at {HIGH_FROM:.0%}; paler: reserved for VMs just stopped"),
        Sample("allocated to VMs, not measured use"),
    ]


def _sample_tick(x: float, y: float, *, tone: Tone) -> Markup:
    return tag("line", class_=f"tick line-{tone}", x1=x + 3, x2=x + 3, y1=y - 6, y2=y + 6)
