"""The laws of time, chance and honesty, as functions from a syntax tree to offending lines."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCKS: Final = frozenset(
    {
        "time.sleep",
        "time.time",
        "time.time_ns",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.date.today",
    }
)
DICE: Final = frozenset({"default_rng", "SeedSequence", "RandomState"})


def name_of(node: ast.expr) -> str:
    """Return `a.b.c` for a dotted name, empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{name_of(value)}.{attribute}"
        case _:
            return ""


def reads_a_clock(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that sleep or ask what time it is outside the simulation."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if name_of(node) in CLOCKS:
                yield node.lineno
            case ast.ImportFrom(module="time", names=names) if any(
                f"time.{alias.name}" in CLOCKS for alias in names
            ):
                yield node.lineno


def rolls_dice(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that draw from anything but a named stream."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(alias.name == "random" for alias in names):
                yield node.lineno
            case ast.ImportFrom(module="random"):
                yield node.lineno
            case ast.Attribute(attr=attribute) | ast.Name(id=attribute) if attribute in DICE:
                yield node.lineno


def swallows_everything(tree: ast.AST) -> Iterator[int]:
    """Yield the `except` lines that would also catch the end of a run (GeneratorExit)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or name_of(kind) == "BaseException" for kind in caught):
                yield node.lineno


def promises_later(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that name NotImplementedError: a port has no methods it cannot keep."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield node.lineno


LAWS: Final[dict[Callable[[ast.AST], Iterator[int]], tuple[tuple[str, ...], tuple[str, ...]]]] = {
    reads_a_clock: (("cloudlab", "simulator"), ("cloudlab/engine/", "cloudlab/api/server")),
    rolls_dice: (("cloudlab", "simulator"), ("cloudlab/streams",)),
    swallows_everything: (("cloudlab", "simulator", "drivers"), ("cloudlab/engine/",)),
    promises_later: (("cloudlab", "simulator", "drivers"), ()),
}
"""Each law, the packages that keep it, and the places in them that it does not bind."""
