"""What both engines read: fleet, requests and rules as plain columns.

Named tuples of arrays, because compiled code takes them as they are.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.kernel.times import released_at
from simulator.placements import Algorithm, CapacityType, Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.workload import Demand


class Order(IntEnum):
    """What comes first among clusters, hosts or pools that would all do."""

    INDEX = 0
    RANDOM = 1
    LEAST_OF_ACCOUNT = 2
    MOST_OF_ACCOUNT = 3
    LEAST_CONSUMED = 4


class Layout(NamedTuple):
    """The fleet: C clusters in Z zones, H hosts, S pools; amounts are over-provisioned.

    What clusters have, `cluster_cpu` and `cluster_ram`, counts their spare hosts in: shares and
    disable thresholds are of all of it. `ordering` amounts are of the resource by which zones
    and clusters are ordered. Hosts of cluster c are `host_start[c]` up to `host_start[c + 1]`;
    the pools that serve it are `pools[pool_start[c]:pool_start[c + 1]]`, in index order.
    """

    zone_ordering: NDArray[np.int64]
    cluster_zone: NDArray[np.int32]
    cluster_pod: NDArray[np.int32]
    cluster_addresses: NDArray[np.int32]
    cluster_cpu: NDArray[np.int64]
    cluster_ram: NDArray[np.int64]
    cpu_disable: NDArray[np.float64]
    ram_disable: NDArray[np.float64]
    first_mhz: NDArray[np.int64]
    least_mhz: NDArray[np.int64]
    most_mhz: NDArray[np.int64]
    least_cores: NDArray[np.int64]
    host_start: NDArray[np.int64]
    host_cluster: NDArray[np.int32]
    host_cores: NDArray[np.int32]
    host_mhz: NDArray[np.int32]
    host_cpu: NDArray[np.int64]
    host_ram: NDArray[np.int64]
    pool_start: NDArray[np.int64]
    pools: NDArray[np.int32]
    pool_room: NDArray[np.int64]
    pool_size: NDArray[np.float64]
    pool_disable: NDArray[np.float64]
    address_total: NDArray[np.int64]
    pods: int


class Requests(NamedTuple):
    """The demand: n requests in order of arrival, and the order in which they leave."""

    arrival_s: NDArray[np.float64]
    departure_s: NDArray[np.float64]
    released_s: NDArray[np.float64]
    leaving: NDArray[np.int32]
    vcpu: NDArray[np.int32]
    ram_mib: NDArray[np.int64]
    disk_mib: NDArray[np.int64]
    cpu_mhz: NDArray[np.int32]
    tenant: NDArray[np.int32]
    tenants: int


class Choice(NamedTuple):
    """The rules: which order holds for clusters, hosts and pools."""

    clusters: int
    hosts: int
    pools: int
    by_ram: bool
    weight: float
    seed: np.uint64


class Outcome(NamedTuple):
    """Where the engines write: one row a request; -1 and `Reason` as in `Placements`."""

    host: NDArray[np.int32]
    pool: NDArray[np.int32]
    reason: NDArray[np.int8]


_ORDERS: dict[str, tuple[Order, Order, Order]] = {
    Algorithm.RANDOM: (Order.INDEX, Order.RANDOM, Order.RANDOM),
    Algorithm.FIRST_FIT: (Order.INDEX, Order.INDEX, Order.INDEX),
    Algorithm.USER_DISPERSING: (
        Order.LEAST_OF_ACCOUNT,
        Order.LEAST_OF_ACCOUNT,
        Order.LEAST_OF_ACCOUNT,
    ),
    Algorithm.USER_CONCENTRATED_POD_RANDOM: (
        Order.MOST_OF_ACCOUNT,
        Order.RANDOM,
        Order.RANDOM,
    ),
    Algorithm.USER_CONCENTRATED_POD_FIRST_FIT: (
        Order.MOST_OF_ACCOUNT,
        Order.INDEX,
        Order.INDEX,
    ),
    Algorithm.FIRST_FIT_LEAST_CONSUMED: (Order.INDEX, Order.LEAST_CONSUMED, Order.INDEX),
}


def choice_of(rules: Rules) -> Choice:
    """Return the orders behind CloudStack's name of the algorithm."""
    clusters, hosts, pools = _ORDERS[rules.algorithm]
    return Choice(
        clusters=int(clusters),
        hosts=int(hosts),
        pools=int(pools),
        by_ram=rules.order_clusters_by == CapacityType.RAM,
        weight=rules.weight,
        seed=np.uint64(rules.seed % (1 << 64)),
    )


