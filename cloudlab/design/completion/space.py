"""A block of addresses that hands out networks which overlap with nothing taken."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network

from cloudlab.errors import InputError


class Space:
    """Networks of one block, each given out once, lowest first."""

    def __init__(self, block: str, taken: Iterable[IPv4Network]) -> None:
        self._block = IPv4Network(block)
        self._taken = [other for other in taken if other.overlaps(self._block)]
        self._next = int(self._block.network_address)

    def take(self, prefix: int, purpose: str) -> IPv4Network:
        """Return the next free network of that prefix length.

        Raises:
            InputError: the block is used up; the message says what to write instead.
        """
        size = 1 << (32 - prefix)
        start = -(-self._next // size) * size
        while start + size - 1 <= int(self._block.broadcast_address):
            network = IPv4Network((start, prefix))
            clash = next((other for other in self._taken if other.overlaps(network)), None)
            if clash is None:
                self._next = start + size
                return network
            start = max(start + size, -(-(int(clash.broadcast_address) + 1) // size) * size)
        raise InputError(f"{self._block} has no /{prefix} left for {purpose}; write its cidr")
