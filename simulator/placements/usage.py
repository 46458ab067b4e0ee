"""What was allocated when: step functions of every group, by sorting, without a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.placements.choices import check_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements.asked import Asked
    from simulator.placements.record import Placements


class Resource(StrEnum):
    """What is allocated: CPU in MHz, RAM and storage in MiB, addresses and VMs as counts."""

    CPU = "cpu"
    RAM = "ram"
    STORAGE = "storage"
    ADDRESS = "address"
    VM = "vm"


class Scope(StrEnum):
    """What it is allocated in; a storage or address pool holds only its own resource."""

    ZONE = "zone"
    POD = "pod"
    CLUSTER = "cluster"
    HOST = "host"
    POOL = "pool"
    ADDRESS_POOL = "address_pool"


class Peaks(NamedTuple):
    """The highest allocation of every group, and when it was first reached."""

    amount: NDArray[np.int64]
    at_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Usage:
    """Step functions of time, one a group: changes of group g stand in `slice_of(g)`.

    Attributes:
        groups: how many groups there are.
        start: `(groups + 1,)` where every group's changes begin.
        time_s: `(k,)` instants of change, ascending inside a group.
        amount: `(k,)` allocated from that instant on.
    """

    groups: int
    start: NDArray[np.int64]
    time_s: NDArray[np.float64]
    amount: NDArray[np.int64]

    def slice_of(self, group: int) -> slice:
        """Return where the changes of `group` stand."""
        return slice(int(self.start[group]), int(self.start[group + 1]))

    def of(self, group: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return instants and allocations of one group; before the first it is 0."""
        where = self.slice_of(group)
        return self.time_s[where], self.amount[where]

    def peaks(self) -> Peaks:
        """Return the highest allocation of every group and the first time it was reached."""
        amount = np.zeros(self.groups, np.int64)
        at_s = np.zeros(self.groups)
        for group in range(self.groups):
            times, amounts = self.of(group)
            if len(times):
                top = int(np.argmax(amounts))
                amount[group], at_s[group] = amounts[top], times[top]
        return Peaks(amount, at_s)

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return what every group holds at `times_s`, `(len(times_s), groups)`."""
        values = np.zeros((len(times_s), self.groups), np.int64)
        for group in range(self.groups):
            times, amounts = self.of(group)
            last = np.searchsorted(times, times_s, side="right") - 1
            known = last >= 0
            values[known, group] = amounts[last[known]]
        return values

    def table(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return every instant of change and what every group holds then."""
        times = np.unique(self.time_s)
        return times, self.at(times)


def usage(placements: Placements, fleet: Fleet, demand: Asked, resource: str, by: str) -> Usage:
    """Return the allocation of `resource` in every `by` as step functions of time.

    Raises:
        InvalidParameter: no such resource or scope, or the scope does not hold the resource.
    """
    check_choice("resource", resource, Resource)
    check_choice("scope", by, Scope)
    what, where = Resource(resource), Scope(by)
    placed = np.flatnonzero(placements.host >= 0)
    size = _sizes(placements, fleet, demand, what, placed)
    group, groups = _groups(placements, fleet, what, where, placed)
    held = what in {Resource.STORAGE, Resource.ADDRESS}
    end = (placements.released_s if held else placements.end_s)[placed]
    return _steps(group, groups, placements.start_s[placed], end, size)


def _sizes(
    placements: Placements,
    fleet: Fleet,
    demand: Asked,
    resource: Resource,
    placed: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return what every placed VM takes of `resource`."""
    if resource is Resource.CPU:
        asked = demand.cpu_mhz[placed]
        own_speed = fleet.host_mhz[placements.host[placed]]
        speed = np.where(asked > 0, asked, own_speed).astype(np.int64)
        return np.asarray(demand.vcpu[placed] * speed, np.int64)
    if resource is Resource.RAM:
        return np.asarray(demand.ram_mib[placed], np.int64)
    if resource is Resource.STORAGE:
        disk = demand.disk_mib[placed]
        return np.where(disk < 0, placements.rules.default_disk_mib, disk).astype(np.int64)
    return np.ones(len(placed), np.int64)


def _groups(
    placements: Placements,
    fleet: Fleet,
    resource: Resource,
    scope: Scope,
    placed: NDArray[np.int64],
) -> tuple[NDArray[np.int32], int]:
    """Return the group of every placed VM, and how many groups there are."""
    own = {Scope.POOL: Resource.STORAGE, Scope.ADDRESS_POOL: Resource.ADDRESS}.get(scope, resource)
    if own is not resource:
        message = f"by {scope} there is {own} and no {resource}; ask by cluster"
        raise InvalidParameter(message)
    if scope is Scope.POOL:
        return placements.pool[placed], len(fleet.pool_names)
    host = placements.host[placed]
    if scope is Scope.HOST:
        return host, len(fleet.host_names)
    cluster = fleet.host_cluster[host]
    if scope is Scope.CLUSTER:
        return cluster, len(fleet.cluster_names)
    if scope is Scope.POD:
        return fleet.cluster_pod[cluster], len(fleet.pod_names)
    if scope is Scope.ZONE:
        return fleet.cluster_zone[cluster], len(fleet.zone_names)
    return fleet.cluster_address_pool[cluster], len(fleet.address_pool_names)


def _steps(
    group: NDArray[np.int32],
    groups: int,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    size: NDArray[np.int64],
) -> Usage:
    """Return the running sums of `size` over every group, one row for an instant of change."""
    ends = np.flatnonzero(np.isfinite(end))
    time_s = np.concatenate((start, end[ends]))
    change = np.concatenate((size, -size[ends]))
    of_group = np.concatenate((group, group[ends]))
    order = np.lexsort((time_s, of_group))
    time_s, of_group = time_s[order], of_group[order]
    total = np.cumsum(change[order])
    last = np.ones(len(order), np.bool_)
    last[:-1] = (time_s[1:] != time_s[:-1]) | (of_group[1:] != of_group[:-1])
    time_s, of_group, total = time_s[last], of_group[last], total[last]
    begin = np.searchsorted(of_group, np.arange(groups + 1))
    before = np.concatenate((np.zeros(1, np.int64), total))[begin[:-1]]
    return Usage(groups, begin, time_s, total - np.repeat(before, np.diff(begin)))
