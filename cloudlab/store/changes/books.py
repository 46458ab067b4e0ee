"""How the ledger and the held addresses differ from what was last written of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import compress, count, islice
from operator import ne
from typing import TYPE_CHECKING, Generic, TypeVar

from cloudlab.state import Inventory, Ledger, NumberPool
from cloudlab.store.changes.change import Change, Row
from cloudlab.store.schema import ADDRESSES, ALLOCATIONS, CLAIMS, RESERVATIONS

if TYPE_CHECKING:
    from sqlalchemy import Table

K = TypeVar("K")
V = TypeVar("V")


class BookWatch(Generic[K, V]):
    """One book: who holds what, in the order in which it was taken."""

    def __init__(
        self,
        table: Table,
        held: Callable[[], Mapping[K, V]],
        entry: Callable[[K, V], tuple[object, ...]],
    ) -> None:
        """Watch a book, nothing of which was written yet.

        Args:
            table: where it is written.
            held: returns a copy of all that is held.
            entry: returns one of it as it is written, without its position.
        """
        self._table, self._held, self._entry = table, held, entry
        self._names = [column.name for column in table.columns]
        self._seen: Mapping[K, V] = {}
        self._positions: list[int] = []
        """Of what was seen, in the same order, ascending."""
        self._last = 0

    def change(self) -> Change | None:
        """Return the entries that are new, differ or are gone."""
        held = self._held()
        same = _common(self._seen, held)
        if same == len(held) == len(self._seen):
            return None
        positions, gone = self._placed(held, same)
        rows = [
            self._row(position, key, value)
            for position, (key, value) in islice(
                zip(positions, held.items(), strict=True), same, None
            )
            if position > self._last or self._seen[key] != value
        ]
        return Change(self._table, gone, rows, partial(self._remember, held, positions))

    def _placed(self, held: Mapping[K, V], same: int) -> tuple[list[int], list[int]]:
        """Return the position of everything that is `held`, and the positions to clear.

        What is held keeps its place for as long as it is held, and new comes last. So one walk
        along both, from where they part, finds what is gone; what was given back and taken
        again is last, though it was there before.
        """
        before = islice(zip(self._seen, self._positions, strict=True), same, None)
        placed, gone, last = self._positions[:same], [], self._last
        for key in islice(held, same, None):
            for known, position in before:
                if known == key:
                    placed.append(position)
                    break
                gone.append(position)
            else:
                last += 1
                placed.append(last)
        return placed, gone + [position for _, position in before]

    def _row(self, position: int, key: K, value: V) -> Row:
        return dict(zip(self._names, (position, *self._entry(key, value)), strict=True))

    def _remember(self, held: Mapping[K, V], positions: list[int]) -> None:
        self._seen, self._positions = held, positions
        self._last = max([self._last, *positions[-1:]])


def _common(before: Mapping[K, V], now: Mapping[K, V]) -> int:
    """Return how many entries at the beginning of both are the same, in order."""
    parting = compress(count(), map(ne, before.items(), now.items()))
    return next(parting, min(len(before), len(now)))


def claims_watch(ledger: Ledger) -> BookWatch[tuple[int, int], tuple[int, int]]:
    """Return what watches which VM holds what on which host."""

    def entry(key: tuple[int, int], value: tuple[int, int]) -> tuple[object, ...]:
        vm, row = key
        return (vm, ledger.hosts[row].id, *value)

    return BookWatch(CLAIMS, ledger.claims, entry)


def reservations_watch(ledger: Ledger) -> BookWatch[int, tuple[int, int, int, float]]:
    """Return what watches what hosts keep for VMs that were just stopped."""

    def entry(vm: int, value: tuple[int, int, int, float]) -> tuple[object, ...]:
        row, *rest = value
        return (vm, ledger.hosts[row].id, *rest)

    return BookWatch(RESERVATIONS, ledger.reservations, entry)


def allocations_watch(ledger: Ledger) -> BookWatch[tuple[str, int, int], int]:
    """Return what watches the space that volumes and copies of templates take on pools."""

    def entry(key: tuple[str, int, int], size: int) -> tuple[object, ...]:
        kind, number, row = key
        return (kind, number, ledger.pools[row].id, size)

    return BookWatch(ALLOCATIONS, ledger.allocations, entry)


def addresses_watch(
    addresses: list[NumberPool], inventory: Inventory
) -> BookWatch[tuple[int, int], int]:
    """Return what watches which addresses of which range are held."""

    def held() -> Mapping[tuple[int, int], int]:
        return {
            (each.id, number): holder
            for each in inventory.ranges
            for number, holder in addresses[each.row].held().items()
        }

    return BookWatch(ADDRESSES, held, lambda key, holder: (*key, holder))
