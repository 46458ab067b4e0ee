"""The shapes that durations take: from even spreads to long tails."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import erfc, exp, gamma, log, pi, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.latency.distribution import Distribution
from simulator.latency.numbers import at_least, more_than, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Z95: Final = 1.6448536269514722
"""How many standard deviations above the middle the 95th percentile of a normal lies."""


@dataclass(frozen=True, slots=True, repr=False)
class Uniform(Distribution):
    """Anything from `low` to `high`, each as likely; 0 <= low <= high."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Check the bounds."""
        object.__setattr__(self, "low", at_least(0, "Uniform", "low", self.low))
        object.__setattr__(self, "high", at_least(self.low, "Uniform", "high", self.high))

    @property
    def mean(self) -> float:
        """Half way."""
        return (self.low + self.high) / 2

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return generator.uniform(self.low, self.high, count)


@dataclass(frozen=True, slots=True, repr=False)
class Exponential(Distribution):
    """Waiting for what may come at any moment, `mean` > 0 on average."""

    mean: float = field()

    def __post_init__(self) -> None:
        """Check the mean."""
        object.__setattr__(self, "mean", more_than(0, "Exponential", "mean", self.mean))

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return generator.exponential(self.mean, count)


@dataclass(frozen=True, slots=True, repr=False)
class Normal(Distribution):
    """A bell around `center` >= 0, cut off at 0: what falls below is drawn again.

    Attributes:
        center: the top of the bell; the mean lies above it, as far as the cut matters.
        deviation: the standard deviation of the whole bell, > 0.
    """

    center: float
    deviation: float

    def __post_init__(self) -> None:
        """Check the numbers; a center of 0 or more keeps at least half of the draws."""
        object.__setattr__(self, "center", at_least(0, "Normal", "center", self.center))
        object.__setattr__(self, "deviation", more_than(0, "Normal", "deviation", self.deviation))

    @property
    def mean(self) -> float:
        """The mean of what is left above 0."""
        cut = -self.center / self.deviation
        density = exp(-cut * cut / 2) / sqrt(2 * pi)
        left = erfc(cut / sqrt(2)) / 2
        return self.center + self.deviation * density / left

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        drawn = generator.normal(self.center, self.deviation, count)
        while len(below := np.flatnonzero(drawn < 0)):
            drawn[below] = generator.normal(self.center, self.deviation, len(below))
        return drawn


@dataclass(frozen=True, slots=True, repr=False)
class LogNormal(Distribution):
    """Mostly near the median, sometimes far above: what many small delays multiply to.

    Attributes:
        median: half of the draws are shorter, > 0.
        p95: 95 % of the draws are shorter, > median.
    """

    median: float
    p95: float

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "median", more_than(0, "LogNormal", "median", self.median))
        object.__setattr__(self, "p95", more_than(self.median, "LogNormal", "p95", self.p95))

    @classmethod
    def of_mean(cls, mean: float, sigma: float) -> LogNormal:
        """Return the one with this mean, and standard deviation `sigma` of the logarithm."""
        mean = more_than(0, "LogNormal.of_mean", "mean", mean)
        sigma = more_than(0, "LogNormal.of_mean", "sigma", sigma)
        median = mean * exp(-sigma * sigma / 2)
        return cls(median, median * exp(_Z95 * sigma))

    @property
    def sigma(self) -> float:
        """The standard deviation of the logarithm."""
        return log(self.p95 / self.median) / _Z95

    @property
    def mean(self) -> float:
        """The mean, above the median."""
        return self.median * exp(self.sigma**2 / 2)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return generator.lognormal(log(self.median), self.sigma, count)


@dataclass(frozen=True, slots=True, repr=False)
class Gamma(Distribution):
    """A hump with an exponential tail, `mean` > 0; narrower the larger `shape` > 0 is."""

    mean: float = field()
    shape: float

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "mean", more_than(0, "Gamma", "mean", self.mean))
        object.__setattr__(self, "shape", more_than(0, "Gamma", "shape", self.shape))

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return generator.gamma(self.shape, self.mean / self.shape, count)


@dataclass(frozen=True, slots=True, repr=False)
class Erlang(Distribution):
    """`stages` exponential waits of the same length, one after the other, `mean` together."""

    mean: float = field()
    stages: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "mean", more_than(0, "Erlang", "mean", self.mean))
        whole(1, "Erlang", "stages", self.stages)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return generator.gamma(self.stages, self.mean / self.stages, count)


@dataclass(frozen=True, slots=True, repr=False)
class Weibull(Distribution):
    """What wears out (`shape` > 1), or stops being likely the longer it lasts (`shape` < 1).

    Attributes:
        scale: 63.2 % of the draws are shorter, > 0.
        shape: 1 is the exponential, > 0.
    """

    scale: float
    shape: float

    def __post_init__(self) -> None:
        """Check the numbers; below a shape of 0.1 the mean is of no use."""
        object.__setattr__(self, "scale", more_than(0, "Weibull", "scale", self.scale))
        object.__setattr__(self, "shape", at_least(0.1, "Weibull", "shape", self.shape))

    @property
    def mean(self) -> float:
        """The scale times the gamma function of 1 + 1/shape."""
        return self.scale * gamma(1 + 1 / self.shape)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""
        return self.scale * generator.weibull(self.shape, count)
