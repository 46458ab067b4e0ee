"""Numbers of distributions: checked when they come in, written shortly when they go out."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

from cloudlab.errors import InvalidParameter


def at_least(lowest: float, owner: str, field: str, value: object) -> float:
    """Return `value` as a float if it is finite and not below `lowest`.

    Raises:
        InvalidParameter: it is not, or it is no number.
    """
    number = _number(value)
    if lowest <= number < inf:
        return number
    raise InvalidParameter(f"{owner}: {field} is {value!r}; it must be {lowest:g} or more, finite")


def more_than(limit: float, owner: str, field: str, value: object) -> float:
    """Return `value` as a float if it is finite and above `limit`.

    Raises:
        InvalidParameter: it is not, or it is no number.
    """
    number = _number(value)
    if limit < number < inf:
        return number
    raise InvalidParameter(f"{owner}: {field} is {value!r}; it must be more than {limit:g}, finite")


def whole(lowest: int, owner: str, field: str, value: object) -> int:
    """Return `value` if it is a whole number and not below `lowest`.

    Raises:
        InvalidParameter: it is not.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= lowest:
        return value
    message = f"{owner}: {field} is {value!r}; it must be a whole number, {lowest} or more"
    raise InvalidParameter(message)


def all_at_least(
    lowest: float, owner: str, field: str, values: object, count: int
) -> tuple[float, ...]:
    """Return `values` as floats if there are `count` or more and none is below `lowest`.

    Raises:
        InvalidParameter: there are fewer, it is no list, or one is out of range.
    """
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise InvalidParameter(f"{owner}: {field} is {values!r}; it must be a list of numbers")
    if len(values) < count:
        message = f"{owner}: {field} has {len(values)} numbers; it must have {count} or more"
        raise InvalidParameter(message)
    return tuple(
        at_least(lowest, owner, f"{field}[{place}]", value) for place, value in enumerate(values)
    )


def text(number: float) -> str:
    """Return the shortest text that reads back as `number`: `2` rather than `2.0`."""
    return repr(number).removesuffix(".0")


def _number(value: object) -> float:
    """Return a number as a float, and nan for anything else: no range holds it."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return nan
    try:
        return float(value)
    except OverflowError:
        return inf
