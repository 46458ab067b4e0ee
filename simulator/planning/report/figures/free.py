"""The whole cloud at peak: what is allocated, what can still be placed, and what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.planning.report.figures.style import Paint, new_axes, new_figure, svg_of
from simulator.planning.report.words import amount_text, resource_text, share_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from simulator.planning.plan import Plan
    from simulator.planning.stranded import Stranded

_PARTS: Final = (
    ("placeable", "can still be placed", Paint.GOOD),
    ("threshold", "kept by the disable threshold", Paint.HELD),
    ("reserve", "kept for a failed host", Paint.KEPT),
    ("other_resource", "the host's other resource is out", Paint.ODD),
    ("fragments", "fragments", Paint.SPLIT),
    ("storage", "no storage for it", Paint.STORAGE),
    ("addresses", "no address for it", Paint.ADDRESS),
)
_READABLE: Final = 0.045


def free_figure(plan: Plan) -> str:
    """Return the figure as SVG; each cluster counts at its own peak."""
    figure = new_figure(2.35)
    axes = new_axes(figure, 1, 1, 1, grid="x")
    for row, resource in enumerate(("cpu", "ram")):
        own = [each for each in plan.stranded if each.resource == resource]
        _draw(axes, row, own, _usable(plan, resource), Paint[resource.upper()])
    axes.set_yticks([0, 1], [resource_text("cpu"), resource_text("ram")])
    axes.tick_params(axis="y", colors=Paint.INK.hex)
    axes.set_ylim(1.6, -0.6)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: share_text(value))
    axes.set_xlabel("share of usable; every cluster at its own peak")
    handles = [axes.barh(9, 0, color=paint.hex, lw=0) for _, _, paint in _PARTS]
    axes.legend(
        handles,
        [label for _, label, _ in _PARTS],
        loc="lower center",
        bbox_to_anchor=(0.48, 1.0),
        ncols=4,
        frameon=False,
        fontsize=8.5,
        handlelength=1.0,
        labelcolor=Paint.INK.hex,
    )
    return svg_of(figure, "free", "What is allocated, placeable and stranded at peak")


def _usable(plan: Plan, resource: str) -> int:
    return sum(
        level.usable
        for level in plan.levels
        if level.place.scope == "cloud" and level.resource == resource
    )


def _draw(axes: Axes, row: int, own: Sequence[Stranded], usable: int, paint: Paint) -> None:
    free = sum(each.free for each in own)
    parts = [("allocated", (usable - free), paint)]
    parts += [("", sum(each.parts[name] for each in own), colour) for name, _, colour in _PARTS]
    left = 0.0
    for label, amount, colour in parts:
        share = amount / usable if usable else 0.0
        axes.barh(row, share, 0.6, left=left, color=colour.hex, lw=0)
        if share > _READABLE:
            text = f"{label} {share_text(share)}".strip()
            axes.text(
                left + share / 2,
                row,
                text,
                color=Paint.PAPER.hex,
                ha="center",
                va="center",
                size=8.5,
            )
        left += share
    if own:
        text = f"{amount_text(free, own[0].unit)} free"
        axes.text(0.998, row + 0.42, text, ha="right", va="center", color=Paint.SOFT.hex, size=8)
