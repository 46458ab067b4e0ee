"""Which storage pool takes the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel.compiled.draws import draw
from simulator.kernel.compiled.jit import compiled
from simulator.kernel.tables import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from simulator.kernel.compiled.rows import Cluster, Counts, Pool, Request, Settings


@compiled
def _has_room(request: Request, pool: Pool) -> bool:
    """Tell whether the disk fits and keeps the pool below its disable threshold."""
    asked = pool.used + request.disk
    return asked <= pool.room and not asked / pool.size >= pool.disable


@compiled
def _random_pool(
    settings: Settings,
    number: int,
    request: Request,
    cluster: Cluster,
    pools: Sequence[Pool],
    serving: NDArray[np.int32],
) -> int:
    """Return one of the pools with room, all equally likely, or -1."""
    fitting = 0
    for place in range(cluster.first_pool, cluster.end_pool):
        fitting += _has_room(request, pools[serving[place]])
    if fitting == 0:
        return -1
    chosen = int(draw(settings.seed, number, 2 * cluster.number + 1) * fitting)
    for place in range(cluster.first_pool, cluster.end_pool):
        if _has_room(request, pools[serving[place]]):
            if chosen == 0:
                return int(serving[place])
            chosen -= 1
    return -1


@compiled
def choose_pool(
    settings: Settings,
    number: int,
    request: Request,
    cluster: Cluster,
    pools: Sequence[Pool],
    serving: NDArray[np.int32],
    counts: Counts,
) -> int:
    """Return the pool of the cluster or its zone that the algorithm takes, or -1."""
    if settings.pools == Order.RANDOM:
        return _random_pool(settings, number, request, cluster, pools, serving)
    best, fewest = -1, 0
    for place in range(cluster.first_pool, cluster.end_pool):
        pool = pools[serving[place]]
        if not _has_room(request, pool):
            continue
        if settings.pools == Order.INDEX:
            return int(serving[place])
        volumes = counts[request.account, pool.seat]
        if best < 0 or volumes < fewest:
            best, fewest = int(serving[place]), volumes
    return best
