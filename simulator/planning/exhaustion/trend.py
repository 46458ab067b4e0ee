"""Where the peaks go when demand keeps growing: a time beyond the end of the simulation.

With a growth of `rate` a month the peak of a place at time t is

    base · more · (1 + rate) ** (t / month)

`base` is its peak in the run with the growth taken off: the most of A(t) / (1 + rate) **
(t / month), with A(t) what is allocated then. `more` is 1 unless requests were refused; else it
is how many times its peak the whole cloud would have reached, were nothing refused. A place
runs out when that meets its limit, less one typical request for each of its parts.

Where that is before the end of a run in which it did not run out, an early peak has misled:
`base` is then taken from the last week of the run. If that says the same, sums are too coarse
for the place, and all that is known is that it did not run out up to the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import DAY, MONTH
from simulator.placements import Resource
from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.steps import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Placements, Usage
    from simulator.planning.exhaustion.typical import Typical
    from simulator.planning.places import Scope
    from simulator.planning.stocks import Stock, Stocks
    from simulator.workload import Demand

FARTHEST_S: Final = 100 * 365.25 * DAY
"""What runs out later than in a century is said never to run out."""

_WEEK: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class Later:
    """When a resource runs out after the end of a run.

    Attributes:
        at_s: seconds from time 0; inf when it does not, as far as can be seen.
        until_s: how far could be seen, where it does not run out.
    """

    at_s: float
    until_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Trend:
    """How the peaks grow.

    Attributes:
        rate: growth a month, as a fraction.
        needs: what one typical request takes of each resource.
        more: what the peaks are multiplied by for requests that were refused.
    """

    rate: float
    needs: Mapping[Resource, int]
    more: Mapping[Resource, float]

    @classmethod
    def of(
        cls,
        fleet: Fleet,
        demand: Demand,
        placements: Placements,
        typical: Typical,
        rate: float,
    ) -> Self:
        """Return the trend of one run."""
        return cls(rate, typical.needs(fleet), unmet(demand, placements))

    def times(
        self, stocks: Stocks, scope: Scope, count: int, end_s: float
    ) -> list[dict[Shortage, Later]]:
        """Return for each of `count` places when the resources it has run out after `end_s`.

        What it says of `Shortage.ANY` is about the first of them.
        """
        found: list[dict[Shortage, Later]] = [{} for _ in range(count)]
        for stock in stocks:
            times = self._times(stock, scope, count, end_s)
            for place in np.unique(stock.homes[scope]).tolist():
                if place >= 0:
                    found[place][Shortage(stock.resource.value)] = times[place]
        for each in found:
            each[Shortage.ANY] = _first(each.values())
        return found

    def _times(self, stock: Stock, scope: Scope, count: int, end_s: float) -> list[Later]:
        room = np.maximum(stock.limit - self.needs[stock.resource], 0)
        amount = stock.sums(room, scope, count) + 1
        usage = stock.by(scope, count)
        first, again = (
            (base_peaks(usage, self.rate, since_s) * self.more[stock.resource]).tolist()
            for since_s in (0.0, max(end_s - _WEEK, 0.0))
        )
        return [
            self._later(bases, limit, end_s)
            for *bases, limit in zip(first, again, amount.tolist(), strict=True)
        ]

    def _later(self, bases: Iterable[float], amount: float, end_s: float) -> Later:
        """Return when the first of `bases` that does not say before `end_s` reaches `amount`."""
        for base in bases:
            at_s = reached_s(base, amount, self.rate)
            if at_s >= end_s:
                farthest_s = FARTHEST_S if self.rate > 0 else end_s
                return Later(at_s, math.inf if math.isfinite(at_s) else farthest_s)
        return Later(math.inf, end_s)


def _first(of: Iterable[Later]) -> Later:
    """Return when the first of several resources runs out, as far as is known of all."""
    known = list(of)
    at_s = min((each.at_s for each in known), default=math.inf)
    until_s = min((each.until_s for each in known), default=math.inf)
    return Later(at_s) if at_s <= until_s and at_s < math.inf else Later(math.inf, until_s)


def base_peaks(usage: Usage, rate: float, since_s: float = 0.0) -> NDArray[np.float64]:
    """Return the peak of every group from `since_s` on, with growth taken off, `(groups,)`."""
    peaks = np.zeros(usage.groups)
    until_s = np.append(usage.time_s[1:], np.inf)[: len(usage.time_s)]
    until_s[usage.start[1:][np.diff(usage.start) > 0] - 1] = np.inf
    kept = until_s > since_s
    time_s = np.maximum(usage.time_s[kept], since_s)
    level = usage.amount[kept] / (1 + rate) ** (time_s / MONTH)
    np.maximum.at(peaks, groups_of(usage)[kept], level)
    return peaks


def reached_s(base: float, amount: float, rate: float) -> float:
    """Return when base · (1 + rate) ** (t / month) reaches `amount`.

    It is 0 where base is no less, and inf where there is no growth or the time is too far.
    """
    if rate <= 0 or base <= 0:
        return math.inf
    if amount <= base:
        return 0.0
    time_s = MONTH * math.log(amount / base) / math.log1p(rate)
    return time_s if time_s <= FARTHEST_S else math.inf


def unmet(demand: Demand, placements: Placements) -> dict[Resource, float]:
    """Return how many times its peak each resource would have reached, were nothing refused.

    A cloud that refuses for RAM holds its CPU down as well; without this factor the CPU would
    seem to last for ever. Storage and addresses are taken to follow the number of VMs.
    """
    asked = np.arange(len(placements))
    admitted = np.flatnonzero(placements.host >= 0)
    if len(admitted) == len(asked):
        return dict.fromkeys(Resource, 1.0)

    def ratio(size: NDArray[np.integer]) -> float:
        return max(_peak(demand, asked, size) / max(_peak(demand, admitted, size), 1), 1.0)

    vms = ratio(np.ones(len(demand), np.int64))
    return {
        Resource.CPU: ratio(demand.vcpu),
        Resource.RAM: ratio(demand.ram_mib),
        Resource.STORAGE: vms,
        Resource.ADDRESS: vms,
    }


def _peak(demand: Demand, rows: NDArray[np.int64], size: NDArray[np.integer]) -> int:
    """Return the most that the requests at `rows` hold at a time; departures go first."""
    time_s = np.concatenate((demand.departure_s[rows], demand.arrival_s[rows]))
    own = size[rows].astype(np.int64)
    order = np.argsort(time_s, kind="stable")
    return int(np.cumsum(np.concatenate((-own, own))[order]).max(initial=0))
