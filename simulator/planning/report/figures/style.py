"""Colours as the page's variables, and the look that all figures share.

Matplotlib wants colours that it knows, a page that has a light and a dark side wants variables.
So every colour here is a stand-in that occurs nowhere else, and `svg_of` replaces it by the
variable of the page.
"""

from __future__ import annotations

import io
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN: Final = 10.0
"""Width of every figure: 720 points, which the page scales to its own width."""


class Paint(Enum):
    """A variable of the page and the stand-in for it."""

    INK = ("ink", "#010203")
    SOFT = ("soft", "#010204")
    GRID = ("line", "#010205")
    PAPER = ("card", "#010206")
    CPU = ("cpu", "#010207")
    RAM = ("ram", "#010208")
    STORAGE = ("storage", "#010209")
    ADDRESS = ("address", "#01020a")
    BAD = ("bad", "#01020b")
    GOOD = ("good", "#01020c")
    HELD = ("held", "#01020d")
    KEPT = ("kept", "#01020e")
    SPLIT = ("split", "#01020f")
    ODD = ("odd", "#010210")

    @property
    def hex(self) -> str:
        """The stand-in, as matplotlib takes it."""
        return str(self.value[1])

    @property
    def variable(self) -> str:
        """The page's variable, as CSS reads it."""
        return f"var(--{self.value[0]})"


PAINT_OF: Final[Mapping[str, Paint]] = {
    "cpu": Paint.CPU,
    "ram": Paint.RAM,
    "storage": Paint.STORAGE,
    "address": Paint.ADDRESS,
    "any": Paint.INK,
}
"""The colour of every resource."""

_LOOK: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "text.color": Paint.INK.hex,
    "axes.edgecolor": Paint.GRID.hex,
    "axes.labelcolor": Paint.SOFT.hex,
    "xtick.color": Paint.SOFT.hex,
    "ytick.color": Paint.SOFT.hex,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": Paint.GRID.hex,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.solid_capstyle": "round",
}


def new_figure(height_in: float) -> Figure:
    """Return an empty figure as wide as the page."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_LOOK):
        return Figure(figsize=(WIDTH_IN, height_in), layout="constrained")


def new_axes(figure: Figure, *place: int | tuple[int, int], grid: str = "y") -> Axes:
    """Return axes at `place`, as in `add_subplot`, with lines across the axis `grid`."""
    from matplotlib import rc_context

    with rc_context(_LOOK):
        axes: Axes = figure.add_subplot(*place)
        axes.grid(visible=True, axis="x" if grid == "x" else "y")
    axes.set_facecolor("none")
    return axes


def svg_of(figure: Figure, name: str, description: str) -> str:
    """Return `figure` as an SVG element for a page: no prologue, no fixed size, no links.

    Args:
        figure: what is drawn.
        name: told apart from the names of other figures; part of the ids inside.
        description: what can be seen, for those who cannot see it.
    """
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({**_LOOK, "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=_no_metadata())
    text = buffer.getvalue()
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r' xmlns(:\w+)?="[^"]*"', "", body)
    body = re.sub(
        r'id="(figure|axes|patch|line2d|text|matplotlib\.axis|xtick|ytick)_\d+"', "", body
    )
    body = re.sub(r'<svg ([^>]*?)(width|height)="[^"]*" ', r"<svg \1", body)
    body = re.sub(r'<svg ([^>]*?)(width|height)="[^"]*" ', r"<svg \1", body)
    for paint in Paint:
        body = body.replace(paint.hex, paint.variable)
    return body.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1).strip()


def _no_metadata() -> dict[str, None]:
    return dict.fromkeys(("Date", "Creator", "Format", "Type"))
