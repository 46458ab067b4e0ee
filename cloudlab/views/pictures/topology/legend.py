"""What the colours of the topology mean, and what was left out of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cloudlab.views.markup import Markup, tag
from cloudlab.views.pictures.bars import square
from cloudlab.views.pictures.legend import Sample
from cloudlab.views.pictures.style import HIGH_FROM, MIDDLING_FROM
from cloudlab.views.tones import Tone

if TYPE_CHECKING:
    from cloudlab.views.tree import TopologyView

_TONES: Final = {
    Tone.GOOD: "running, up",
    Tone.BUSY: "changing",
    Tone.IDLE: "off",
    Tone.GONE: "destroyed",
    Tone.WARN: "needs a look",
    Tone.BAD: "failed",
}
_LOADS: Final = {
    "low": f"below {MIDDLING_FROM:.0%}",
    "middling": f"from {MIDDLING_FROM:.0%}",
    "high": f"from {HIGH_FROM:.0%}",
}


def samples(view: TopologyView) -> list[Sample]:
    """Return the colours with their words, and how much of the tree is drawn."""
    found = [Sample(words, partial(_square, tone=tone), 9) for tone, words in _TONES.items()]
    found += [Sample(words, partial(_bar, name=name), 22) for name, words in _LOADS.items()]
    found.append(Sample("bars: allocated to VMs, of what may be allocated; not measured use"))
    if view.is_collapsed:
        found.append(Sample(f"{view.drawn:,} of {view.total:,} nodes drawn, the rest counted"))
    return found


def _square(x: float, y: float, *, tone: Tone) -> Markup:
    return square(x, y - 4.5, 9, tone)


def _bar(x: float, y: float, *, name: str) -> Markup:
    return tag("rect", class_=f"fill-{name}", x=x, y=y - 3, width=22, height=6, rx=3)
