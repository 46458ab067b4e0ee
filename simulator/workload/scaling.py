"""Scaling: the same demand with more or fewer requests, and the same statistics.

A factor of 2.3 keeps every request, copies every request once more, and copies a seeded 30 %
of the batches a second time; a factor of 0.3 keeps that 30 % alone. A batch (what one tenant
asks for at one moment) is copied or dropped whole. A copy keeps tenant, size and lifetime
and arrives up to an hour earlier or later than its original, within the span of the trace.

The batches are chosen by walking through one shuffled list of them, so that under one seed
the requests of a smaller factor are among those of a larger one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from simulator.workload.batches import batch_of
from simulator.workload.copies import check_seed, check_size, copy_mark, shifts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.demand import Demand


def scaled(demand: Demand, factor: float, seed: int) -> Demand:
    """Return `factor` times as many requests, to within one batch.

    The copies of request `17` are called `17+1`, `17+2` ...

    Raises:
        InvalidParameter: if `factor` is not more than 0 or makes the demand too large.
    """
    check_seed(seed)
    if not 0 < factor < math.inf:
        raise InvalidParameter(f"scale is {factor}; allowed: more than 0 (1.3 = 30 % more)")
    check_size(demand.name, factor * len(demand), "choose a smaller scale")
    if factor == 1 or not len(demand):
        return demand
    fraction, whole = math.modf(factor)
    batches = batch_of(demand)
    chosen = np.flatnonzero(_chosen(batches, fraction, seed)[batches])
    if not whole:
        return demand.take(chosen)
    rows = [np.arange(len(demand))] * int(whole) + [chosen]
    return _copied(demand, batches, rows, seed)


def _chosen(batches: NDArray[np.intp], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Return which batches to copy, (batches,), so that they hold `fraction` of the requests.

    They are the first of a shuffled list, up to where their requests come nearest to the goal.
    """
    sizes = np.bincount(batches)
    order = stream(seed, "demand/scaled").permutation(len(sizes))
    reached = np.concatenate(([0], np.cumsum(sizes[order])))
    count = int(np.argmin(np.abs(reached - fraction * len(batches))))
    chosen = np.zeros(len(sizes), dtype=np.bool_)
    chosen[order[:count]] = True
    return chosen


def _copied(
    demand: Demand, batches: NDArray[np.intp], rows: list[NDArray[np.intp]], seed: int
) -> Demand:
    """Return the requests `rows[0]` as they are and those of `rows[1:]` as moved copies."""
    mark = copy_mark(demand)
    arrivals = [demand.arrival_s]
    names = demand.names()
    ids = list(names)
    for number, copied in enumerate(rows[1:], start=1):
        moves = shifts(demand, batches, seed, f"demand/scaled/copy-{number}")
        moved = np.abs(demand.arrival_s + moves)[copied]
        arrivals.append(np.minimum(moved, 2 * demand.span_s - moved))
        ids += [f"{names[row]}{mark}{number}" for row in copied.tolist()]
    return demand.take(np.concatenate(rows), arrival_s=np.concatenate(arrivals), ids=tuple(ids))
