"""From measured durations to a latency profile: a simulated cloud that takes as long as yours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.latency.distribution import Constant, Distribution
from simulator.latency.observed import Quantiles
from simulator.latency.profile import LatencyProfile
from simulator.latency.steps import sizes_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_POINTS: Final = 101
"""Quantiles kept of a step: every percent, and with them the shortest and the longest."""


def fit(
    samples: Mapping[str, Sequence[float]], name: str = "measured", source: str = ""
) -> LatencyProfile:
    """Return the profile whose steps take as long as was measured, whatever the sizes.

    Args:
        samples: by step, as in `STEPS`: its durations in seconds, at least one each.
        name: of the profile.
        source: where the figures come from; says how many of each if not given.

    Raises:
        InvalidParameter: a step is unknown, or has no duration or one that is none.
    """
    steps = {step: _distribution(step, durations) for step, durations in samples.items()}
    counts = ", ".join(f"{len(durations):,} of {step}" for step, durations in samples.items())
    return LatencyProfile(name, steps, source or f"measured: {counts}")


def _distribution(step: str, durations: ArrayLike) -> Distribution:
    """Return one step's durations as quantiles: all of them if they are few."""
    sizes_of(step)
    values = np.sort(np.asarray(durations, dtype=np.float64).ravel())
    if not len(values):
        raise InvalidParameter(f"{step} has no durations; leave it out or measure one")
    wrong = values[~((values >= 0) & (values < np.inf))]
    if len(wrong):
        message = f"{step} has a duration of {wrong[0]:g} s; it must be 0 or more, finite"
        raise InvalidParameter(message)
    if values[0] == values[-1]:
        return Constant(float(values[0]))
    if len(values) > _POINTS:
        values = np.quantile(values, np.linspace(0.0, 1.0, _POINTS))
    return Quantiles(values.tolist())
