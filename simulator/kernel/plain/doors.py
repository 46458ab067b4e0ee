"""Which clusters are closed to a VM, and why nobody took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.kernel.plain.ask import Ask, Need
    from simulator.kernel.plain.books import Books
    from simulator.kernel.tables import Layout


class Doors:
    """Thresholds and addresses of clusters, and the reasons of refusals."""

    def __init__(self, layout: Layout, books: Books) -> None:
        self._layout, self._books = layout, books
        self._cpu: list[int] = layout.cluster_cpu.tolist()
        self._ram: list[int] = layout.cluster_ram.tolist()
        self._cpu_disable: list[float] = layout.cpu_disable.tolist()
        self._ram_disable: list[float] = layout.ram_disable.tolist()
        thresholds = np.minimum(layout.cpu_disable, layout.ram_disable)
        self._has_threshold: list[bool] = np.isfinite(thresholds).tolist()
        self._address_pool: list[int] = layout.cluster_addresses.tolist()

    def are_closed(self, cluster: int, ask: Ask, need: Need) -> bool:
        """Tell whether a cluster that has hosts may not be asked."""
        return not self._has_address(cluster) or (
            self._has_threshold[cluster] and self._is_over(cluster, ask, need)
        )

    def _has_address(self, cluster: int) -> bool:
        return self._books.addresses[self._address_pool[cluster]] > 0

    def _is_over(self, cluster: int, ask: Ask, need: Need) -> bool:
        """Tell whether the VM would lift the cluster over a disable threshold."""
        books = self._books
        cpu = books.cluster_cpu[cluster] + need.in_cluster[cluster]
        ram = books.cluster_ram[cluster] + ask.ram
        return (
            cpu / self._cpu[cluster] > self._cpu_disable[cluster]
            or ram / self._ram[cluster] > self._ram_disable[cluster]
        )

    def refusal(
        self, ask: Ask, need: Need, fits: NDArray[np.bool_], *, lacked_pool: bool
    ) -> Reason:
        """Return the reason: what hindered a host with room, else what the hosts are short of.

        Args:
            ask: the request that nobody took.
            need: what it takes.
            fits: `(H,)`, which hosts could take it but for their cluster.
            lacked_pool: a cluster had a host for it and no pool.
        """
        if not fits.any():
            return self._shortage(ask, need)
        for cluster in np.unique(self._layout.host_cluster[fits]).tolist():
            if not self._has_address(cluster) and not self._is_over(cluster, ask, need):
                return Reason.ADDRESS
        return Reason.STORAGE if lacked_pool else Reason.THRESHOLD

    def _shortage(self, ask: Ask, need: Need) -> Reason:
        """Return what the hosts that could hold the VM when empty are short of."""
        layout, books = self._layout, self._books
        possible = (layout.host_cpu >= need.cpu) & (layout.host_ram >= ask.ram)
        if need.suits is not None:
            possible &= need.suits
        if not possible.any():
            return Reason.SIZE
        short_of_cpu, short_of_ram = books.free_cpu < need.cpu, books.free_ram < ask.ram
        cpu_only = bool((possible & short_of_cpu & ~short_of_ram).any())
        ram_only = bool((possible & short_of_ram & ~short_of_cpu).any())
        if cpu_only == ram_only:
            return Reason.CPU_AND_RAM
        return Reason.CPU if cpu_only else Reason.RAM
