"""The range in which the next replication falls, from the ones that were made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 200


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


def prediction_interval(values: Sequence[float], least: float) -> tuple[float, float] | None:
    """Return where one more value falls with 95 % probability; None for fewer than two values.

    mean ± t · s · √(1 + 1/n), with s the standard deviation of the n values and t of n - 1
    degrees of freedom. Unlike the interval of the mean it does not shrink to nothing when the
    replications are many: it is about one future, not about the average of futures.

    Args:
        values: what the replications gave.
        least: the interval does not reach below this.

    Source: Hahn and Meeker, Statistical Intervals, 1991, section 4.7.
    """
    count = len(values)
    if count < 2:
        return None
    mean = math.fsum(values) / count
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    reach = t_quantile(count - 1) * deviation * math.sqrt(1 + 1 / count)
    return max(mean - reach, least), max(mean + reach, least)
