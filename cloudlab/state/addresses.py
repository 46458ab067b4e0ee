"""Which numbers are taken: addresses, VLANs, anything handed out from a range and given back."""

from __future__ import annotations

import heapq

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter


class NumberPool:
    """The numbers `first..last`, each held by at most one holder; the lowest free goes first.

    Source: CloudStack takes the first free address of a range, by id.
    """

    __slots__ = ("_held", "_next", "_returned", "first", "last", "name")

    def __init__(self, name: str, first: int, last: int) -> None:
        """Make a pool of all the numbers from `first` to `last`, both included."""
        if last < first:
            raise InvalidParameter(f"{name}: the end {last} lies before the start {first}")
        self.name, self.first, self.last = name, first, last
        self._next = first
        """Nothing from here on was ever given by `take`."""
        self._returned: list[int] = []
        """A heap of the numbers below `_next` that came back; some may be held again."""
        self._held: dict[int, int] = {}

    @property
    def total(self) -> int:
        """How many numbers there are."""
        return self.last - self.first + 1

    @property
    def taken(self) -> int:
        """How many are held."""
        return len(self._held)

    @property
    def free(self) -> int:
        """How many are left."""
        return self.last - self.first + 1 - len(self._held)

    def take(self, holder: int) -> int:
        """Give the lowest free number to `holder` and return it.

        Raises:
            InsufficientCapacity: none is left.
        """
        if self.free <= 0:
            raise InsufficientCapacity(f"{self.name}: all {self.total} are in use")
        held = self._held
        while self._returned:
            number = heapq.heappop(self._returned)
            if number not in held:
                held[number] = holder
                return number
        number = self._next
        while number in held:
            number += 1
        self._next = number + 1
        held[number] = holder
        return number

    def take_exactly(self, number: int, holder: int) -> int:
        """Give `number` to `holder` and return it.

        Raises:
            InvalidParameter: it is not of this pool.
            Conflict: somebody holds it.
        """
        if not self.first <= number <= self.last:
            raise InvalidParameter(f"{self.name}: {number} is outside {self.first} to {self.last}")
        if number in self._held:
            raise Conflict(f"{self.name}: {number} is already in use")
        self._held[number] = holder
        return number

    def give_back(self, number: int) -> None:
        """Make `number` free again; a number that is free stays free."""
        if self._held.pop(number, None) is not None and number < self._next:
            heapq.heappush(self._returned, number)

    def holder(self, number: int) -> int | None:
        """Return who holds `number`, `None` if it is free."""
        return self._held.get(number)

    def held(self) -> dict[int, int]:
        """Return every number in use with its holder."""
        return dict(self._held)

    def __repr__(self) -> str:
        """Say how much is left."""
        return f"<{self.name}: {self.taken} of {self.total} in use>"
