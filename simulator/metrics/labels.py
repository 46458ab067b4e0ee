"""Names that tell things apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class Named(Protocol):
    """What has a name for people and a number of its own."""

    id: int
    name: str


def labels(things: Iterable[Named]) -> list[str]:
    """Return the name of each thing, with its id where several have the same name."""
    known = list(things)
    times = Counter(thing.name for thing in known)
    return [
        thing.name if times[thing.name] == 1 else f"{thing.name} ({thing.id})" for thing in known
    ]
