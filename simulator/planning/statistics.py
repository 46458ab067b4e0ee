"""The range in which the next replication falls, from the ones that were made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 200
_ROUNDS: Final = 2000
_TINY: Final = 1e-290


def t_probability(t: float, freedom: int) -> float:
    """Return the probability that Student's t lies within -t .. t.

    Args:
        t: 0 or more.
        freedom: degrees of freedom, a whole number of 1 or more.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * step / (step + 1)
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return min(within, 1.0)


def t_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return the t for which `t_probability` is `confidence`, by halving an interval."""
    low, high = 0.0, 1.0
    while t_probability(high, freedom) < confidence:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if t_probability(middle, freedom) > confidence else (middle, high)
    return high


def prediction_interval(
    values: Sequence[float], beyond: Sequence[float] = (), *, least: float
) -> tuple[float, float | None] | None:
    """Return where one more value falls with 95 % probability; None for fewer than two.

    mean ± t · s · √(1 + 1/n), with s the standard deviation of the n values and t of n - 1
    degrees of freedom. Unlike the interval of the mean it does not shrink to nothing when the
    replications are many: it is about one future, not about the average of futures.

    Values of which only a lower bound is known count as well: mean and deviation are then the
    likeliest of a normal distribution. The end of the interval is None, beyond all that could
    be seen, when the share of such values is more than the 2.5 % that are left out there.

    Args:
        values: what the replications gave.
        beyond: lower bounds of what others would have given, had they been seen for longer.
        least: the interval does not reach below this.

    Source: Hahn and Meeker, Statistical Intervals, 1991, section 4.7.
    """
    count = len(values) + len(beyond)
    if not values or count < 2:
        return None
    mean, deviation = likeliest(values, beyond)
    reach = t_quantile(count - 1) * deviation * math.sqrt(1 + 1 / count)
    is_open = len(beyond) / count > (1 - CONFIDENCE) / 2
    return max(mean - reach, least), None if is_open else max(mean + reach, least)


def likeliest(values: Sequence[float], beyond: Sequence[float] = ()) -> tuple[float, float]:
    """Return mean and deviation of the normal distribution that fits best.

    Args:
        values: what was seen; one at least, and two in all.
        beyond: what others are known to be more than. Each is replaced by what it is on
            average, given that, until nothing changes any more.

    Source: Dempster, Laird and Rubin, Journal of the Royal Statistical Society B 39, 1977,
    section 4.2 (censored data); the deviation with n - 1, as without any.
    """
    mean, deviation = _moments([(value, 0.0) for value in (*values, *beyond)])
    for _ in range(_ROUNDS if beyond else 0):
        if not deviation:
            break
        guessed = [_above(bound, mean, deviation) for bound in beyond]
        before = mean, deviation
        mean, deviation = _moments([*((value, 0.0) for value in values), *guessed])
        if all(map(_is_close, before, (mean, deviation))):
            break
    return mean, deviation


def median(values: Sequence[float], beyond: int) -> float | None:
    """Return the median of `values` and `beyond` more of which each is more; None if it is one.

    Of an even number it is the mean of the two in the middle.
    """
    found, count = sorted(values), len(values) + beyond
    low, high = (count - 1) // 2, count // 2
    return (found[low] + found[high]) / 2 if high < len(found) else None


def _moments(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return mean and deviation of values, each with a variance of its own."""
    mean = math.fsum(value for value, _ in values) / len(values)
    squares = math.fsum((value - mean) ** 2 + variance for value, variance in values)
    return mean, math.sqrt(squares / (len(values) - 1))


def _above(bound: float, mean: float, deviation: float) -> tuple[float, float]:
    """Return mean and variance of a normal value that is known to be more than `bound`."""
    z = (bound - mean) / deviation
    tail = math.erfc(z / math.sqrt(2)) / 2
    ratio = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / tail if tail > _TINY else z + 1 / z
    return mean + deviation * ratio, max(deviation**2 * (1 - ratio * (ratio - z)), 0.0)


def _is_close(before: float, after: float) -> bool:
    return math.isclose(before, after, rel_tol=1e-9)
