"""What is left on each primary storage pool, and who holds the rest."""

from __future__ import annotations

from collections import Counter

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.model import StoragePool, Template, Volume
from cloudlab.units import size_text

_NONE: Counter[int] = Counter()


class PoolLedger:
    """Allocated storage (MiB) of every pool: volumes, and copies of templates."""

    def __init__(self) -> None:
        """Make a ledger of no pools."""
        self.pools: list[StoragePool] = []
        self.pool_total: list[int] = []
        self.pool_allocated: list[int] = []
        self._allocations: dict[tuple[str, int, int], int] = {}
        self._volumes: dict[int, Counter[int]] = {}

    def add_pool(self, pool: StoragePool) -> None:
        """Give `pool` a row."""
        pool.row = len(self.pools)
        self.pools.append(pool)
        self.pool_total.append(int(pool.capacity_mib * pool.overprovisioning))
        self.pool_allocated.append(0)

    def remove_pool(self, pool: StoragePool) -> None:
        """Take `pool` out; its row stays empty.

        Raises:
            Conflict: volumes are on it.
        """
        volumes = self.volumes_on(pool)
        if volumes:
            raise Conflict(f"{pool}: {volumes} volumes are on it")
        for key in [key for key in self._allocations if key[2] == pool.row]:
            del self._allocations[key]
        self.pool_total[pool.row] = self.pool_allocated[pool.row] = 0

    def allocate(self, thing: Volume | Template, pool: StoragePool) -> None:
        """Take the size of `thing` of `pool`.

        Raises:
            InvalidParameter: its size is negative; nothing changed.
            InsufficientCapacity: it does not fit; nothing changed.
            Conflict: it holds storage there already.
        """
        key = (thing.kind, thing.id, pool.row)
        if key in self._allocations:
            raise Conflict(f"{thing} already holds storage on {pool}")
        size = thing.size_mib
        if size < 0:
            raise InvalidParameter(f"{thing} is {size} MiB large; allowed: 0 or more")
        free = self.pool_total[pool.row] - self.pool_allocated[pool.row]
        if size > free:
            raise InsufficientCapacity(
                f"{pool} has {size_text(free)} free, needed are {size_text(size)}"
            )
        self._note(thing, pool, size)

    def _note(self, thing: Volume | Template, pool: StoragePool, size: int) -> None:
        self.pool_allocated[pool.row] += size
        self._allocations[thing.kind, thing.id, pool.row] = size
        if isinstance(thing, Volume):
            self._volumes.setdefault(thing.account.id, Counter())[pool.row] += 1

    def deallocate(self, thing: Volume | Template, pool: StoragePool) -> None:
        """Give back what `thing` holds of `pool`; nothing held is no error."""
        size = self._allocations.pop((thing.kind, thing.id, pool.row), None)
        if size is None:
            return
        self.pool_allocated[pool.row] -= size
        if isinstance(thing, Volume):
            counts = self._volumes[thing.account.id]
            counts[pool.row] -= 1
            if not counts[pool.row]:
                del counts[pool.row]
            if not counts:
                del self._volumes[thing.account.id]

    def restore_allocation(self, thing: Volume | Template, pool: StoragePool, size: int) -> None:
        """Write down an allocation that was saved."""
        self._note(thing, pool, size)

    def is_allocated(self, thing: Volume | Template, pool: StoragePool) -> bool:
        """Return whether `thing` holds storage on `pool`."""
        return (thing.kind, thing.id, pool.row) in self._allocations

    def volumes_on(self, pool: StoragePool) -> int:
        """Return how many volumes hold space on `pool`."""
        return sum(kind == Volume.kind and row == pool.row for kind, _, row in self._allocations)

    def volumes_of(self, account_id: int) -> Counter[int]:
        """Return how many volumes of an account each pool holds, by pool row."""
        return self._volumes.get(account_id, _NONE)

    def pool_share(self, pool: StoragePool, more_mib: int = 0) -> float:
        """Return the allocated share of `pool`, 0 to 1, with `more_mib` on top."""
        total = self.pool_total[pool.row]
        return (self.pool_allocated[pool.row] + more_mib) / total if total else 0.0

    def allocations(self) -> dict[tuple[str, int, int], int]:
        """Return every allocation: (kind, id, pool row) -> MiB."""
        return dict(self._allocations)
