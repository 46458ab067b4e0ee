"""Durations as they were measured, and mixtures of several kinds of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import fsum, isclose
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.latency.distribution import Distribution, distribution_of
from simulator.latency.numbers import all_at_least, more_than

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, repr=False)
class Empirical(Distribution):
    """One of the measured `values`, each as likely; nothing else ever."""

    values: Sequence[float]

    def __post_init__(self) -> None:
        """Check the values; there is at least one."""
        values = all_at_least(0, "Empirical", "values", self.values, 1)
        object.__setattr__(self, "values", values)

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return fsum(self.values) / len(self.values)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return np.asarray(self.values)[generator.integers(len(self.values), size=count)]


@dataclass(frozen=True, slots=True, repr=False)
class Quantiles(Distribution):
    """A distribution by its `quantiles` at even steps from 0 to 1, straight lines between them.

    The first is the shortest there is, the last the longest: `Quantiles([1, 2, 9])` says that
    half of the draws lie between 1 and 2 and half between 2 and 9.
    """

    quantiles: Sequence[float]

    def __post_init__(self) -> None:
        """Check the quantiles: two or more that never decrease."""
        quantiles = all_at_least(0, "Quantiles", "quantiles", self.quantiles, 2)
        for place, (left, right) in enumerate(pairwise(quantiles)):
            if right < left:
                message = f"quantiles[{place + 1}] is {right:g}; it must be {left:g} or more"
                raise InvalidParameter(f"Quantiles: {message}, as the one before it")
        object.__setattr__(self, "quantiles", quantiles)

    @property
    def mean(self) -> float:
        """The mean of the straight lines."""
        inner = fsum(self.quantiles) - (self.quantiles[0] + self.quantiles[-1]) / 2
        return inner / (len(self.quantiles) - 1)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        levels = np.linspace(0.0, 1.0, len(self.quantiles))
        return np.interp(generator.random(count), levels, self.quantiles)


@dataclass(frozen=True, slots=True, repr=False)
class Mixture(Distribution):
    """Now this, now that: pairs of a share and a distribution, the shares adding up to 1.

    `Mixture([(0.9, Constant(1)), (0.1, Exponential(60))])` mostly takes 1, at times far more.
    """

    parts: Sequence[tuple[float, Distribution]]

    def __post_init__(self) -> None:
        """Check the parts."""
        parts = tuple(_part(place, part) for place, part in enumerate(self.parts))
        total = fsum(share for share, _ in parts)
        if not isclose(total, 1.0, abs_tol=1e-9):
            raise InvalidParameter(f"Mixture: the shares add up to {total:g}; they must to 1")
        object.__setattr__(self, "parts", parts)

    @property
    def mean(self) -> float:
        """The means, by their shares."""
        return fsum(share * part.mean for share, part in self.parts)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        bounds = np.cumsum([share for share, _ in self.parts])[:-1]
        chosen = np.searchsorted(bounds, generator.random(count), side="right")
        drawn = np.empty(count)
        for number, (_, part) in enumerate(self.parts):
            mine = np.flatnonzero(chosen == number)
            drawn[mine] = part.samples(generator, len(mine))
        return drawn


def _part(place: int, part: object) -> tuple[float, Distribution]:
    """Return one part of a mixture, checked."""
    match part:
        case (share, drawn) if (distribution := distribution_of(drawn)) is not None:
            return more_than(0, "Mixture", f"parts[{place}], the share,", share), distribution
        case _:
            message = f"parts[{place}] is {part!r}; it must be a pair (share, distribution)"
            raise InvalidParameter(f"Mixture: {message}")
