"""When each resource of the whole cloud runs out: every replication, median and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.units import DAY, HOUR, MONTH
from simulator.planning.report.figures.style import PAINT_OF, Paint, new_axes, new_figure, svg_of
from simulator.planning.report.findings import exhaustion_of_cloud
from simulator.planning.report.words import median_text, resource_text, when_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.plan import Plan

_TICKS: Final = (
    (HOUR, "1 hour"),
    (6 * HOUR, "6 hours"),
    (DAY, "1 day"),
    (7 * DAY, "7 days"),
    (MONTH, "1 month"),
    (6 * MONTH, "6 months"),
    (24 * MONTH, "2 years"),
    (120 * MONTH, "10 years"),
    (600 * MONTH, "50 years"),
)
"""Days and decades on one axis: what is simulated is short beside what is extrapolated."""

_TOP: Final = -0.66
"""Above the first resource: where it is written what was simulated."""

_ROOM: Final = 30.0
"""How many times the last moment the axis reaches: room for what is written behind it."""


def runs_out_figure(plan: Plan) -> str:
    """Return the figure as SVG; empty when nothing ever runs out."""
    found = exhaustion_of_cloud(plan)
    times = [time for each in found for time in each.times_s if time is not None]
    if not times:
        return ""
    end_s = plan.traffic.end_s
    ends = [each.interval[1] for each in found if each.interval and each.interval[1]]
    left = max(min(*times, end_s) / 2, HOUR / 2)
    right = max(*times, *ends, end_s) * _ROOM
    figure = new_figure(0.95 + 0.42 * len(found))
    axes = new_axes(figure, 1, 1, 1, grid="x")
    axes.set_xscale("log")
    _draw_simulated(axes, left, end_s)
    for row, each in enumerate(found):
        _draw(axes, row, each, left, right)
    ticks = [(at_s, name) for at_s, name in _TICKS if left < at_s < right]
    axes.set_xticks([at_s for at_s, _ in ticks], [name for _, name in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(found)), [resource_text(each.shortage) for each in found])
    axes.tick_params(axis="y", colors=Paint.INK.hex)
    axes.set_ylim(len(found) - 0.4, -0.85)
    axes.set_xlim(left, right)
    axes.set_xlabel(
        f"from the start, at {plan.question.growth:g} % growth a month; the axis is logarithmic"
    )
    return svg_of(figure, "runs-out", "When each resource runs out, with a 95 % interval")


def _draw_simulated(axes: Axes, left: float, end_s: float) -> None:
    """Shade what was simulated, up to `end_s`."""
    axes.axvspan(left, end_s, color=Paint.SOFT.hex, alpha=0.15, lw=0)
    _write(axes, f"{when_text(end_s)} simulated", (end_s, _TOP), -4, Paint.SOFT)
    _write(axes, "extrapolated", (end_s, _TOP), 4, Paint.SOFT)


def _write(axes: Axes, text: str, at: tuple[float, float], beside: int, paint: Paint) -> None:
    """Write `text` so many points to the right, or to the left, of a place."""
    axes.annotate(
        text,
        at,
        xytext=(beside, 0),
        textcoords="offset points",
        ha="left" if beside > 0 else "right",
        va="center",
        color=paint.hex,
        size=8 if at[1] == _TOP else None,
        weight="bold" if paint is not Paint.SOFT else None,
    )


def _draw(axes: Axes, row: int, each: Exhaustion, left: float, right: float) -> None:
    paint = PAINT_OF[each.shortage]
    times = [max(time, left) for time in each.times_s if time is not None]
    if not times:
        until = f" within {when_text(each.until_s)}" if each.until_s is not None else ""
        _write(axes, f"does not run out{until}", (left, row), 6, Paint.SOFT)
        return
    last = max(times)
    if each.interval is not None:
        low, high = each.interval
        last = max(last, high if high is not None else each.until_s or last)
        begin, end = max(low, left), last if high is not None else right
        axes.plot([begin, end], [row, row], color=paint.hex, lw=9, alpha=0.22)
    axes.plot(times, [row] * len(times), "|", color=paint.hex, ms=9, mew=1.2)
    if each.at_s is not None:
        axes.plot([max(each.at_s, left)], [row], "o", color=paint.hex, ms=8)
    _write(axes, _label(each), (last, row), 8, paint)


def _label(each: Exhaustion) -> str:
    """Return the median, and in how many replications it ran out where not in all."""
    count = len(each.times_s)
    some = f" ({each.reached} of {count} ran out)" if each.reached < count else ""
    return f"{median_text(each)}{some}"
