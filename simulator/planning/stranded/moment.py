"""One cluster at the moment when it is fullest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.placements import Usage
    from simulator.planning.exhaustion import Typical
    from simulator.planning.site import Site
    from simulator.planning.stocks import Stock, Stocks

Pair = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
"""CPU (MHz) and RAM (MiB) of every host of the cluster, `(hosts,)` each."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a cluster holds and could still hold.

    Attributes:
        at_s: when, seconds from time 0.
        taken: allocated on every host.
        free: usable and not allocated on every host.
        size: what a VM of the typical size takes on every host.
    """

    site: Site
    stocks: Stocks
    typical: Typical
    cluster: int
    at_s: float
    taken: Pair
    free: Pair
    size: Pair

    def fits(self) -> Pair:
        """Return how many typical VMs fit on every host if only CPU, or only RAM, counted."""
        fleet = self.site.fleet
        can_run = self.typical.can_run(fleet)[own_hosts(self.site, self.cluster)]
        (free_cpu, free_ram), (cpu, ram) = self.free, self.size
        return np.where(can_run, free_cpu // cpu, 0), np.where(can_run, free_ram // ram, 0)

    def rest(self, stock: Stock, part: int) -> int:
        """Return how much of a part of `stock` may be allocated before placement stops."""
        held = held_at(stock.usage, slice(part, part + 1), self.at_s)
        return int(stock.limit[part]) - int(held[0])


def peak_of(site: Site, stocks: Stocks, typical: Typical, cluster: int) -> Moment:
    """Return `cluster` when the fuller of its CPU and RAM is at its peak."""
    fleet, own = site.fleet, own_hosts(site, cluster)
    at_s = _peak_s(stocks, cluster)
    taken = held_at(stocks.host_cpu, own, at_s), held_at(stocks.host_ram, own, at_s)
    return Moment(
        site=site,
        stocks=stocks,
        typical=typical,
        cluster=cluster,
        at_s=at_s,
        taken=taken,
        free=(fleet.usable_cpu_mhz[own] - taken[0], fleet.usable_ram_mib[own] - taken[1]),
        size=(
            typical.cpu_on(fleet.host_mhz[own]),
            np.full(own.stop - own.start, typical.ram_mib, np.int64),
        ),
    )


def own_hosts(site: Site, cluster: int) -> slice:
    """Return where the hosts of `cluster` stand in the fleet."""
    begin, end = site.fleet.cluster_start[cluster : cluster + 2]
    return slice(int(begin), int(end))


def held_at(usage: Usage, groups: slice, at_s: float) -> NDArray[np.int64]:
    """Return what each of `groups` holds at `at_s`."""
    held = np.zeros(groups.stop - groups.start, np.int64)
    for place, group in enumerate(range(groups.start, groups.stop)):
        times, amounts = usage.of(group)
        row = int(np.searchsorted(times, at_s, side="right")) - 1
        held[place] = amounts[row] if row >= 0 else 0
    return held


def _peak_s(stocks: Stocks, cluster: int) -> float:
    best_share, best_s = 0.0, 0.0
    for stock in (stocks.cpu, stocks.ram):
        times, amounts = stock.usage.of(cluster)
        top = int(np.argmax(amounts)) if len(amounts) else 0
        share = int(amounts[top]) / int(stock.usable[cluster]) if len(amounts) else 0.0
        if share > best_share:
            best_share, best_s = share, float(times[top])
    return best_s
