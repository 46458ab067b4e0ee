"""A timeline as bars: a lane a host or VM, coloured by state, failures as red diamonds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import floor, log10
from typing import TYPE_CHECKING, Final

from cloudlab.units import DAY, HOUR, MINUTE, clock_text
from cloudlab.views.markup import Markup, tag
from cloudlab.views.pictures.legend import Sample, legend
from cloudlab.views.pictures.style import fitted, picture
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from cloudlab.views.history import Bar, Lane, Mark, Timeline

_PAD: Final = 10.0
_NAMES: Final = 150.0
"""Width of the column of names."""
_HEAD: Final = 34.0
_ROW: Final = 19.0
_BAR: Final = 12.0
_NARROWEST: Final = 360.0
_SHAPE: Final = "l5 6l-5 6l-5 -6z"
"""The diamond of a mark, from its top."""
_TICKS: Final = 8
_STEPS: Final = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 5, 10, 20, 50, 100, 200)),
)
_LEGEND: Final = (
    (Tone.GOOD, "running, up"),
    (Tone.BUSY, "changing"),
    (Tone.IDLE, "off on purpose"),
    (Tone.BAD, "failed"),
)


def draw_timeline(timeline: Timeline, width: float = 960, lanes: int = 60) -> Markup:
    """Return the timeline as SVG; dashed bars are VMs that wait to be started again.

    Args:
        timeline: What to draw.
        width: Pixels, 360 or more.
        lanes: How many lanes at most; those with failures and waiting go first.
    """
    wide = max(float(width), _NARROWEST)
    shown = timeline.busiest(lanes)
    axis = _Axis(timeline.since, timeline.until, _PAD + _NAMES, wide - _PAD - 6)
    bottom = _HEAD + _ROW * max(len(shown.lanes), 1)
    rows = [_lane(lane, axis, _HEAD + _ROW * number) for number, lane in enumerate(shown.lanes)]
    if not rows:
        rows = [tag("text", "nothing happened yet", x=_PAD, y=_HEAD + 13, class_="faint")]
    hidden = len(timeline.lanes) - len(shown.lanes)
    explained, more = legend(_samples(hidden), _PAD, bottom + 7, wide - 2 * _PAD)
    label = f"Timeline from {clock_text(timeline.since)} to {clock_text(timeline.until)}"
    return picture(wide, bottom + 7 + more, label, *_grid(axis, bottom), *rows, explained)


class _Axis:
    """From seconds to pixels."""

    def __init__(self, since: float, until: float, left: float, right: float) -> None:
        self.since, self.until = since, until
        self.left, self.right = left, right
        self.scale = (right - left) / ((until - since) or 1.0)

    def at(self, moment: float) -> float:
        """Return where `moment` is, pixels."""
        return self.left + (moment - self.since) * self.scale

    def ticks(self) -> Iterator[float]:
        """Yield round moments, at most `_TICKS` or so."""
        span = self.until - self.since
        if span <= 0:
            return
        step = _step(span / _TICKS)
        number = -int(-self.since // step)
        while number * step <= self.until:
            yield number * step
            number += 1


def _step(least: float) -> float:
    """Return the smallest round step that is not below `least`, seconds."""
    if least < _STEPS[0]:
        return float(10.0 ** (floor(log10(least)) + 1))
    return next((step for step in _STEPS if step >= least), least)


def _grid(axis: _Axis, bottom: float) -> Iterator[Markup]:
    for moment in axis.ticks():
        x = axis.at(moment)
        yield tag("line", class_="grid", x1=x, x2=x, y1=_HEAD - 6, y2=bottom)
        side = "end" if x > axis.right - 24 else "middle"
        yield tag("text", clock_text(moment), x=x, y=_HEAD - 14, class_=f"faint small {side}")


def _lane(lane: Lane, axis: _Axis, top: float) -> Markup:
    name = fitted(lane.name, _NAMES - 12, 10.5)
    return tag(
        "g",
        tag("text", name, x=_PAD, y=top + 10.5, class_="small"),
        *(_bar(bar, lane, axis, top) for bar in lane.bars),
        *(_mark(mark, lane, axis, top) for mark in lane.marks),
        class_="lane",
        data_kind=lane.level.value,
        data_id=lane.id,
    )


def _bar(bar: Bar, lane: Lane, axis: _Axis, top: float) -> Markup:
    start, end = axis.at(bar.start), axis.at(bar.end)
    paint = f"{_paint(bar.tone)} waits" if bar.is_waiting else _paint(bar.tone)
    return tag(
        "rect",
        tag("title", f"{lane.place}: {bar}"),
        class_=paint,
        x=start,
        y=top + 1.5,
        width=max(end - start, 0.8),
        height=_BAR,
        rx=2,
        data_state=bar.state,
    )


def _paint(tone: Tone) -> str:
    """Return the classes of a bar: full of colour, hollow while nothing runs."""
    hollow = " hollow" if tone in (Tone.IDLE, Tone.GONE) else ""
    return f"fill-{tone} line-{tone}{hollow}"


def _mark(mark: Mark, lane: Lane, axis: _Axis, top: float) -> Markup:
    x, y = axis.at(mark.at), top + 1.5 + _BAR / 2
    return tag(
        "path",
        tag("title", f"{lane.place}: {mark}"),
        class_=f"mark fill-{mark.tone}",
        d=f"M{x:.2f} {y - 6:.2f}{_SHAPE}",
        data_event=mark.event,
    )


def _samples(hidden: int) -> list[Sample]:
    found = [Sample(words, partial(_sample, paint=_paint(tone)), 16) for tone, words in _LEGEND]
    waits = partial(_sample, paint=f"{_paint(Tone.WARN)} waits")
    found += [Sample("waits to be started", waits, 16), Sample("something failed", _diamond, 10)]
    if hidden:
        found.append(Sample(f"{hidden:,} quieter lanes are not drawn"))
    return found


def _sample(x: float, y: float, *, paint: str) -> Markup:
    return tag("rect", class_=paint, x=x, y=y - 4.5, width=16, height=9, rx=2)


def _diamond(x: float, y: float) -> Markup:
    return tag("path", class_=f"mark fill-{Tone.BAD}", d=f"M{x + 5:.2f} {y - 6:.2f}{_SHAPE}")
