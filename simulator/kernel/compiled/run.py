"""The loop over the requests, kept as machine code between processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.books import books_of, write_requests
from simulator.kernel.compiled.clusters import next_cluster
from simulator.kernel.compiled.hosts import choose_host
from simulator.kernel.compiled.jit import compiled, compiled_and_kept, sources_checksum
from simulator.kernel.compiled.moves import book_disk, book_host
from simulator.kernel.compiled.pools import choose_pool
from simulator.kernel.compiled.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from simulator.kernel.compiled.rows import (
        Addresses,
        Cluster,
        Counts,
        Free,
        Host,
        Marks,
        Pool,
        Request,
        Settings,
        Zone,
    )
    from simulator.kernel.tables import Choice, Layout, Outcome, Requests


@compiled
def _give_back(
    settings: Settings,
    number: int,
    requests: Sequence[Request],
    leaving: NDArray[np.int32],
    gone: NDArray[np.int64],
    zones: Sequence[Zone],
    clusters: Sequence[Cluster],
    hosts: Sequence[Host],
    pools: Sequence[Pool],
    addresses: Addresses,
    free: Free,
    counts: Counts,
) -> None:
    """Give back what left up to the arrival of request `number`: hosts first, then disks.

    Rows from `number` on may still be empty: who has not arrived does not leave.
    """
    now = requests[number].arrival_s
    while gone[0] < len(leaving) and leaving[gone[0]] < number:
        vm = requests[leaving[gone[0]]]
        if vm.departure_s > now:
            break
        if vm.host >= 0:
            host = hosts[vm.host]
            cluster = clusters[host.cluster]
            book_host(settings, vm, host, cluster, zones[cluster.zone], free, counts, -1)
        gone[0] += 1
    while gone[1] < len(leaving) and leaving[gone[1]] < number:
        vm = requests[leaving[gone[1]]]
        if vm.released_s > now:
            break
        if vm.host >= 0:
            cluster = clusters[hosts[vm.host].cluster]
            book_disk(settings, vm, cluster, pools[vm.pool], addresses, counts, -1)
        gone[1] += 1


@compiled
def _place(
    settings: Settings,
    number: int,
    request: Request,
    zones: Sequence[Zone],
    clusters: Sequence[Cluster],
    hosts: Sequence[Host],
    pools: Sequence[Pool],
    serving: NDArray[np.int32],
    addresses: Addresses,
    free: Free,
    fits: Marks,
    counts: Counts,
) -> None:
    """Put the VM on the first cluster that has a host and a pool for it, or refuse it."""
    lacked_pool = False
    while True:
        index = next_cluster(settings, number, request, zones, clusters, addresses, free, counts)
        if index < 0:
            request.reason = refusal(
                settings, request, clusters, hosts, addresses, free, lacked_pool
            )
            return
        cluster = clusters[index]
        cluster.tried = number
        chosen = choose_host(settings, number, request, cluster, hosts, free, fits, counts)
        if chosen < 0:
            continue
        pool = choose_pool(settings, number, request, cluster, pools, serving, counts)
        if pool >= 0:
            break
        lacked_pool = True
    zone = zones[cluster.zone]
    book_host(settings, request, hosts[chosen], cluster, zone, free, counts, 1)
    book_disk(settings, request, cluster, pools[pool], addresses, counts, 1)
    request.host = chosen
    request.pool = pool


def _loop() -> Callable[..., None]:
    checksum = sources_checksum()

    @compiled_and_kept
    def loop(
        settings: Settings,
        requests: Sequence[Request],
        leaving: NDArray[np.int32],
        gone: NDArray[np.int64],
        zones: Sequence[Zone],
        clusters: Sequence[Cluster],
        hosts: Sequence[Host],
        pools: Sequence[Pool],
        serving: NDArray[np.int32],
        addresses: Addresses,
        free: Free,
        fits: Marks,
        counts: Counts,
        begin: int,
        end: int,
    ) -> None:
        if checksum < 0:  # never; reading it makes it part of the cache's key
            return
        for number in range(begin, end):
            _give_back(
                settings,
                number,
                requests,
                leaving,
                gone,
                zones,
                clusters,
                hosts,
                pools,
                addresses,
                free,
                counts,
            )
            _place(
                settings,
                number,
                requests[number],
                zones,
                clusters,
                hosts,
                pools,
                serving,
                addresses,
                free,
                fits,
                counts,
            )

    return loop


_run = _loop()


class CompiledEngine:
    """The capacity kernel as machine code; the same answers as the plain one."""

    def __init__(self, layout: Layout, requests: Requests, choice: Choice) -> None:
        self._requests = requests
        self._books = books_of(layout, requests, choice)

    def decide(self, outcome: Outcome, begin: int, end: int) -> None:
        """Decide the requests `begin` up to `end`; call it for one stretch after another."""
        write_requests(self._books.requests, self._requests, begin, end)
        _run(*self._books, begin, end)
        decided = self._books.requests[begin:end]
        outcome.host[begin:end] = decided["host"]
        outcome.pool[begin:end] = decided["pool"]
        outcome.reason[begin:end] = decided["reason"]
