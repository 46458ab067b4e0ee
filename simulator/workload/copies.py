"""Copies of requests: what they are called, and by how much they come earlier or later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from cloudlab.units import DAY, HOUR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from simulator.workload.demand import Demand

MOST_REQUESTS: Final = 10_000_000
"""The largest demand that is made, by scaling, growth or a generator: 1.5 GB with its names."""


def check_seed(seed: int) -> None:
    """Refuse a seed that the streams do not take."""
    if seed < 0:
        raise InvalidParameter(f"seed is {seed}; allowed: a whole number, 0 or more")


def check_size(name: str, requests: float, remedy: str) -> None:
    """Refuse to make a demand of more than `MOST_REQUESTS` requests."""
    if not requests <= MOST_REQUESTS:
        raise InvalidParameter(
            f"demand {name!r} would have about {requests:,.0f} requests; "
            f"at most {MOST_REQUESTS:,} are made: {remedy}"
        )


def jitter_s(demand: Demand) -> float:
    """Return by how many seconds a copy may come earlier or later than its original.

    An hour: enough to part the two, too little to blur the shape of the day. Of a trace
    shorter than a day, the same share of its span.
    """
    return HOUR * min(1.0, demand.span_s / DAY)


def shifts(demand: Demand, batches: NDArray[np.intp], seed: int, name: str) -> NDArray[np.float64]:
    """Return by how much each request is moved, in seconds: whole batches move together.

    Args:
        demand: whose requests are copied.
        batches: the batch of each request, (requests,).
        seed: the seed of the run.
        name: the stream; the same name moves the same batch by the same time.
    """
    count = int(batches.max(initial=-1)) + 1
    width = jitter_s(demand)
    moves: NDArray[np.float64] = stream(seed, name).uniform(-width, width, count)[batches]
    return moves


def copy_mark(demand: Demand) -> str:
    """Return the sign that sets copies apart: `+`, or more of them if ids hold that already."""
    mark = "+"
    if demand.ids is not None:
        names = "\n".join(demand.ids)
        while mark in names:
            mark += "+"
    return mark
