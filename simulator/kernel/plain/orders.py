"""Who comes first: the order of clusters, and the host and the pool that are taken."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.streams import draw
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.kernel.plain.ask import Ask
    from simulator.kernel.plain.books import Books
    from simulator.kernel.tables import Choice, Layout


class Orders:
    """The orders of one algorithm over one fleet."""

    def __init__(self, layout: Layout, choice: Choice, books: Books) -> None:
        self._layout, self._choice, self._books = layout, choice, books
        self._seed = int(choice.seed)
        self._pools: list[list[int]] = [
            layout.pools[begin:end].tolist() for begin, end in pairwise(layout.pool_start.tolist())
        ]
        self._room: list[int] = layout.pool_room.tolist()
        self._size: list[float] = layout.pool_size.tolist()
        self._disable: list[float] = layout.pool_disable.tolist()
        self._host_usable = layout.host_ram if choice.by_ram else layout.host_cpu

    def clusters(self, account: int) -> list[int]:
        """Return all clusters in the order in which a VM of the account asks them.

        By the zone's used share and index, the account's key, the cluster's used share and
        index.
        """
        books, zone = self._books, self._layout.cluster_zone
        if len(zone) == 1:
            return [0]
        keys = (books.cluster_share, self._account_key(account), zone, books.zone_share[zone])
        order: list[int] = np.lexsort(keys).tolist()
        return order

    def _account_key(self, account: int) -> NDArray[np.float64]:
        """Return what orders clusters before their used share: smaller comes first."""
        books, seats, choice = self._books, self._books.seats, self._choice
        if choice.clusters == Order.LEAST_OF_ACCOUNT:
            total = int(books.counts[account, seats.total])
            here = books.counts[account, seats.cluster : seats.host] / max(total, 1)
            blend = books.cluster_share * (1.0 - choice.weight) + here * choice.weight
            return np.asarray(blend, np.float64)
        if choice.clusters == Order.MOST_OF_ACCOUNT:
            there = books.counts[account, seats.pod + self._layout.cluster_pod]
            return np.asarray(-there, np.float64)
        return np.zeros(len(self._layout.cluster_pod))

    def host(self, ask: Ask, cluster: int, begin: int, fits: NDArray[np.bool_]) -> int:
        """Return the host of the cluster that the algorithm takes, -1 when none fits.

        Args:
            ask: the request.
            cluster: the cluster that is asked.
            begin: index of its first host.
            fits: `(its hosts,)`, which of them can take the VM.
        """
        first = int(fits.argmax())
        if not fits[first]:
            return -1
        if self._choice.hosts == Order.INDEX:
            return begin + first
        fitting = begin + np.flatnonzero(fits)
        return int(fitting[self._pick(ask, cluster, fitting)])

    def _pick(self, ask: Ask, cluster: int, fitting: NDArray[np.int64]) -> int:
        """Return which of the fitting hosts is taken; ties go to the lowest index."""
        kind, books = self._choice.hosts, self._books
        if kind == Order.RANDOM:
            return int(draw(self._seed, ask.number, 2 * cluster) * len(fitting))
        if kind == Order.LEAST_OF_ACCOUNT:
            return int(books.counts[ask.account, books.seats.host + fitting].argmin())
        free = books.free_ram if self._choice.by_ram else books.free_cpu
        return int((free[fitting] / self._host_usable[fitting]).argmax())

    def pool(self, ask: Ask, cluster: int) -> int:
        """Return the pool of the cluster or its zone that the algorithm takes, or -1."""
        serving = self._pools[cluster]
        if self._choice.pools == Order.INDEX:
            return next((pool for pool in serving if self._has_room(pool, ask.disk)), -1)
        pools = [pool for pool in serving if self._has_room(pool, ask.disk)]
        if not pools:
            return -1
        if self._choice.pools == Order.RANDOM:
            chosen = int(draw(self._seed, ask.number, 2 * cluster + 1) * len(pools))
            return pools[chosen]
        seats = np.array(pools) + self._books.seats.pool
        return pools[int(self._books.counts[ask.account, seats].argmin())]

    def _has_room(self, pool: int, disk: int) -> bool:
        """Tell whether the disk fits and keeps the pool below its disable threshold."""
        asked = self._books.pool_used[pool] + disk
        if asked > self._room[pool]:
            return False
        size = self._size[pool]
        return size == 0 or not asked / size >= self._disable[pool]
