"""Another week like this one: a demand drawn from the days and tenants of the one there is.

A demand from a file happened once. To see how much of a plan is luck, it is resampled in
blocks: what one tenant asked for on one day. Of the blocks of every day as many are drawn as
there are, with replacement, so that a block may come twice and another not at all. Days keep
their place, hours their shape, and what a tenant does in a day stays together. Where tenants
are few, less than `FEW_BLOCKS` blocks a day on average, the blocks are batches instead: what
one tenant asked for at one moment.

A block drawn again arrives up to an hour earlier or later than the first time.

Source: Künsch, "The jackknife and the bootstrap for general stationary observations", Annals
of Statistics 17, 1989 (blocks); Davison and Hinkley, Bootstrap Methods and their Application,
1997, section 3.8 (units drawn whole, within strata).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.streams import stream
from cloudlab.units import DAY
from simulator.workload.batches import batch_of
from simulator.workload.copies import shifts
from simulator.workload.invariants import COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload import Demand

FEW_BLOCKS: Final = 30


def resampled(demand: Demand, seed: int) -> Demand:
    """Return a demand of about as many requests, drawn block by block from `demand`.

    Its requests are numbered anew.
    """
    if not len(demand):
        return demand
    day = (demand.arrival_s // DAY).astype(np.int64)
    block = _blocks(demand, day)
    times = _drawn(block, day, seed)[block]
    rows = np.repeat(np.arange(len(demand)), times)
    copy = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    arrival_s = _moved(demand, block, rows, copy, seed)
    order = np.argsort(arrival_s, kind="stable")
    columns = {column: getattr(demand, column)[rows[order]] for column in COLUMNS}
    return replace(demand, ids=None, **(columns | {"arrival_s": arrival_s[order]}))


def _blocks(demand: Demand, day: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the block of every request, numbered from 0."""
    pair = day * len(demand.tenant_names) + demand.tenant
    _, block = np.unique(pair, return_inverse=True)
    blocks, days = int(block.max()) + 1, len(np.unique(day))
    return block if blocks >= FEW_BLOCKS * days else batch_of(demand)


def _drawn(block: NDArray[np.intp], day: NDArray[np.int64], seed: int) -> NDArray[np.intp]:
    """Return how often every block is drawn, `(blocks,)`."""
    day_of = np.zeros(int(block.max()) + 1, np.int64)
    day_of[block] = day
    generator = stream(seed, "planning/resampled")
    times = np.zeros(len(day_of), np.intp)
    for each in np.unique(day_of):
        own = np.flatnonzero(day_of == each)
        np.add.at(times, generator.choice(own, len(own)), 1)
    return times


def _moved(
    demand: Demand,
    block: NDArray[np.intp],
    rows: NDArray[np.intp],
    copy: NDArray[np.intp],
    seed: int,
) -> NDArray[np.float64]:
    """Return when every drawn request arrives, within the span of the demand."""
    arrival_s = demand.arrival_s[rows].copy()
    for number in range(1, int(copy.max(initial=0)) + 1):
        those = copy == number
        moves = shifts(demand, block, seed, f"planning/resampled/copy-{number}")
        moved = np.abs(arrival_s[those] + moves[rows[those]])
        arrival_s[those] = np.minimum(moved, 2 * demand.span_s - moved)
    return arrival_s
