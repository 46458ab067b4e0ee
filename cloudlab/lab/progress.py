"""A progress bar for long runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cloudlab.units import clock_text

Report = Callable[[float], None]
"""Called with how far the run is, in seconds of simulated time."""


@contextmanager
def reporter(total: float, what: str, *, shown: bool = True) -> Iterator[Report]:
    """Show a bar over `total` seconds for the length of the block, if `shown`."""
    if not shown:
        yield lambda _: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, desc=f"{clock_text(total)} {what}", leave=False, unit="s") as bar:

        def report(done: float) -> None:
            bar.update(done - bar.n)

        yield report
