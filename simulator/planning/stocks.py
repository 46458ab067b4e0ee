"""Every resource in its smallest parts: how much there is, what holds it, and who owns it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Resource
from simulator.planning.places import Scope
from simulator.planning.steps import merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Placements, Usage
    from simulator.planning.site import Site
    from simulator.workload import Demand

Homes = dict[Scope, "NDArray[np.int64]"]
"""For every scope the place of every part; -1 for a part that belongs to none."""

UNITS: Mapping[Resource, str] = {
    Resource.CPU: "MHz",
    Resource.RAM: "MiB",
    Resource.STORAGE: "MiB",
    Resource.ADDRESS: "addresses",
}


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """One resource: CPU and RAM by cluster, storage by pool, addresses by address pool.

    Attributes:
        resource: which one.
        total: `(parts,)` as bought.
        usable: `(parts,)` what VMs may be promised, over-provisioned.
        reserved: `(parts,)` kept for restarts on spare hosts; not part of `usable`.
        threshold: `(parts,)` the disable threshold, a share of `counted`; inf when off.
        usage: what is allocated over time, by part.
        homes: which place every part belongs to.
    """

    resource: Resource
    total: NDArray[np.int64]
    usable: NDArray[np.int64]
    reserved: NDArray[np.int64]
    threshold: NDArray[np.float64]
    usage: Usage
    homes: Homes
    _sums: dict[tuple[int, bytes], Usage] = field(default_factory=dict)

    @property
    def counted(self) -> NDArray[np.int64]:
        """What the disable threshold is a share of: spare hosts count, too, `(parts,)`."""
        return self.usable + self.reserved

    @property
    def limit(self) -> NDArray[np.int64]:
        """Where placement stops: the disable threshold, or all that is usable, `(parts,)`."""
        return limit_of(self.usable, self.threshold, self.reserved)

    def by(self, scope: Scope, places: int) -> Usage:
        """Return what is allocated over time in every place of a scope."""
        home = self.homes[scope]
        if places == self.usage.groups and np.array_equal(home, np.arange(places)):
            return self.usage
        key = places, home.tobytes()
        if key not in self._sums:
            self._sums[key] = merged(self.usage, home, places)
        return self._sums[key]

    def whole(self) -> Usage:
        """Return what is allocated over time in the whole cloud, one step function."""
        return self.by(Scope.CLOUD, 1)

    def sums(self, column: NDArray[np.int64], scope: Scope, places: int) -> NDArray[np.int64]:
        """Return the sum of a column over every place of a scope, `(places,)`."""
        home = self.homes[scope]
        total = np.zeros(places, np.int64)
        np.add.at(total, home[home >= 0], column[home >= 0])
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Stocks:
    """Everything a run allocated.

    Attributes:
        host_cpu: CPU allocated over time on every host, MHz.
        host_ram: RAM allocated over time on every host, MiB.
    """

    cpu: Stock
    ram: Stock
    storage: Stock
    address: Stock
    host_cpu: Usage
    host_ram: Usage

    def __iter__(self) -> Iterator[Stock]:
        """Return the four resources in the order of the plan."""
        return iter((self.cpu, self.ram, self.storage, self.address))


def limit_of(
    usable: NDArray[np.int64],
    threshold: NDArray[np.float64],
    spare: NDArray[np.int64] | int = 0,
) -> NDArray[np.int64]:
    """Return how much may be allocated: all that is usable where the threshold is off.

    Else the threshold times what is usable and what spare hosts have, rounded down, as far as
    that is usable.
    """
    share = np.minimum(threshold, 1.0)
    below = np.floor((usable + spare) * share + 1e-6)  # 0.85 * 100 is 84.99999999999999
    return np.minimum(np.asarray(below, np.int64), usable)


def largest_of(fleet: Fleet, usable: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the largest of a column of hosts in every cluster, `(clusters,)`."""
    largest = np.zeros(len(fleet.cluster_names), np.int64)
    np.maximum.at(largest, fleet.host_cluster, usable)
    return largest


def stocks_of(site: Site, placements: Placements, demand: Demand) -> Stocks:
    """Return the stock of every resource, with what `placements` took of it."""
    fleet, clusters = site.fleet, len(site.fleet.cluster_names)
    host_cpu = placements.usage(fleet, demand, Resource.CPU, "host")
    host_ram = placements.usage(fleet, demand, Resource.RAM, "host")
    spare_cpu, spare_ram = site.spare_hardware()
    homes = _homes(np.arange(clusters), fleet.cluster_pod, fleet.cluster_zone)
    cpu = Stock(
        resource=Resource.CPU,
        total=fleet.per_cluster(fleet.host_cpu_mhz) + spare_cpu,
        usable=fleet.per_cluster(fleet.usable_cpu_mhz),
        reserved=fleet.spare_cpu_mhz,
        threshold=fleet.cpu_disable,
        usage=merged(host_cpu, fleet.host_cluster, clusters),
        homes=homes,
    )
    ram = Stock(
        resource=Resource.RAM,
        total=fleet.per_cluster(fleet.host_ram_mib) + spare_ram,
        usable=fleet.per_cluster(fleet.usable_ram_mib),
        reserved=fleet.spare_ram_mib,
        threshold=fleet.ram_disable,
        usage=merged(host_ram, fleet.host_cluster, clusters),
        homes=homes,
    )
    storage = Stock(
        resource=Resource.STORAGE,
        total=fleet.pool_capacity_mib,
        usable=fleet.pool_usable_mib,
        reserved=np.zeros_like(fleet.pool_capacity_mib),
        threshold=fleet.pool_disable,
        usage=placements.usage(fleet, demand, Resource.STORAGE, "pool"),
        homes=_pool_homes(fleet),
    )
    address = Stock(
        resource=Resource.ADDRESS,
        total=fleet.address_total,
        usable=fleet.address_total,
        reserved=np.zeros_like(fleet.address_total),
        threshold=np.full(len(fleet.address_total), np.inf),
        usage=placements.usage(fleet, demand, Resource.ADDRESS, "address_pool"),
        homes=_address_homes(fleet),
    )
    return Stocks(cpu, ram, storage, address, host_cpu, host_ram)


def _homes(
    cluster: NDArray[np.integer],
    pod: NDArray[np.integer],
    zone: NDArray[np.integer],
) -> Homes:
    return {
        Scope.CLOUD: np.zeros(len(zone), np.int64),
        Scope.ZONE: zone.astype(np.int64),
        Scope.POD: pod.astype(np.int64),
        Scope.CLUSTER: cluster.astype(np.int64),
    }


def _pool_homes(fleet: Fleet) -> Homes:
    """Return where pools belong: a zone-wide pool to its zone alone."""
    pods = np.append(fleet.cluster_pod, -1)  # index -1 finds the last: no pod
    return _homes(fleet.pool_cluster, pods[fleet.pool_cluster], fleet.pool_zone)


def _address_homes(fleet: Fleet) -> Homes:
    """Return where address pools belong: to the one pod they serve, or to the whole zone."""
    count = len(fleet.address_total)
    pod, zone = np.full(count, -1), np.full(count, -1)
    for pool in range(count):
        served = np.flatnonzero(fleet.cluster_address_pool == pool)
        pods = np.unique(fleet.cluster_pod[served])
        pod[pool] = pods[0] if len(pods) == 1 else -1
        zone[pool] = fleet.pod_zone[pods[0]] if len(pods) else 0
    return _homes(np.full(count, -1), pod, zone)
