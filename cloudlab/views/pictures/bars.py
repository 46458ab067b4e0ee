"""The small shapes that pictures share: load bars, squares, a row of the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.pictures.style import load_class
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from cloudlab.state import Share


def load_bar(x: float, y: float, width: float, height: float, share: Share) -> Markup:
    """Return a bar of the allocated share: used in full colour, reserved in a paler one."""
    total = share.total or 1
    used = min(max(share.used / total, 0.0), 1.0)
    reserved = min(max(share.reserved / total, 0.0), 1.0 - used)
    fill = f"fill-{load_class(share.taken)}"
    parts = [tag("rect", class_="track", x=x, y=y, width=width, height=height, rx=height / 2)]
    if used > 0:
        length = max(used * width, height)
        parts.append(tag("rect", class_=fill, x=x, y=y, width=length, height=height, rx=height / 2))
    if reserved > 0:
        parts.append(
            tag(
                "rect",
                class_=f"{fill} reserved",
                x=x + used * width,
                y=y,
                width=reserved * width,
                height=height,
                rx=height / 2,
            )
        )
    return join(parts)


def square(x: float, y: float, size: float, tone: Tone) -> Markup:
    """Return the small square of one VM; a destroyed one is hollow."""
    hollow = " hollow" if tone is Tone.GONE else ""
    paint = f"outline fill-{tone}{hollow} line-{tone}"
    return tag("rect", class_=paint, x=x, y=y, width=size, height=size, rx=2)


def percent(share: Share) -> str:
    """Return the allocated share as a whole percentage; a dash where nothing is usable."""
    return f"{share.taken:.0%}" if share.total else "–"
