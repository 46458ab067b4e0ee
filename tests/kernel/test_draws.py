"""The compiled draw is the draw of `cloudlab.streams`, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab import streams

pytest.importorskip("numba")

ADDRESSES = st.tuples(
    st.integers(0, (1 << 64) - 1), st.integers(0, (1 << 31) - 1), st.integers(0, 1 << 40)
)


@given(address=ADDRESSES)
def test_one_address_one_number(address: tuple[int, int, int]) -> None:
    """Any seed, ordinal and salt give the same double in both."""
    from simulator.kernel.compiled.draws import draw

    seed, ordinal, salt = address
    assert draw(np.uint64(seed), ordinal, salt) == streams.draw(seed, ordinal, salt)


def test_many_addresses_in_a_row() -> None:
    """Twenty thousand neighbouring addresses agree, lie in [0, 1) and spread evenly."""
    from simulator.kernel.compiled.draws import draw

    grid = [(ordinal, salt) for ordinal in range(1_000) for salt in range(20)]
    numbers = np.array([draw(np.uint64(42), *address) for address in grid])
    assert numbers.tolist() == [streams.draw(42, *address) for address in grid]
    counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
    assert counts.sum() == len(grid)
    assert counts == pytest.approx(len(grid) / 10, rel=0.1)
