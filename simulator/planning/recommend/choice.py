"""Where hosts are added: one slot for each, and the ways to distribute one less."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_DISTRIBUTIONS: Final = 30
"""So many distributions of one host less are tried."""


class Slot(NamedTuple):
    """Where one host is added, and whether it takes restarts only."""

    cluster: int
    is_spare: bool = False


Choice = tuple[Slot, ...]
"""A slot for every added host."""


def with_one_less(chosen: Choice, kinds: Sequence[Slot]) -> Iterator[Choice]:
    """Yield one host less in every distribution, or two exchanged for one where those are many.

    Those in few slots come first.

    Args:
        chosen: so many hosts, and where they are.
        kinds: where hosts may be.
    """
    hosts = len(chosen) - 1
    if math.comb(hosts + len(kinds) - 1, hosts) <= MOST_DISTRIBUTIONS:
        every = combinations_with_replacement(kinds, hosts)
        yield from sorted(every, key=lambda choice: len(set(choice)))
        return
    for one, other in combinations_with_replacement(sorted(set(chosen)), 2):
        if one != other or chosen.count(one) > 1:
            rest = without(without(chosen, one), other)
            yield from ((*rest, kind) for kind in kinds if kind not in {one, other})


def without(choice: Choice, slot: Slot) -> Choice:
    """Return `choice` with one host less in `slot`."""
    at = choice.index(slot)
    return choice[:at] + choice[at + 1 :]
