"""How far a plan has come: a bar for each stage, in a notebook or a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm

Bars = Callable[[int, int, str], None]
"""Called with steps done, steps in all and the name of the stage."""


@contextmanager
def bars() -> Iterator[Bars]:
    """Show a bar for the length of the block; each stage begins it anew, the end takes it away.

    Example:
        with bars() as progress:
            plan = make_plan(design, demand, progress=progress)
    """
    from tqdm.auto import tqdm

    with tqdm(total=1, leave=False) as bar:

        def show(done: int, total: int, stage: str) -> None:
            _show(bar, done, total, stage)

        yield show


def _show(bar: tqdm[NoReturn], done: int, total: int, stage: str) -> None:
    """Draw `done` of `total` steps of `stage`."""
    if bar.desc != f"{stage}: ":
        bar.reset(total)
        bar.set_description(stage)
    bar.update(done - bar.n)
