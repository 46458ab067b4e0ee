"""Growth: the same demand over a longer time, asked for more often month by month.

With a growth of `g` a month, arrivals at time `t` come `m(t)` times as often as in the trace:

    m(t) = (1 + g) ** (t / month),    month = 30.44 days (`cloudlab.units.MONTH`)

A batch of requests (what one tenant asks for at one moment) that the trace has at time `t`
arrives `floor(m(t) + u)` times, where `u` is the batch's own number in [0, 1) from the seed:
`m(t)` times on average, and never less often under more growth. Extra copies arrive up to an
hour earlier or later than the original.

**Beyond its end the trace repeats.** At a time `t` after the last arrival the trace is read at
`t mod P`, so that hours of the day (and days of the week) stay in phase. `P`, see `period_s`,
is a whole number of weeks, or of days where the trace is shorter than a week.

**What lives on is not asked for twice.** A VM without an end is still there when the trace
repeats; one period later, only as many come as its number has grown by. So repetition alone
adds nothing: without growth a cloud that has reached its level stays there.

A longer horizon extends a shorter one: `grown(5, 60).until(30 * DAY)` is `grown(5, 30)`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from cloudlab.units import DAY, HOUR, MONTH
from simulator.workload.batches import batch_of
from simulator.workload.copies import check_seed, check_size, copy_mark, jitter_s, shifts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.demand import Demand

_SHORTER = "shorten the horizon, or thin the demand with a scale below 1"


def period_s(demand: Demand) -> float:
    """Return the seconds after which the trace repeats.

    Whole weeks if it covers one, else whole days if it covers one (either may lack an hour at
    the end), else what it covers: up to its last arrival and one mean gap, at least an hour.
    Requests that all arrive in the first day at one moment repeat every day.
    """
    first_s = float(demand.arrival_s[0]) if len(demand) else 0.0
    covered_s = demand.span_s + (demand.span_s - first_s) / max(len(demand) - 1, 1)
    for unit_s in (7 * DAY, DAY):
        if (units := math.floor((covered_s + HOUR) / unit_s)) >= 1:
            return units * unit_s
    return max(covered_s, HOUR) if demand.span_s > first_s else DAY


def grown(
    demand: Demand, percent_per_month: float, horizon_days: float | None, seed: int
) -> Demand:
    """Return the demand up to `horizon_days` (None: to the trace's end), growing every month.

    Copies of request `17` are called `17+3.1`: its first extra copy in the third repetition.

    Raises:
        InvalidParameter: if the growth is not above -100 %, the horizon not above 0, or the
            demand would grow too large.
    """
    check_seed(seed)
    if not -100 < percent_per_month < math.inf:
        raise InvalidParameter(f"growth is {percent_per_month} % a month; allowed: above -100")
    if horizon_days is not None and not 0 < horizon_days < math.inf:
        raise InvalidParameter(f"horizon is {horizon_days} days; allowed: more than 0")
    end_s = max(math.nextafter(demand.span_s, math.inf), period_s(demand))
    horizon_s = end_s if horizon_days is None else horizon_days * DAY
    if not len(demand) or (percent_per_month == 0 and horizon_s <= end_s):
        return demand.until(horizon_s)
    return _Growth(demand, percent_per_month / 100, end_s, horizon_s, seed).demand()


class _Growth:
    """One demand growing: every occurrence of every request up to the horizon."""

    def __init__(
        self, demand: Demand, rate: float, end_s: float, horizon_s: float, seed: int
    ) -> None:
        self.source = demand
        self.rate = rate
        self.end_s = end_s
        self.horizon_s = horizon_s
        self.seed = seed
        self.period_s = period_s(demand)
        self.batches = batch_of(demand)
        count = int(self.batches.max()) + 1
        self.chance = stream(seed, "demand/grown").random(count)[self.batches]

    def demand(self) -> Demand:
        """Return the requests that arrive before the horizon."""
        row, cycle = self._occurrences()
        first, count = self._copies(row, cycle)
        check_size(self.source.name, float(count.sum()), _SHORTER)
        times = count.astype(np.intp)
        row, cycle = np.repeat(row, times), np.repeat(cycle, times)
        starts = np.repeat(np.cumsum(times) - times, times)
        copy = np.repeat(first.astype(np.intp), times) + np.arange(len(row)) - starts
        arrival_s = self._arrivals(row, cycle, copy)
        kept = arrival_s < self.horizon_s
        row, cycle, copy = row[kept], cycle[kept], copy[kept]
        ids = self._ids(row, cycle, copy)
        return self.source.take(row, arrival_s=arrival_s[kept], ids=ids)

    def _occurrences(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return every request with every repetition it occurs in, as rows and cycles.

        They reach past the horizon by the time that a copy may come too early.
        """
        reach_s = self.horizon_s + jitter_s(self.source)
        cycles = math.ceil(reach_s / self.period_s)
        check_size(self.source.name, cycles * float(len(self.source)), _SHORTER)
        row = np.repeat(np.arange(len(self.source)), cycles)
        cycle = np.tile(np.arange(cycles), len(self.source))
        arrival_s = self.source.arrival_s[row]
        time_s = arrival_s + cycle * self.period_s
        repeated = (arrival_s < self.period_s) & (time_s >= self.end_s)
        occurs = (cycle == 0) | repeated | np.isinf(self.source.lifetime_s[row])
        occurs &= time_s < reach_s
        return row[occurs], cycle[occurs]

    def _copies(
        self, row: NDArray[np.intp], cycle: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the number of the first copy that arrives at each occurrence, and how many."""
        there = self._asked(row, cycle)
        lives_on = np.isinf(self.source.lifetime_s[row]) & (cycle > 0)
        first = np.where(lives_on, self._asked(row, cycle - 1), 0.0)
        return first, np.maximum(there - first, 0.0)

    def _asked(self, row: NDArray[np.intp], cycle: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how often each request is asked for in each repetition."""
        time_s = self.source.arrival_s[row] + cycle * self.period_s
        with np.errstate(over="ignore"):  # inf is refused by its size
            often: NDArray[np.float64] = (1 + self.rate) ** (time_s / MONTH)
        return np.floor(often + self.chance[row])

    def _arrivals(
        self, row: NDArray[np.intp], cycle: NDArray[np.intp], copy: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return when each copy arrives; copy 0 is the original and stays where it is."""
        arrival_s = self.source.arrival_s[row] + cycle * self.period_s
        for number in range(1, int(copy.max(initial=0)) + 1):
            moves = shifts(self.source, self.batches, self.seed, f"demand/grown/copy-{number}")
            those = copy == number
            arrival_s[those] = np.abs(arrival_s[those] + moves[row[those]])
        return arrival_s

    def _ids(
        self, row: NDArray[np.intp], cycle: NDArray[np.intp], copy: NDArray[np.intp]
    ) -> tuple[str, ...]:
        """Return the name of each copy: its request's own name for the original."""
        mark = copy_mark(self.source)
        names = self.source.names()
        again = zip(row.tolist(), cycle.tolist(), copy.tolist(), strict=True)
        return tuple(
            f"{names[source]}{mark}{repetition}.{number}" if repetition or number else names[source]
            for source, repetition, number in again
        )
