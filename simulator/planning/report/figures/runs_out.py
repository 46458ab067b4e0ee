"""When each resource of the whole cloud runs out, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.units import DAY, MONTH
from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.places import Scope
from simulator.planning.report.figures.style import PAINT_OF, Paint, new_axes, new_figure, svg_of
from simulator.planning.report.words import resource_text, when_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.plan import Plan


def runs_out_figure(plan: Plan) -> str:
    """Return the figure as SVG; empty when nothing ever runs out."""
    found = [
        each
        for each in plan.exhaustion
        if each.place.scope is Scope.CLOUD and each.shortage is not Shortage.ANY
    ]
    ends = [each.interval[1] if each.interval else each.at_s for each in found]
    last_s = max((end for end in ends if end is not None), default=None)
    if last_s is None:
        return ""
    unit, name = (MONTH, "months") if last_s > 60 * DAY else (DAY, "days")
    figure = new_figure(0.85 + 0.42 * len(found))
    axes = new_axes(figure, 1, 1, 1, grid="x")
    right = last_s / unit * 1.3
    axes.axvspan(0, plan.traffic.end_s / unit, color=Paint.SOFT.hex, alpha=0.18, lw=0)
    for row, each in enumerate(found):
        _draw(axes, row, each, unit, right)
    axes.set_yticks(range(len(found)), [resource_text(each.shortage) for each in found])
    axes.tick_params(axis="y", colors=Paint.INK.hex)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(0, right)
    axes.set_xlabel(
        f"{name} from the start, at {plan.question.growth:g} % growth a month;  "
        "shaded: simulated, beyond it extrapolated"
    )
    return svg_of(figure, "runs-out", "When each resource runs out, with a 95 % interval")


def _draw(axes: Axes, row: int, each: Exhaustion, unit: float, right: float) -> None:
    paint = PAINT_OF[each.shortage]
    if each.at_s is None:
        axes.text(right * 0.01, row, "does not run out", color=Paint.SOFT.hex, va="center")
        return
    if each.interval is not None:
        low, high = (end / unit for end in each.interval)
        axes.plot([low, high], [row, row], color=paint.hex, lw=7, alpha=0.25)
    axes.plot([each.at_s / unit], [row], "o", color=paint.hex, ms=8)
    edge = (each.interval[1] if each.interval else each.at_s) / unit
    axes.text(
        edge + right * 0.015, row, when_text(each.at_s), color=paint.hex, va="center", weight="bold"
    )
