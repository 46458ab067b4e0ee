"""The storage and the addresses that are missing once there are hosts enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import size_text
from simulator.kernel import simulate
from simulator.placements import Reason, Resource
from simulator.planning.places import Place, Scope, cluster_place
from simulator.planning.recommend.record import Remedy
from simulator.planning.stocks import limit_of
from simulator.planning.watch import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Placements, Rules
    from simulator.workload import Demand

ROUNDS: Final = 5
"""So often the amounts found by sums are raised by an eighth until a simulation agrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Extra:
    """What is added: MiB as bought to every pool, addresses to every address pool."""

    storage: NDArray[np.int64]
    addresses: NDArray[np.int64]

    def raised(self) -> Extra:
        """Return an eighth more of everything that is added."""
        storage = np.where(self.storage > 0, self.storage + self.storage // 8 + 1024, 0)
        addresses = np.where(self.addresses > 0, self.addresses + self.addresses // 8 + 1, 0)
        return Extra(storage, addresses)

    def on(self, fleet: Fleet) -> Fleet:
        """Return the fleet with it."""
        return replace(
            fleet,
            pool_capacity_mib=fleet.pool_capacity_mib + self.storage,
            address_total=fleet.address_total + self.addresses,
        )


def missing(
    fleet: Fleet,
    demand: Demand,
    rules: Rules,
    roomy: Placements,
    stop: Callable[[], bool] | None = None,
) -> tuple[Remedy, ...]:
    """Return the storage and addresses to add so that none are refused for want of them.

    Args:
        fleet: hosts enough, with the pools and addresses there are.
        demand: the requests.
        rules: how they are placed.
        roomy: where they go when storage and addresses do not run out.
        stop: whether to give up.

    Raises:
        Stopped: it was given up.
    """
    if not _lacking(fleet, demand, rules, stop):
        return ()
    extra = Extra(_storage(fleet, demand, roomy), _addresses(fleet, demand, roomy))
    for _ in range(ROUNDS):
        if not _lacking(extra.on(fleet), demand, rules, stop):
            return tuple(_remedies(fleet, extra, verified=True))
        extra = extra.raised()
    return tuple(_remedies(fleet, extra, verified=False))


def _lacking(fleet: Fleet, demand: Demand, rules: Rules, stop: Callable[[], bool] | None) -> int:
    """Return how many requests are refused for storage or addresses."""
    placements = simulate(fleet, demand, rules, stop=stop)
    if placements.undecided:
        raise Stopped
    reason = placements.reason
    return int(np.count_nonzero((reason == Reason.STORAGE) | (reason == Reason.ADDRESS)))


def _storage(fleet: Fleet, demand: Demand, roomy: Placements) -> NDArray[np.int64]:
    """Return the MiB to add to every pool, as bought: by sums of the peak and one disk more.

    What a zone with zone-wide pools lacks goes to the first of them; otherwise what a cluster
    lacks goes to its first pool.
    """
    limit = limit_of(fleet.pool_usable_mib, fleet.pool_disable)
    disks = np.where(demand.disk_mib < 0, roomy.rules.default_disk_mib, demand.disk_mib)
    disk = int(disks.max(initial=0))
    per_zone = roomy.peaks(fleet, demand, Resource.STORAGE, "zone").amount
    per_cluster = roomy.peaks(fleet, demand, Resource.STORAGE, "cluster").amount
    extra = np.zeros(len(limit), np.int64)
    zone_wide = fleet.pool_cluster < 0
    for zone, peak in enumerate(per_zone.tolist()):
        wide = np.flatnonzero(zone_wide & (fleet.pool_zone == zone))
        if len(wide):
            extra[wide[0]] = peak + disk - limit[fleet.pool_zone == zone].sum()
    for cluster, peak in enumerate(per_cluster.tolist()):
        own = np.flatnonzero(fleet.pool_cluster == cluster)
        served = (zone_wide & (fleet.pool_zone == fleet.cluster_zone[cluster])).any()
        if len(own) and not served:
            extra[own[0]] = peak + disk - limit[own].sum()
    promise = fleet.pool_factor * np.minimum(fleet.pool_disable, 1.0)
    bought = np.ceil(np.maximum(extra, 0) / np.maximum(promise, 1e-9))
    return np.asarray(bought, np.int64)


def _addresses(fleet: Fleet, demand: Demand, roomy: Placements) -> NDArray[np.int64]:
    """Return the addresses to add to every pool of addresses."""
    peak = roomy.peaks(fleet, demand, Resource.ADDRESS, "address_pool").amount
    lacking: NDArray[np.int64] = np.maximum(peak - fleet.address_total, 0)
    return lacking


def _remedies(fleet: Fleet, extra: Extra, *, verified: bool) -> Iterator[Remedy]:
    for pool in np.flatnonzero(extra.storage).tolist():
        amount, name = int(extra.storage[pool]), fleet.pool_names[pool]
        text = f"add {size_text(amount)} to pool {name}"
        yield Remedy(Reason.STORAGE.label, _home(fleet, pool), amount, "MiB", text, verified)
    for pool in np.flatnonzero(extra.addresses).tolist():
        amount, name = int(extra.addresses[pool]), fleet.address_pool_names[pool]
        zone = _zone_of_addresses(fleet, pool)
        text = f"add {amount:,} addresses to {name}"
        yield Remedy(Reason.ADDRESS.label, zone, amount, "addresses", text, verified)


def _home(fleet: Fleet, pool: int) -> Place:
    cluster, zone = int(fleet.pool_cluster[pool]), int(fleet.pool_zone[pool])
    if cluster >= 0:
        return cluster_place(fleet, cluster)
    return Place(Scope.ZONE, zone, fleet.zone_names[zone])


def _zone_of_addresses(fleet: Fleet, pool: int) -> Place:
    served = np.flatnonzero(fleet.cluster_address_pool == pool)
    zone = int(fleet.cluster_zone[served[0]]) if len(served) else 0
    return Place(Scope.ZONE, zone, fleet.zone_names[zone])
