"""Chance has an address: the same number for the same question, on every machine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab import streams
from cloudlab.streams import draw, stream

GOLDEN = {
    (0, 0, 0): 0.13870941014555427,
    (0, 0, 1): 0.9711020828012883,
    (0, 1, 0): 0.18383979100743952,
    (1, 0, 0): 0.6935121390102292,
    (42, 410_275, 7): 0.4753087556511236,
    (2**63, 10**6, 2001): 0.6604294173890355,
    (7, 12, -1): 0.8694712467459245,
}
"""Draws by seed, ordinal and salt. If these change, every placement by chance does."""

LIMIT = {16: 30.58, 64: 92.01}
"""Chi-square with bins - 1 degrees of freedom that chance exceeds once in a hundred."""


def chi_square(counts: np.ndarray) -> float:
    """Return the chi-square of counts against a uniform distribution."""
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2 / expected).sum())


def test_the_mixer_is_splitmix64() -> None:
    """The first numbers of splitmix64 seeded with 0, as published with it."""
    first = [streams._mix(streams._GOLDEN * n & streams._MASK) for n in (1, 2, 3)]
    assert first == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize(("address", "number"), GOLDEN.items(), ids=str)
def test_a_draw_is_the_same_for_ever(address: tuple[int, int, int], number: float) -> None:
    """Plans made years apart choose the same hosts."""
    assert draw(*address) == number


@given(st.integers(0, 2**64), st.integers(0, 2**40), st.integers(-1, 2**20))
def test_a_draw_lies_in_the_unit_interval(seed: int, ordinal: int, salt: int) -> None:
    """From 0 up to but never 1, so that `int(draw * n)` is a place in a list of n."""
    number = draw(seed, ordinal, salt)
    assert 0.0 <= number < 1.0
    assert int(number * 10**6) < 10**6
    assert number == draw(seed, ordinal, salt)


@pytest.mark.parametrize(
    "addresses",
    [
        [(5, ordinal, 0) for ordinal in range(20_000)],
        [(5, 0, salt) for salt in range(20_000)],
        [(seed, 0, 0) for seed in range(20_000)],
        [(5, ordinal, 2 * (ordinal % 7)) for ordinal in range(20_000)],
    ],
    ids=["ordinals", "salts", "seeds", "as planners ask"],
)
def test_draws_are_uniform(addresses: list[tuple[int, int, int]]) -> None:
    """Along every part of the address, chi-square finds nothing; no number comes twice."""
    numbers = np.array([draw(*address) for address in addresses])
    counts, _ = np.histogram(numbers, bins=64, range=(0, 1))
    assert chi_square(counts) < LIMIT[64]
    assert len(set(numbers.tolist())) == len(numbers)


@pytest.mark.parametrize("step", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, -1), (1, -1, 0)])
def test_neighbours_know_nothing_of_each_other(step: tuple[int, int, int]) -> None:
    """Two draws whose addresses differ by one fill the unit square evenly."""
    here = [(3 + n % 40, 1 + n // 40, 1 + n % 11) for n in range(8000)]
    there = [tuple(a + b for a, b in zip(each, step, strict=True)) for each in here]
    x, y = ([draw(*each) for each in side] for side in (here, there))
    counts, _, _ = np.histogram2d(x, y, bins=4, range=((0, 1), (0, 1)))
    assert chi_square(counts) < LIMIT[16]
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.03


def test_streams_are_named() -> None:
    """The same seed and name give the same numbers; another seed or name gives others."""
    first = stream(42, "arrivals").random(4).tolist()
    assert first[:2] == [0.5271435737414605, 0.5250743000402265]
    assert stream(42, "arrivals").random(4).tolist() == first
    assert stream(42, "lifetimes").random(4).tolist() != first
    assert stream(43, "arrivals").random(4).tolist() != first


def test_asking_one_stream_more_often_leaves_the_others_alone() -> None:
    """What one purpose draws never changes what another gets."""
    quiet = stream(1, "faults").random(3).tolist()
    busy = stream(1, "latency")
    busy.random(1000)
    assert stream(1, "faults").random(3).tolist() == quiet
