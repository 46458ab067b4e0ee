"""Every cluster at its peak: CPU and RAM beside their thresholds, and failures survived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.planning.places import Scope
from simulator.planning.report.figures.style import PAINT_OF, Paint, new_axes, new_figure, svg_of
from simulator.planning.report.words import resource_text, share_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.planning.levels import Level
    from simulator.planning.places import Place
    from simulator.planning.plan import Plan

MOST: Final = 24
"""So many clusters are drawn, the fullest; the tables have all of them."""

_BAR: Final = 0.32


def clusters_figure(plan: Plan) -> str:
    """Return the figure as SVG."""
    places = fullest(plan)[:MOST]
    figure = new_figure(0.9 + 0.36 * len(places))
    axes = new_axes(figure, 1, 1, 1, grid="x")
    survived = {each.place: each.survives for each in plan.survival}
    for row, place in enumerate(places):
        levels = {level.resource.value: level for level in plan.levels_of(place)}
        for offset, resource in ((-_BAR / 2, "cpu"), (_BAR / 2, "ram")):
            _draw_bar(axes, row + offset, levels[resource])
        _draw_survived(axes, row, survived.get(place))
    axes.set_yticks(range(len(places)), [place.name for place in places])
    axes.tick_params(axis="y", colors=Paint.INK.hex)
    axes.set_ylim(len(places) - 0.4, -0.6)
    axes.set_xlim(0, 1.24)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.xaxis.set_major_formatter(lambda value, _: share_text(value))
    axes.set_xlabel("allocated at peak ÷ usable;  | where the disable threshold stops placement")
    return svg_of(figure, "clusters", "Peak share of CPU and RAM in every cluster")


def fullest(plan: Plan) -> list[Place]:
    """Return the clusters, those nearest to their limits first, equal ones in their order."""
    nearest: dict[Place, float] = {}
    for level in plan.levels:
        if level.place.scope is Scope.CLUSTER and level.resource in {"cpu", "ram"}:
            share = level.share_of_threshold
            nearest[level.place] = max(nearest.get(level.place, 0.0), share)
    return sorted(nearest, key=lambda place: -round(nearest[place], 3))


def _draw_bar(axes: Axes, height: float, level: Level) -> None:
    paint = PAINT_OF[level.resource]
    axes.barh(height, 1.0, _BAR * 0.86, color=Paint.GRID.hex, alpha=0.5, lw=0)
    axes.barh(height, level.share_peak, _BAR * 0.86, color=paint.hex, lw=0)
    if level.limit_share is not None:
        ends = (height - _BAR * 0.5, height + _BAR * 0.5)
        axes.plot([level.limit_share] * 2, ends, color=Paint.INK.hex, lw=1.4)
    name = resource_text(level.resource)
    axes.text(0.006, height, name, color=Paint.PAPER.hex, va="center_baseline", size=7)
    axes.text(1.015, height, share_text(level.share_peak), color=paint.hex, va="center", size=8)


def _draw_survived(axes: Axes, row: int, survives: int | None) -> None:
    if survives is None:
        return
    text = f"survives {survives}" if survives else "not N+1"
    paint = Paint.GOOD if survives else Paint.BAD
    axes.text(1.1, row, text, color=paint.hex, va="center", weight="bold", size=9)
