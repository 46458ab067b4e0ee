"""Distributions and steps that Hypothesis makes up."""

from __future__ import annotations

from hypothesis import strategies as st

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
    Step,
    Uniform,
    Weibull,
)

NUMBERS = st.floats(0.001, 1000) | st.integers(1, 1000)
SHAPES = st.floats(0.5, 10)
LISTS = st.lists(st.floats(0, 1000), min_size=2, max_size=6)


def _mixture(parts: list[Distribution]) -> Mixture:
    return Mixture([(1 / len(parts), part) for part in parts])


FAMILIES = st.one_of(
    st.builds(Constant, st.floats(0, 1000) | st.integers(0, 1000)),
    st.builds(lambda low, more: Uniform(low, low + more), NUMBERS, NUMBERS),
    st.builds(Exponential, NUMBERS),
    st.builds(Normal, NUMBERS, NUMBERS),
    st.builds(
        lambda median, factor: LogNormal(median, median * factor), NUMBERS, st.floats(1.1, 5)
    ),
    st.builds(Gamma, NUMBERS, SHAPES),
    st.builds(Erlang, NUMBERS, st.integers(1, 9)),
    st.builds(Weibull, NUMBERS, SHAPES),
    st.builds(Empirical, LISTS),
    st.builds(Quantiles, LISTS.map(sorted)),
)

DISTRIBUTIONS = st.recursive(
    FAMILIES,
    lambda smaller: st.one_of(
        st.builds(lambda left, right: left + right, smaller, smaller),
        st.builds(lambda left, right: left * right, smaller, smaller),
        st.lists(smaller, min_size=1, max_size=3).map(_mixture),
    ),
    max_leaves=5,
)
"""Families, sums, products and mixtures of them, a few deep."""

STEPS = st.builds(Step, DISTRIBUTIONS, DISTRIBUTIONS, DISTRIBUTIONS)
"""Steps that depend on both sizes, on one or on none (a rate may be the constant 0)."""
