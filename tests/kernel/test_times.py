"""A destroyed VM is expunged at the first tick at which its delay is over."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.times import released_at


@pytest.mark.parametrize(
    ("delay", "interval", "destroyed", "expected"),
    [
        (0, 0, 3.5, 3.5),
        (10, 0, 3.5, 13.5),
        (0, 10, 0.5, 10),
        (0, 10, 10, 10),
        (10, 10, 10, 20),
        (10, 10, 10.5, 30),
        (86_400, 86_400, 1, 172_800),
        (5, 10, np.inf, np.inf),
        (0.3, 0.1, 0.0, 0.30000000000000004),
    ],
)
def test_the_expunger_comes_by_at_its_ticks(
    delay: float, interval: float, destroyed: float, expected: float
) -> None:
    """The first tick, from the first on, at which the VM was destroyed long enough ago."""
    assert released_at(np.array([destroyed]), delay, interval).tolist() == [expected]


TENTHS = st.integers(0, 300).map(lambda tenths: tenths * 0.1)


@settings(max_examples=300)
@given(destroyed=TENTHS, delay=TENTHS, interval=st.sampled_from([0.1, 0.3, 0.7, 1.0, 10.0]))
def test_rounding_moves_no_tick(destroyed: float, delay: float, interval: float) -> None:
    """Times that fall on ticks but for the last bit are treated as counting ticks would."""
    tick = next(k for k in count(1) if k * interval - destroyed >= delay)
    assert released_at(np.array([destroyed]), delay, interval).tolist() == [tick * interval]
