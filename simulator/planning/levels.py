"""How much of every resource each zone, pod and cluster has, and how much of it is allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.places import Place, Scope, places
from simulator.planning.steps import means
from simulator.planning.stocks import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Resource
    from simulator.planning.stocks import Stock, Stocks


@dataclass(frozen=True, slots=True)
class Level:
    """One resource of one place: what there is, and what of it is allocated.

    Allocated is what VMs were promised. How much of that they use is not known: a demand says
    what VMs ask for, not what they do with it.

    Attributes:
        place: cloud, zone, pod or cluster.
        resource: CPU, RAM, storage or addresses.
        unit: MHz, MiB or addresses.
        hosts: hosts of the place that take VMs.
        total: as bought, spare hosts included.
        usable: what VMs may be promised: total times over-provisioning, without spare hosts.
        reserved: kept free for restarts on spare hosts, over-provisioned; not in `usable`.
        limit: how much may be allocated before placement stops: the disable threshold of the
            clusters and pools, or all that is usable where it is off.
        threshold: the disable threshold, a share of usable and reserved together; None when
            every one is off.
        allocated_mean: time-weighted, from 0 to the end of the demand.
        allocated_end: "now": at the end of the demand.
        allocated_peak: the most at any time.
        peak_at_s: when that was first reached, seconds from time 0.
    """

    place: Place
    resource: Resource
    unit: str
    hosts: int
    total: int
    usable: int
    reserved: int
    limit: int
    threshold: float | None
    allocated_mean: float
    allocated_end: int
    allocated_peak: int
    peak_at_s: float

    @property
    def share_peak(self) -> float:
        """Allocated at peak ÷ usable."""
        return self.allocated_peak / self.usable if self.usable else 0.0

    @property
    def limit_share(self) -> float | None:
        """Limit ÷ usable, which spare hosts lift above the threshold; None when that is off."""
        return None if self.threshold is None or not self.usable else self.limit / self.usable

    @property
    def share_of_threshold(self) -> float:
        """Allocated at peak ÷ limit: 1 where placement stopped."""
        return self.allocated_peak / self.limit if self.limit else 0.0

    @property
    def free_at_peak(self) -> int:
        """Usable but not allocated at peak; not all of it can be placed: see `Stranded`."""
        return self.usable - self.allocated_peak

    @property
    def overprovisioning(self) -> float:
        """How many times what was bought may be promised, spare hosts aside."""
        promised = self.usable + self.reserved
        return promised / self.total if self.total else 1.0


def levels_of(fleet: Fleet, stocks: Stocks, end_s: float) -> tuple[Level, ...]:
    """Return a line for every place and every resource that the place has of its own.

    Storage of zone-wide pools belongs to the zone, addresses to zone or pod; so clusters and
    pods may have no line for them.

    Args:
        fleet: the fleet the stocks are of.
        stocks: what there is and what was allocated.
        end_s: the moment that `allocated_end` is about, and until when the mean is taken.
    """
    by_scope = {scope: [at for at in places(fleet) if at.scope is scope] for scope in Scope}
    return tuple(
        level
        for scope, found in by_scope.items()
        for stock in stocks
        for level in _levels(stock, scope, found, _hosts(fleet, scope), end_s)
    )


def _hosts(fleet: Fleet, scope: Scope) -> NDArray[np.int64]:
    """Return how many hosts every place of a scope has."""
    cluster = fleet.host_cluster
    homes = {
        Scope.CLOUD: (np.zeros_like(cluster), 1),
        Scope.ZONE: (fleet.cluster_zone[cluster], len(fleet.zone_names)),
        Scope.POD: (fleet.cluster_pod[cluster], len(fleet.pod_names)),
        Scope.CLUSTER: (cluster, len(fleet.cluster_names)),
    }
    home, count = homes[scope]
    return np.bincount(home, minlength=count)


def _levels(
    stock: Stock, scope: Scope, found: list[Place], hosts: NDArray[np.int64], end_s: float
) -> Iterator[Level]:
    count = len(found)
    usage = stock.by(scope, count)
    total = stock.sums(stock.total, scope, count)
    usable = stock.sums(stock.usable, scope, count)
    reserved = stock.sums(stock.reserved, scope, count)
    limit = stock.sums(stock.limit, scope, count)
    mean, peaks = means(usage, end_s), usage.peaks()
    end = usage.at(np.array([end_s]))[0]
    for place in found:
        at = place.index
        if (stock.homes[scope] == at).any():
            yield Level(
                place=place,
                resource=stock.resource,
                unit=UNITS[stock.resource],
                hosts=int(hosts[at]),
                total=int(total[at]),
                usable=int(usable[at]),
                reserved=int(reserved[at]),
                limit=int(limit[at]),
                threshold=_threshold(stock, stock.homes[scope] == at),
                allocated_mean=float(mean[at]),
                allocated_end=int(end[at]),
                allocated_peak=int(peaks.amount[at]),
                peak_at_s=float(peaks.at_s[at]),
            )


def _threshold(stock: Stock, own: NDArray[np.bool_]) -> float | None:
    """Return the disable threshold of the parts of a place, weighted by what they have."""
    if not np.isfinite(stock.threshold[own]).any():
        return None
    share, counted = np.minimum(stock.threshold[own], 1.0), stock.counted[own]
    weighted = float(np.dot(share, counted))
    return round(weighted / int(counted.sum()), 9) if counted.sum() else float(share.mean())
