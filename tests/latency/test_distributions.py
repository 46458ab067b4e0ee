"""Distributions add and multiply, know their mean, and read as the expression that makes them."""

from __future__ import annotations

from math import erf, isclose, isinf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulator.latency as names
from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from simulator.latency import (
    Constant,
    Distribution,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    LogNormal,
    Mixture,
    Normal,
    Quantiles,
    Uniform,
    Weibull,
)
from tests.latency.strategies import DISTRIBUTIONS

EXAMPLES: list[tuple[Distribution, str, float]] = [
    (Constant(2), "Constant(2)", 2),
    (Uniform(1, 4), "Uniform(low=1, high=4)", 2.5),
    (Exponential(5), "Exponential(5)", 5),
    (Normal(10, 2), "Normal(center=10, deviation=2)", 10.000003),
    (Normal(0, 1), "Normal(center=0, deviation=1)", sqrt(2 / np.pi)),
    (LogNormal(8, 20), "LogNormal(median=8, p95=20)", 9.3429),
    (Gamma(mean=3, shape=2), "Gamma(mean=3, shape=2)", 3),
    (Erlang(mean=3, stages=3), "Erlang(mean=3, stages=3)", 3),
    (Weibull(scale=2, shape=1), "Weibull(scale=2, shape=1)", 2),
    (Weibull(scale=2, shape=2), "Weibull(scale=2, shape=2)", sqrt(np.pi)),
    (Empirical([1, 2, 6]), "Empirical([1, 2, 6])", 3),
    (Quantiles([0, 1, 3]), "Quantiles([0, 1, 3])", 1.25),
    (
        Mixture([(0.75, Constant(1)), (0.25, Exponential(9))]),
        "Mixture([(0.75, Constant(1)), (0.25, Exponential(9))])",
        3,
    ),
    (Constant(2) + 0.1 * Exponential(5), "2 + 0.1 * Exponential(5)", 2.5),
    (Exponential(5) * 1.5, "1.5 * Exponential(5)", 7.5),
    (
        Uniform(1, 3) * (Exponential(2) + 1),
        "Uniform(low=1, high=3) * (1 + Exponential(2))",
        6,
    ),
]


@pytest.mark.parametrize(("distribution", "text", "mean"), EXAMPLES)
def test_it_reads_as_its_expression(distribution: Distribution, text: str, mean: float) -> None:
    """The repr is the expression that makes it, and the mean is the one of the textbook."""
    assert repr(distribution) == text
    assert distribution.mean == pytest.approx(mean, rel=1e-4)


@given(DISTRIBUTIONS)
def test_python_reads_the_repr_back(distribution: Distribution) -> None:
    """Evaluating the repr gives an equal distribution, however deep the algebra went."""
    read = eval(repr(distribution), vars(names))
    assert (Constant(read) if isinstance(read, int | float) else read) == distribution


@given(DISTRIBUTIONS, DISTRIBUTIONS, st.floats(0, 100))
def test_means_follow_the_algebra(left: Distribution, right: Distribution, factor: float) -> None:
    """The mean of a sum is the sum of the means, that of a product the product."""
    assert isclose((left + right).mean, left.mean + right.mean, rel_tol=1e-9)
    assert isclose((left * right).mean, left.mean * right.mean, rel_tol=1e-9)
    assert isclose((factor * left).mean, factor * left.mean, rel_tol=1e-9)


@given(DISTRIBUTIONS, st.integers(0, 2**32))
def test_draws_are_durations(distribution: Distribution, seed: int) -> None:
    """Every draw is a finite number of seconds, 0 or more, and a seed repeats them all."""
    drawn = distribution.samples(stream(seed, "test"), 50)
    assert drawn.shape == (50,)
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()
    assert np.array_equal(drawn, distribution.samples(stream(seed, "test"), 50))
    assert isinstance(distribution.sample(stream(seed, "test")), float)


@pytest.mark.parametrize(("distribution", "text"), [example[:2] for example in EXAMPLES])
def test_draws_have_the_mean_they_claim(distribution: Distribution, text: str) -> None:
    """The mean of 100,000 draws lies within five standard errors of `mean`."""
    drawn = distribution.samples(stream(1, text), 100_000)
    error = drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.mean() - distribution.mean) <= 5 * error + 1e-12


@settings(max_examples=20)
@given(st.floats(0.1, 100), st.floats(1.1, 10))
def test_lognormal_has_its_median_and_p95(median: float, factor: float) -> None:
    """Half of the draws are below the median and 95 % below `p95`."""
    drawn = LogNormal(median, median * factor).samples(stream(3, "test"), 20_000)
    assert np.mean(drawn < median) == pytest.approx(0.5, abs=0.02)
    assert np.mean(drawn < median * factor) == pytest.approx(0.95, abs=0.01)