def requests_of(demand: Demand, rules: Rules) -> Requests:
    """Return the demand's columns with the times at which each VM gives things back."""
    departure = np.asarray(demand.departure_s, np.float64)
    return Requests(
        arrival_s=np.ascontiguousarray(demand.arrival_s, np.float64),
        departure_s=departure,
        released_s=released_at(departure, rules.expunge_delay_s, rules.expunge_interval_s),
        leaving=np.argsort(departure, kind="stable").astype(np.int32),
        vcpu=np.ascontiguousarray(demand.vcpu, np.int32),
        ram_mib=np.ascontiguousarray(demand.ram_mib, np.int64),
        disk_mib=np.where(demand.disk_mib < 0, rules.default_disk_mib, demand.disk_mib),
        cpu_mhz=np.ascontiguousarray(demand.cpu_mhz, np.int32),
        tenant=np.ascontiguousarray(demand.tenant, np.int32),
        tenants=int(demand.tenant.max(initial=-1)) + 1,
    )


def outcome_of(count: int) -> Outcome:
    """Return the columns of `count` requests that are not yet decided."""
    return Outcome(
        host=np.full(count, -1, np.int32),
        pool=np.full(count, -1, np.int32),
        reason=np.zeros(count, np.int8),
    )


def layout_of(fleet: Fleet, *, by_ram: bool) -> Layout:
    """Return the fleet's columns; zones and clusters are ordered by RAM or else by CPU."""
    host_cpu, host_ram = fleet.usable_cpu_mhz, fleet.usable_ram_mib
    cluster_cpu = fleet.per_cluster(host_cpu) + fleet.spare_cpu_mhz
    cluster_ram = fleet.per_cluster(host_ram) + fleet.spare_ram_mib
    zone_ordering = np.zeros(len(fleet.zone_names), np.int64)
    np.add.at(zone_ordering, fleet.cluster_zone, cluster_ram if by_ram else cluster_cpu)
    start = fleet.cluster_start
    pool_start, pools = _pools(fleet)
    return Layout(
        zone_ordering=zone_ordering,
        cluster_zone=fleet.cluster_zone,
        cluster_pod=np.ascontiguousarray(fleet.cluster_pod, np.int32),
        cluster_addresses=np.ascontiguousarray(fleet.cluster_address_pool, np.int32),
        cluster_cpu=cluster_cpu,
        cluster_ram=cluster_ram,
        cpu_disable=np.ascontiguousarray(fleet.cpu_disable, np.float64),
        ram_disable=np.ascontiguousarray(fleet.ram_disable, np.float64),
        first_mhz=fleet.first_mhz,
        least_mhz=_of_clusters(fleet.host_mhz, start, np.min),
        most_mhz=_of_clusters(fleet.host_mhz, start, np.max),
        least_cores=_of_clusters(fleet.host_cores, start, np.min),
        host_start=start,
        host_cluster=np.ascontiguousarray(fleet.host_cluster, np.int32),
        host_cores=np.ascontiguousarray(fleet.host_cores, np.int32),
        host_mhz=np.ascontiguousarray(fleet.host_mhz, np.int32),
        host_cpu=host_cpu,
        host_ram=host_ram,
        pool_start=pool_start,
        pools=pools,
        pool_room=fleet.pool_usable_mib,
        pool_size=fleet.pool_capacity_mib * fleet.pool_factor,
        pool_disable=np.ascontiguousarray(fleet.pool_disable, np.float64),
        address_total=np.ascontiguousarray(fleet.address_total, np.int64),
        pods=len(fleet.pod_names),
    )


def _of_clusters(
    column: NDArray[np.int32],
    start: NDArray[np.int64],
    one: Callable[[NDArray[np.int32]], np.int32],
) -> NDArray[np.int64]:
    """Return `one` number out of each cluster's part of a column of hosts; 0 where it is empty."""
    parts = (column[begin:end] for begin, end in pairwise(start))
    return np.array([one(part) if len(part) else 0 for part in parts], np.int64)


def _pools(fleet: Fleet) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where the pools of every cluster begin, and the pools one cluster after another."""
    serving = []
    for cluster, zone in enumerate(fleet.cluster_zone):
        zone_wide = (fleet.pool_cluster == -1) & (fleet.pool_zone == zone)
        serving.append(np.flatnonzero(zone_wide | (fleet.pool_cluster == cluster)))
    start = np.cumsum([0, *(len(pools) for pools in serving)], dtype=np.int64)
    joined = np.concatenate(serving) if serving else np.zeros(0)
    return start, joined.astype(np.int32)
