"""Batches: the requests that one tenant makes at one moment, and that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.demand import Demand


def batch_of(demand: Demand) -> NDArray[np.intp]:
    """Return the batch of each request, (requests,), numbered from 0 in order of arrival.

    Two requests are of one batch when one tenant makes them at the same instant.
    """
    if not len(demand):
        return np.zeros(0, dtype=np.intp)
    order = np.lexsort((demand.tenant, demand.arrival_s))
    starts = np.diff(demand.arrival_s[order], prepend=-1.0) != 0
    starts |= np.diff(demand.tenant[order], prepend=-1) != 0
    batches = np.empty(len(demand), dtype=np.intp)
    batches[order] = np.cumsum(starts) - 1
    return batches
