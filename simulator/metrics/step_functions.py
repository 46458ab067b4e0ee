"""Quantities that stay what they are until they change, kept in bounded memory.

Time is cut into buckets of one width. A bucket keeps, of every quantity, its integral over
time and the lowest and highest value it had for any time at all. When the last bucket is
full, every two become one and the width doubles: integrals add up, extremes stay extremes,
so that time-weighted means and peaks over whole buckets are exact however long the run.
"""

from __future__ import annotations

from math import floor, inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FINEST_S: Final = HOUR / 4096
"""Width of the first buckets, 0.88 s. Doubled, it becomes 15 min, 1 h and 8 h, never odd times.

It is an exact binary fraction, so that edges of buckets are exact, too.
"""

BUCKETS: Final = 1024
"""How many there are at most: enough for 341 days in steps of eight hours."""


class StepFunctions:
    """Several quantities over time, as buckets (rows) of each (columns).

    >>> one = StepFunctions(start=0, columns=1)
    >>> one.extend(np.array([0.0, 30.0]), np.array([[4], [1]]), until=40)
    >>> float(one.means()[0]), float(one.peaks()[0])
    (3.25, 4.0)

    Attributes:
        start: the first moment known, seconds.
        until: the moment up to which everything is in the buckets.
        held: what the quantities are from `until` on, shape (columns,).
        width: of a bucket, seconds.
        origin: where the first bucket begins: the full hour before `start`.
        integral: of each bucket and quantity, value times seconds, shape (buckets, columns).
        low: the lowest value in each bucket; inf where there was none.
        high: the highest value in each bucket; -inf where there was none.
    """

    def __init__(self, start: float, columns: int, *, buckets: int = BUCKETS) -> None:
        """Begin at `start` with all quantities 0; `buckets` is even."""
        self.start = self.until = start
        self.origin: float = floor(start / HOUR) * HOUR
        self.width = FINEST_S
        self.held: NDArray[np.float64] = np.zeros(columns)
        self.integral: NDArray[np.float64] = np.zeros((buckets, columns))
        self.low: NDArray[np.float64] = np.full((buckets, columns), inf)
        self.high: NDArray[np.float64] = np.full((buckets, columns), -inf)

    def add_columns(self, count: int) -> None:
        """Add `count` quantities on the right, which were 0 until now."""
        known = self.spans() > 0
        self.held = np.append(self.held, np.zeros(count))
        new = ((0, 0), (0, count))
        self.integral = np.pad(self.integral, new)
        self.low = np.pad(self.low, new, constant_values=inf)
        self.high = np.pad(self.high, new, constant_values=-inf)
        self.low[known, -count:] = self.high[known, -count:] = 0.0

    def extend(self, times: NDArray[np.float64], values: NDArray[np.float64], until: float) -> None:
        """Go on to `until`: from each of `times` on, the quantities were those of its row.

        Args:
            times: moments of change in order, each once, from the old to the new `until`.
            values: shape (times, columns).
            until: the moment that the last row is known to hold to.
        """
        while until > self.origin + self.width * len(self.integral):
            self._double()
        if len(times) and times[0] == self.until:
            moments, rows = times, values
        else:
            moments = np.concatenate(([self.until], times))
            rows = np.concatenate((self.held[np.newaxis], values))
        if until > self.until:
            self._fold(moments, rows, until)
        self.until, self.held = until, rows[-1].copy()

    def _fold(self, moments: NDArray[np.float64], rows: NDArray[Any], until: float) -> None:
        """Cut what held when into pieces that lie in one bucket each, and add them up there."""
        first, last = self._bucket(moments[0]), self._bucket(until)
        edges = self.origin + self.width * np.arange(first + 1, last + 1)
        begins = np.union1d(moments, edges)
        begins = begins[begins < until]
        spans = np.diff(begins, append=until)
        held = rows[np.searchsorted(moments, begins, side="right") - 1]
        buckets = first + np.searchsorted(edges, begins, side="right")
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        into = buckets[starts]
        self.integral[into] += np.add.reduceat(held * spans[:, np.newaxis], starts)
        self.low[into] = np.minimum(self.low[into], np.minimum.reduceat(held, starts))
        self.high[into] = np.maximum(self.high[into], np.maximum.reduceat(held, starts))

    def _bucket(self, moment: float) -> int:
        """Return the bucket that `moment` lies in, or the last one at the very end."""
        return min(floor((moment - self.origin) / self.width), len(self.integral) - 1)

    def _double(self) -> None:
        """Make one bucket of every two."""
        half = len(self.integral) // 2
        for name, join, empty in (
            ("integral", np.add, 0.0),
            ("low", np.minimum, inf),
            ("high", np.maximum, -inf),
        ):
            old: NDArray[np.float64] = getattr(self, name)
            joined = np.full_like(old, empty)
            joined[:half] = join(old[::2], old[1::2])
            setattr(self, name, joined)
        self.width *= 2

    @property
    def buckets(self) -> int:
        """How many there are at most."""
        return len(self.integral)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where buckets begin, and the last one ends, shape (buckets + 1,)."""
        return self.origin + self.width * np.arange(self.buckets + 1, dtype=np.float64)

    def spans(self, since: float = -inf, until: float = inf) -> NDArray[np.float64]:
        """Return how many known seconds of each bucket lie between two moments."""
        begin = max(since, self.start)
        end = max(min(until, self.until), begin)
        return np.diff(np.clip(self.edges, begin, end)).astype(np.float64, copy=False)

    def means(self, since: float = -inf, until: float = inf) -> NDArray[np.float64]:
        """Return the time-weighted mean of every quantity between two moments.

        Exact from edge to edge of buckets, at `start` and at the last moment known; a bucket
        that is cut counts by the part that lies inside. No time at all: what is held.
        """
        whole, part = self.spans(), self.spans(since, until)
        if not part.sum() > 0:
            return self.held.copy()
        shares = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
        return np.asarray(shares @ self.integral / part.sum(), dtype=np.float64)

    def peaks(self, since: float = -inf, until: float = inf) -> NDArray[np.float64]:
        """Return the highest value of every quantity in the buckets between two moments.

        The present value belongs to it if `until` is not past: it holds from now on.
        """
        return np.asarray(self._extremes(self.high, since, until).max(axis=0))

    def lows(self, since: float = -inf, until: float = inf) -> NDArray[np.float64]:
        """Return the lowest value of every quantity in the buckets between two moments.

        The present value belongs to it if `until` is not past: it holds from now on.
        """
        return np.asarray(self._extremes(self.low, since, until).min(axis=0))

    def _extremes(
        self, column: NDArray[np.float64], since: float, until: float
    ) -> NDArray[np.float64]:
        inside = column[self.spans(since, until) > 0]
        present = until >= self.until or not len(inside)
        return np.vstack((inside, self.held)) if present else inside

    def state(self) -> dict[str, Any]:
        """Return everything as lists and numbers that JSON knows; floats stay exact."""
        used = np.flatnonzero(self.spans())
        first = int(used[0]) if len(used) else 0
        kept = slice(first, first + len(used))
        return {
            "start": self.start,
            "until": self.until,
            "width": self.width,
            "first": first,
            "held": self.held.tolist(),
            "integral": self.integral[kept].tolist(),
            "low": self.low[kept].tolist(),
            "high": self.high[kept].tolist(),
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], *, buckets: int = BUCKETS) -> StepFunctions:
        """Return what `state` was taken of.

        Raises:
            InvalidParameter: it has more buckets than there is room for.
        """
        found = cls(state["start"], len(state["held"]), buckets=buckets)
        found.until, found.width = state["until"], state["width"]
        found.held = np.array(state["held"], dtype=np.float64)
        kept = slice(state["first"], state["first"] + len(state["integral"]))
        if kept.stop > buckets:
            raise InvalidParameter(f"the state has {kept.stop} buckets, here is room for {buckets}")
        if state["integral"]:
            found.integral[kept] = state["integral"]
            found.low[kept], found.high[kept] = state["low"], state["high"]
        return found
