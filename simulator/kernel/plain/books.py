"""What is held and what is free; and the moves that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.kernel.accounts import counts_of, seats_of
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.kernel.plain.ask import Ask
    from simulator.kernel.tables import Choice, Layout, Requests


class Books:
    """The state of a run.

    What is read as a whole column is an array; what is read one by one is a list, several
    times as quick there.
    """

    def __init__(self, layout: Layout, requests: Requests, choice: Choice) -> None:
        clusters, zones = len(layout.cluster_pod), len(layout.zone_ordering)
        self.free_cpu, self.free_ram = _narrow(layout.host_cpu), _narrow(layout.host_ram)
        self.cluster_cpu, self.cluster_ram = [0] * clusters, [0] * clusters
        self.zone_used = [0] * zones
        self.cluster_share, self.zone_share = np.zeros(clusters), np.zeros(zones)
        self.pool_used = [0] * len(layout.pool_room)
        self.addresses: list[int] = layout.address_total.tolist()
        self.seats = seats_of(layout, choice)
        self.counts = counts_of(self.seats, requests.tenants)
        self._by_ram, self._clusters_by = choice.by_ram, choice.clusters
        self._has_order = clusters > 1 or choice.clusters != Order.INDEX
        self._pools_by_account = choice.pools == Order.LEAST_OF_ACCOUNT
        self._host_mhz: list[int] = layout.host_mhz.tolist()
        self._host_cluster: list[int] = layout.host_cluster.tolist()
        self._zone: list[int] = layout.cluster_zone.tolist()
        self._pod: list[int] = layout.cluster_pod.tolist()
        self._address_pool: list[int] = layout.cluster_addresses[layout.host_cluster].tolist()
        usable = layout.cluster_ram if choice.by_ram else layout.cluster_cpu
        self._cluster_usable: list[int] = usable.tolist()
        self._zone_usable: list[int] = layout.zone_ordering.tolist()
        self._requests = requests
        self._running: dict[int, tuple[Ask, int]] = {}

    def take(self, ask: Ask, host: int, pool: int) -> None:
        """Give the VM its CPU and RAM on `host`, its disk on `pool`, and an address."""
        self._running[ask.number] = ask, host
        self._book_host(ask, host, 1)
        self._book_pool(ask.disk, ask.account, host, pool, 1)

    def leave_host(self, number: int) -> None:
        """Give back CPU and RAM of request `number`, if it was admitted."""
        placed = self._running.pop(number, None)
        if placed is not None:
            self._book_host(*placed, -1)

    def leave_pool(self, number: int, host: int, pool: int) -> None:
        """Give back the disk on `pool` and the address of request `number`."""
        disk, account = self._requests.disk_mib.item(number), self._requests.tenant.item(number)
        self._book_pool(disk, account, host, pool, -1)

    def _book_host(self, ask: Ask, host: int, sign: int) -> None:
        """Take (`sign` 1) or give back (-1) CPU and RAM."""
        cpu, ram = sign * ask.vcpu * (ask.mhz or self._host_mhz[host]), sign * ask.ram
        cluster = self._host_cluster[host]
        self.free_cpu[host] -= cpu
        self.free_ram[host] -= ram
        self.cluster_cpu[cluster] += cpu
        self.cluster_ram[cluster] += ram
        if self._has_order:
            self._book_share(cluster, ram if self._by_ram else cpu)
            self._count(ask.account, host, cluster, sign)

    def _book_pool(self, disk: int, account: int, host: int, pool: int, sign: int) -> None:
        """Take (`sign` 1) or give back (-1) disk and address."""
        self.pool_used[pool] += sign * disk
        self.addresses[self._address_pool[host]] -= sign
        if self._pools_by_account:
            self.counts[account, self.seats.pool + pool] += sign

    def _book_share(self, cluster: int, change: int) -> None:
        """Bring the used shares of the cluster and its zone up to date."""
        used = self.cluster_ram if self._by_ram else self.cluster_cpu
        zone = self._zone[cluster]
        self.zone_used[zone] += change
        self.cluster_share[cluster] = used[cluster] / self._cluster_usable[cluster]
        self.zone_share[zone] = self.zone_used[zone] / self._zone_usable[zone]

    def _count(self, account: int, host: int, cluster: int, vms: int) -> None:
        """Count the account's VM where the algorithm will ask for it."""
        seats, counts = self.seats, self.counts
        if self._clusters_by == Order.LEAST_OF_ACCOUNT:
            counts[account, seats.total] += vms
            counts[account, seats.cluster + cluster] += vms
            counts[account, seats.host + host] += vms
        elif self._clusters_by == Order.MOST_OF_ACCOUNT:
            counts[account, seats.pod + self._pod[cluster]] += vms


def _narrow(column: NDArray[np.int64]) -> NDArray[np.int64] | NDArray[np.int32]:
    """Return a copy in 32 bits where they suffice: comparing it takes half the time."""
    if int(column.max(initial=0)) <= np.iinfo(np.int32).max:
        return column.astype(np.int32)
    return column.copy()