@given(st.floats(0.1, 100), st.floats(0.05, 2))
def test_lognormal_by_mean_and_sigma(mean: float, sigma: float) -> None:
    """`of_mean` makes the one with that mean and that sigma."""
    made = LogNormal.of_mean(mean, sigma)
    assert made.mean == pytest.approx(mean)
    assert made.sigma == pytest.approx(sigma)


def test_normal_is_cut_off_not_clipped() -> None:
    """What falls below 0 is drawn again, so that 0 itself is no likelier than its neighbours."""
    drawn = Normal(1, 1).samples(stream(2, "test"), 50_000)
    left = (1 + erf(1 / sqrt(2))) / 2
    below_one = (0.5 - (1 - left)) / left
    assert not (drawn == 0).any()
    assert np.mean(drawn < 1) == pytest.approx(below_one, abs=0.01)


def test_every_appearance_is_drawn_by_itself() -> None:
    """`a + a` varies less than `2 * a`: two draws against one doubled."""
    wait = Exponential(1)
    two, doubled = (each.samples(stream(0, "test"), 50_000) for each in (wait + wait, 2 * wait))
    assert two.var() == pytest.approx(2, rel=0.1)
    assert doubled.var() == pytest.approx(4, rel=0.1)


def test_constants_are_gathered() -> None:
    """Constants add up and multiply in front; 0 and 1 disappear where they say nothing."""
    wait = Exponential(5)
    assert 1 + wait + 2 == 3 + wait
    assert 2 * (wait * 3) == 6 * wait
    assert 0 + wait == wait == 1 * wait
    assert 0 * wait == Constant(0)
    assert sum([wait, wait]) == wait + wait
    assert hash(2 * wait) == hash(wait * 2)


def test_only_numbers_and_distributions_take_part() -> None:
    """Adding or multiplying anything else is a TypeError, as everywhere in Python."""
    for other in ("2", None, True):
        with pytest.raises(TypeError):
            Exponential(5) + other
        with pytest.raises(TypeError):
            other * Exponential(5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-1), "Constant: value is -1; it must be 0 or more"),
        (lambda: Constant(float("inf")), "value is inf"),
        (lambda: Constant(10**400), "it must be 0 or more, finite"),
        (lambda: Constant("2"), "value is '2'"),
        (lambda: -1 * Exponential(1), "value is -1"),
        (lambda: Uniform(2, 1), "Uniform: high is 1; it must be 2 or more"),
        (lambda: Exponential(0), "Exponential: mean is 0; it must be more than 0"),
        (lambda: Normal(-1, 1), "Normal: center is -1"),
        (lambda: LogNormal(8, 8), "LogNormal: p95 is 8; it must be more than 8"),
        (lambda: Gamma(1, float("nan")), "Gamma: shape is nan"),
        (lambda: Erlang(1, 0), "Erlang: stages is 0; it must be a whole number, 1 or more"),
        (lambda: Erlang(1, 1.5), "Erlang: stages is 1.5"),
        (lambda: Weibull(1, 0.01), "Weibull: shape is 0.01; it must be 0.1 or more"),
        (lambda: Empirical([]), "Empirical: values has 0 numbers; it must have 1 or more"),
        (lambda: Empirical(3), "Empirical: values is 3; it must be a list of numbers"),
        (lambda: Empirical([1, -2]), r"values\[1\] is -2"),
        (lambda: Quantiles([1]), "Quantiles: quantiles has 1 numbers; it must have 2 or more"),
        (lambda: Quantiles([2, 1]), r"quantiles\[1\] is 1; it must be 2 or more"),
        (lambda: Mixture([(0.5, Constant(1))]), "the shares add up to 0.5; they must to 1"),
        (lambda: Mixture([(1, "x")]), r"parts\[0\] is \(1, 'x'\)"),
        (lambda: Mixture([(0, Constant(1)), (1, Constant(2))]), r"parts\[0\], the share, is 0"),
    ],
)
def test_numbers_out_of_range_are_refused(make: object, message: str) -> None:
    """The message names the distribution, the field, its value and the allowed range."""
    with pytest.raises(InvalidParameter, match=message):
        make()


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20).map(sorted))
def test_quantiles_stay_inside_what_was_seen(values: list[float]) -> None:
    """Draws lie between the first and the last quantile."""
    drawn = Quantiles(values).samples(stream(0, "test"), 200)
    assert values[0] <= drawn.min()
    assert drawn.max() <= values[-1]
    assert not isinf(Quantiles(values).mean)


def test_a_mixture_takes_a_number_for_a_constant() -> None:
    """`Mixture([(1, 3)])` always draws 3."""
    assert Mixture([(1, 3)]) == Mixture([(1, Constant(3))])
