"""Reads expressions such as `2 + LogNormal(median=8, p95=20) * disk_gib`; runs no code.

Only numbers, `+`, `*`, brackets, the sizes and the names of distributions mean anything;
whatever else Python knows is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Final

from cloudlab.errors import InvalidParameter
from simulator.latency.distribution import Constant, Distribution
from simulator.latency.families import (
    Erlang,
    Exponential,
    Gamma,
    LogNormal,
    Normal,
    Uniform,
    Weibull,
)
from simulator.latency.observed import Empirical, Mixture, Quantiles
from simulator.latency.step import Step, disk_gib, ram_gib, step_of
from simulator.latency.steps import suggestion

_Value = float | Distribution | Step | list["_Value"] | tuple["_Value", ...]

_SIZES: Final[Mapping[str, Step]] = {"ram_gib": ram_gib, "disk_gib": disk_gib}

_MAKERS: Final[Mapping[str, Callable[..., Distribution]]] = {
    "Constant": Constant,
    "Uniform": Uniform,
    "Exponential": Exponential,
    "Normal": Normal,
    "LogNormal": LogNormal,
    "LogNormal.of_mean": LogNormal.of_mean,
    "Gamma": Gamma,
    "Erlang": Erlang,
    "Weibull": Weibull,
    "Empirical": Empirical,
    "Quantiles": Quantiles,
    "Mixture": Mixture,
}

_LONGEST: Final = 100_000
_DEEPEST: Final = 50


def parse(text: str) -> Step:
    """Return the step that `text` describes; `repr` of a step reads back as that step.

    Raises:
        InvalidParameter: it is no expression, or names, numbers or arguments are wrong.
    """
    if len(text) > _LONGEST:
        raise InvalidParameter(f"an expression of {len(text):,} characters; {_LONGEST:,} at most")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = "write for example 2 + LogNormal(median=8, p95=20) * disk_gib"
        raise InvalidParameter(f"it is no expression; {hint}") from None
    return _quantity(_value(tree.body, 0), tree.body)


def _value(node: ast.expr, depth: int) -> _Value:
    """Return what `node` stands for."""
    if depth > _DEEPEST:
        raise InvalidParameter(f"it is nested more than {_DEEPEST} deep")
    value: _Value
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            value = number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            value = -number
        case ast.Name(id=name):
            value = _size(name)
        case ast.BinOp(op=ast.Add() | ast.Mult()):
            value = _joined(node, depth)
        case ast.Call():
            value = _made(node, depth)
        case ast.List(elts=items):
            value = [_value(item, depth + 1) for item in items]
        case ast.Tuple(elts=items):
            value = tuple(_value(item, depth + 1) for item in items)
        case _:
            message = "means nothing here; use numbers, +, *, sizes and distributions"
            raise InvalidParameter(f"{ast.unparse(node)!r} {message}")
    return value


def _joined(node: ast.BinOp, depth: int) -> Step:
    """Return the sum or product of two sides."""
    left = _quantity(_value(node.left, depth + 1), node.left)
    right = _quantity(_value(node.right, depth + 1), node.right)
    return left + right if isinstance(node.op, ast.Add) else left * right


def _quantity(value: _Value, node: ast.expr) -> Step:
    """Return `value`, which `node` stands for, as something that can be added."""
    if isinstance(value, list | tuple):
        message = "is a list; a list can only be given to a distribution"
        raise InvalidParameter(f"{ast.unparse(node)} {message}")
    return step_of(value)


def _size(name: str) -> Step:
    if name in _SIZES:
        return _SIZES[name]
    if name in _MAKERS:
        fields = ", ".join(signature(_MAKERS[name]).parameters)
        raise InvalidParameter(f"{name} needs its numbers, as in {name}({fields})")
    raise InvalidParameter(f"there is no {name!r}{suggestion(name, (*_SIZES, *_MAKERS))}")


def _made(node: ast.Call, depth: int) -> Distribution:
    """Return the distribution that a call makes."""
    name = ast.unparse(node.func)
    if name not in _MAKERS:
        raise InvalidParameter(f"there is no {name!r}{suggestion(name, tuple(_MAKERS))}")
    maker = _MAKERS[name]
    given = [_plain(_value(part, depth + 1)) for part in node.args]
    named = {part.arg or "**": _plain(_value(part.value, depth + 1)) for part in node.keywords}
    takes = signature(maker)
    try:
        bound = takes.bind(*given, **named)
    except TypeError as error:
        fields = ", ".join(takes.parameters)
        raise InvalidParameter(f"{name} takes ({fields}): {error}") from None
    return maker(*bound.args, **bound.kwargs)


def _plain(value: _Value) -> _Value:
    """Return `value` as a distribution takes it: sums that need no size as distributions."""
    if isinstance(value, Step):
        if value.sizes:
            raise InvalidParameter(f"{value!r}: sizes stand beside distributions, not inside")
        return value.base
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return value
