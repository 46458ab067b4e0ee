"""The algebra of durations: what can be drawn can be added and multiplied.

A distribution is a frozen value. `a + b` is the sum of a draw from each, `a * b` their
product, a plain number is a constant: `2 + 0.1 * Exponential(5)`. Every appearance is drawn
by itself, so `a + a` is the sum of two draws and `2 * a` one draw doubled. Numbers are
seconds; inside a product all factors but one are bare numbers. None is ever negative.

Source: the algebra follows Ciw's distributions (https://ciw.readthedocs.io).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from math import fsum, prod
from typing import TYPE_CHECKING

import numpy as np

from simulator.latency.numbers import at_least, text

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Distribution(ABC):
    """Something that durations can be drawn from; never below 0."""

    __slots__ = ()

    @property
    @abstractmethod
    def mean(self) -> float:
        """The exact mean."""

    @abstractmethod
    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` independent draws, shape (count,)."""

    def sample(self, generator: np.random.Generator) -> float:
        """Return one draw."""
        return float(self.samples(generator, 1)[0])

    def __add__(self, other: Distribution | float) -> Distribution:
        """Return the sum of a draw from each."""
        term = distribution_of(other)
        return NotImplemented if term is None else _sum(self, term)

    def __radd__(self, other: Distribution | float) -> Distribution:
        """Return the sum of a draw from each."""
        term = distribution_of(other)
        return NotImplemented if term is None else _sum(term, self)

    def __mul__(self, other: Distribution | float) -> Distribution:
        """Return the product of a draw from each."""
        factor = distribution_of(other)
        return NotImplemented if factor is None else _product(self, factor)

    def __rmul__(self, other: Distribution | float) -> Distribution:
        """Return the product of a draw from each."""
        factor = distribution_of(other)
        return NotImplemented if factor is None else _product(factor, self)

    def __repr__(self) -> str:
        """Write it as the expression that makes it."""
        given = {f.name: _text(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]
        named = [f"{name}={value}" for name, value in given.items()]
        return f"{type(self).__name__}({', '.join(named if len(given) > 1 else given.values())})"


@dataclass(frozen=True, slots=True, repr=False)
class Constant(Distribution):
    """Always `value`, 0 or more."""

    value: float

    def __post_init__(self) -> None:
        """Check the value."""
        object.__setattr__(self, "value", at_least(0, "Constant", "value", self.value))

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Return the value `count` times; nothing is drawn."""
        return np.full(count, self.value)


ZERO = Constant(0)
ONE = Constant(1)


@dataclass(frozen=True, slots=True, repr=False)
class Sum(Distribution):
    """One draw of each term, added; made by `+`, which keeps the one constant in front."""

    terms: tuple[Distribution, ...]

    @property
    def mean(self) -> float:
        """The sum of the means."""
        return fsum(term.mean for term in self.terms)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` sums; all draws of one term come before those of the next."""
        total = np.zeros(count)
        for term in self.terms:
            total += term.samples(generator, count)
        return total

    def __repr__(self) -> str:
        """Write it as the expression that makes it."""
        return " + ".join(map(plain_text, self.terms))


@dataclass(frozen=True, slots=True, repr=False)
class Product(Distribution):
    """One draw of each factor, multiplied; made by `*`, which keeps the one constant in front."""

    factors: tuple[Distribution, ...]

    @property
    def mean(self) -> float:
        """The product of the means: the draws are independent."""
        return prod(factor.mean for factor in self.factors)

    def samples(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return `count` products; all draws of one factor come before those of the next."""
        total = np.ones(count)
        for factor in self.factors:
            total *= factor.samples(generator, count)
        return total

    def __repr__(self) -> str:
        """Write it as the expression that makes it."""
        return " * ".join(map(factor_text, self.factors))


def plain_text(part: Distribution) -> str:
    """Return `part` as it stands in a sum: a constant as its number."""
    return text(part.value) if isinstance(part, Constant) else repr(part)


def factor_text(part: Distribution) -> str:
    """Return `part` as it stands in a product: a sum in brackets."""
    return f"({part!r})" if isinstance(part, Sum) else plain_text(part)


def _text(value: object) -> str:
    """Return the argument of a distribution as an expression."""
    if isinstance(value, float):
        return text(value)
    if isinstance(value, tuple):
        opening, closing = "()" if any(isinstance(part, Distribution) for part in value) else "[]"
        return opening + ", ".join(map(_text, value)) + closing
    return repr(value)


def distribution_of(value: object) -> Distribution | None:
    """Return a number as a constant, a distribution as it is, anything else as None."""
    if isinstance(value, Distribution):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(value)
    return None


def _sum(left: Distribution, right: Distribution) -> Distribution:
    """Return a sum of sums as one, its constants added up and in front."""
    terms = [*_parts(left, Sum), *_parts(right, Sum)]
    constant = sum(term.value for term in terms if isinstance(term, Constant))
    rest = [term for term in terms if not isinstance(term, Constant)]
    if constant or not rest:
        rest.insert(0, Constant(constant))
    return rest[0] if len(rest) == 1 else Sum(tuple(rest))


def _product(left: Distribution, right: Distribution) -> Distribution:
    """Return a product of products as one, its constants multiplied and in front."""
    factors = [*_parts(left, Product), *_parts(right, Product)]
    constant = prod(factor.value for factor in factors if isinstance(factor, Constant))
    rest = [factor for factor in factors if not isinstance(factor, Constant)]
    if not constant:
        return ZERO
    if constant != 1 or not rest:
        rest.insert(0, Constant(constant))
    return rest[0] if len(rest) == 1 else Product(tuple(rest))


def _parts(whole: Distribution, kind: type[Sum | Product]) -> tuple[Distribution, ...]:
    """Return the terms of a sum or the factors of a product, or `whole` alone."""
    if isinstance(whole, Sum) and kind is Sum:
        return whole.terms
    if isinstance(whole, Product) and kind is Product:
        return whole.factors
    return (whole,)
