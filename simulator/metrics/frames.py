"""Step functions as pandas frames."""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.metrics.catalog import CLOUD, OF_THE_CLOUD, PER_CLUSTER, Statistic

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from simulator.metrics.step_functions import StepFunctions


def frame(
    functions: StepFunctions, scopes: list[str], every: float | None, show: Statistic
) -> pd.DataFrame:
    """Return one row a stretch of time and one column a quantity and scope.

    Raises:
        InvalidParameter: `every` is not more than 0.
    """
    import pandas as pd  # half a second that only frames need

    begins, values = rows(functions, every, show)
    names = [(measure.name, CLOUD) for measure in OF_THE_CLOUD]
    names += [(measure.name, scope) for scope in scopes for measure in PER_CLUSTER]
    columns = pd.MultiIndex.from_tuples(names, names=["metric", "of"])
    table = pd.DataFrame(values, index=pd.Index(begins, name="seconds"), columns=columns)
    order = [(measure.name, scope) for measure in PER_CLUSTER for scope in scopes]
    return table[[*order, *names[: len(OF_THE_CLOUD)]]]


def rows(
    functions: StepFunctions, every: float | None, show: Statistic
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where stretches begin, shape (rows,), and what is shown, shape (rows, columns).

    Raises:
        InvalidParameter: `every` is not more than 0.
    """
    if every is not None and not 0 < every < inf:
        raise InvalidParameter(f"every is {every!r}; it must be more than 0 seconds")
    step = functions.width * (1 if every is None else ceil(every / functions.width))
    spans = functions.spans()
    used = np.flatnonzero(spans)
    begins = np.maximum(functions.edges[used], functions.start)
    stretches = np.floor_divide(functions.edges[used], step)
    starts = np.flatnonzero(np.diff(stretches, prepend=-inf))
    if not len(starts):
        return begins, np.zeros((0, len(functions.held)))
    if show is Statistic.PEAK:
        return begins[starts], np.maximum.reduceat(functions.high[used], starts)
    if show is Statistic.LOW:
        return begins[starts], np.minimum.reduceat(functions.low[used], starts)
    seconds = np.add.reduceat(spans[used], starts)[:, np.newaxis]
    return begins[starts], np.add.reduceat(functions.integral[used], starts) / seconds
