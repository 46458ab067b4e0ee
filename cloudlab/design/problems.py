"""What is wrong with a design, where, and the one error that says it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cloudlab.errors import InputError

Path = tuple[str | int, ...]
"""The place of a value in a document: names of fields and places in lists."""

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the value at `path`.

    Attributes:
        message: continues the sentence that the path begins, as in `is -4; it must be ...`.
        question: whether it only looks wrong; `accept_unusual: true` lets it pass.
    """

    path: Path
    message: str
    question: bool = False


def path_text(path: Path) -> str:
    """Return a path as people read it: `zones[0].pods[1].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def refusal(
    problems: Iterable[Problem],
    name: str = "",
    line_of: Callable[[Path], int] | None = None,
) -> InputError:
    """Return the error that lists `problems`, a line each and no more than ten.

    Args:
        problems: at least one.
        name: the file they were found in; empty when there is none.
        line_of: finds the line of a path in that file; without it no lines are given.
    """
    placed = [(line_of(problem.path) if line_of else 0, problem) for problem in problems]
    placed.sort(key=lambda pair: pair[0])
    lines = [_line(problem, name, line) for line, problem in placed]
    return InputError("\n".join(_cut(lines)))


def _line(problem: Problem, name: str, line: int) -> str:
    where = f"{name}:{line}: " if line else f"{name}: " if name else ""
    sentence = f"{path_text(problem.path)} {problem.message}".strip()
    if problem.question:
        sentence += " (if you mean it: accept_unusual: true)"
    return where + sentence


def _cut(lines: Sequence[str]) -> list[str]:
    hidden = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"... and {hidden} more"] if hidden > 0 else list(lines)
