"""Legends: small samples with their words, row after row, as wide as the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cloudlab.views.markup import Markup, join, tag
from cloudlab.views.pictures.style import fitted

_ROW: Final = 19.0
_ABOVE: Final = 17.0
_BELOW: Final = 12.0
_LETTER: Final = 5.9
"""Width of a letter of small text, pixels."""
_BETWEEN: Final = 16.0

Draw = Callable[[float, float], Markup]
"""Draws a sample with its left end at x and its middle at y."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A shape of the picture and what it means; without a shape, just words."""

    words: str
    draw: Draw | None = None
    width: float = 0.0

    @property
    def length(self) -> float:
        """How long shape and words are together, pixels."""
        return self.indent + len(self.words) * _LETTER + _BETWEEN

    @property
    def indent(self) -> float:
        """Where its words begin, pixels."""
        return self.width + 5 if self.draw is not None else 0.0


def legend(samples: Sequence[Sample], x: float, y: float, width: float) -> tuple[Markup, float]:
    """Return the samples under a line at y, in as many rows as they need, and their height."""
    parts = [tag("line", class_="grid", x1=x, x2=x + width, y1=y, y2=y)]
    left, baseline = x, y + _ABOVE
    for sample in samples:
        if left > x and left + sample.length - _BETWEEN > x + width:
            left, baseline = x, baseline + _ROW
        parts.append(_drawn(sample, left, baseline, x + width - left))
        left += sample.length
    return join(parts), baseline - y + _BELOW


def _drawn(sample: Sample, x: float, y: float, room: float) -> Markup:
    words = fitted(sample.words, room - sample.indent, 10)
    said = tag("text", words, x=x + sample.indent, y=y, class_="faint small")
    return join([sample.draw(x, y - 3.5), said]) if sample.draw is not None else said
