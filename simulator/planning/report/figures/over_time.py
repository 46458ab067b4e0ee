"""What is allocated over time, and when requests are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import DAY, HOUR, MONTH
from simulator.planning.report.figures.style import (
    PAINT_OF,
    Paint,
    new_axes,
    new_figure,
    svg_of,
)
from simulator.planning.report.findings import cloud_levels
from simulator.planning.report.words import resource_text, share_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from simulator.planning.plan import Plan


def over_time_figure(plan: Plan) -> str:
    """Return the figure as SVG: shares of usable above, VMs and refusals below."""
    refused = plan.timeline.refused
    figure = new_figure(4.6 if refused else 4.2)
    rows = 5
    edges = np.array(plan.timeline.edges_s)
    unit, name = _time_unit(float(edges[-1]))
    shares = new_axes(figure, rows, 1, (1, 3))
    _draw_shares(shares, plan, edges[:-1] / unit)
    below = new_axes(figure, rows, 1, (4, 5))
    below.sharex(shares)
    _draw_vms(below, plan, edges / unit)
    shares.tick_params(labelbottom=False)
    below.set_xlabel(f"{name} of demand")
    return svg_of(figure, "over-time", "Allocated share of every resource over time")


def _time_unit(span_s: float) -> tuple[float, str]:
    if span_s < 3 * DAY:
        return HOUR, "hours"
    return (DAY, "days") if span_s < 6 * MONTH else (MONTH, "months")


def _draw_shares(axes: Axes, plan: Plan, time: NDArray[np.float64]) -> None:
    highest, labels = 1.0, []
    for level in cloud_levels(plan):
        shares = plan.timeline.shares.get(level.resource)
        if shares is None:
            continue
        paint, values = PAINT_OF[level.resource], np.array(shares)
        main = level.resource in {"cpu", "ram"}
        axes.step(time, values, where="post", color=paint.hex, lw=1.8 if main else 1.1)
        if main:
            axes.fill_between(time, values, step="post", color=paint.hex, alpha=0.08, lw=0)
        if level.limit_share is not None and main:
            axes.axhline(level.limit_share, color=paint.hex, lw=1, ls=(0, (4, 3)))
        labels.append((float(values[-1]), resource_text(level.resource), paint))
        highest = max(highest, float(values.max()))
    _label_ends(axes, labels, float(time[-1]), highest)
    axes.set_ylim(0, highest * 1.02)
    axes.set_xlim(float(time[0]), float(time[-1]))
    axes.yaxis.set_major_formatter(lambda value, _: share_text(value))
    axes.set_ylabel("allocated ÷ usable")


def _label_ends(
    axes: Axes, labels: list[tuple[float, str, Paint]], right: float, highest: float
) -> None:
    """Write every line's name at its end, lifted where two would overlap."""
    free = 0.0
    for height, name, paint in sorted(labels):
        at = max(height, free)
        free = at + 0.075 * highest
        axes.annotate(
            name,
            (right, at),
            xytext=(6, 0),
            textcoords="offset points",
            color=paint.hex,
            va="center",
            annotation_clip=False,
        )


def _draw_vms(axes: Axes, plan: Plan, edges: NDArray[np.float64]) -> None:
    vms = np.array(plan.timeline.vms)
    axes.fill_between(edges[:-1], vms, step="post", color=Paint.SOFT.hex, alpha=0.25, lw=0)
    axes.set_ylim(0, max(int(vms.max(initial=0)), 1) * 1.1)
    axes.set_ylabel("VMs")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    refused = plan.timeline.refused
    if refused:
        total = np.sum([np.array(counts) for counts in refused.values()], axis=0)
        right = axes.twinx()
        width = np.diff(edges)
        right.bar(edges[:-1], total, width=width, align="edge", color=Paint.BAD.hex, lw=0)
        right.set_ylim(0, max(int(total.max()), 1) * 1.1)
        right.set_ylabel("refused", color=Paint.BAD.hex)
        right.tick_params(axis="y", colors=Paint.BAD.hex, size=0)
        for spine in right.spines.values():
            spine.set_visible(False)
