"""Which states a thing can be in, and which event leads from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, Generic, TypeVar

from cloudlab.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Lifecycle(Generic[S, E]):
    """One transition table: `(state, event) -> state`; what is not in it is not allowed."""

    __slots__ = ("field", "initial", "kind", "moves")

    def __init__(
        self, kind: str, field: str, initial: S, rows: Iterable[tuple[S, Mapping[E, S]]]
    ) -> None:
        """Make the table of `kind`'s attribute `field` from rows `(state, {event: next state})`."""
        self.kind: Final = kind
        self.field: Final = field
        self.initial: Final = initial
        self.moves: Final[dict[tuple[S, E], S]] = {
            (state, event): target for state, moves in rows for event, target in moves.items()
        }

    def __iter__(self) -> Iterator[tuple[S, E, S]]:
        """Yield every row as `(state, event, next state)`, in the order of the table."""
        return ((state, event, target) for (state, event), target in self.moves.items())

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.moves)

    def after(self, state: S, event: E, who: object = "") -> S:
        """Return the state that follows `event` in `state`.

        Raises:
            IllegalMove: the table has no such row; the message says what would be allowed.
        """
        try:
            return self.moves[state, event]
        except KeyError:
            raise IllegalMove(self._refusal(state, event, who)) from None

    def allows(self, state: S, event: E) -> bool:
        """Return whether `event` may happen in `state`."""
        return (state, event) in self.moves

    @property
    def states(self) -> tuple[S, ...]:
        """Every state: the initial one, then those with a row of their own, then the rest."""
        starts, ends = (start for start, _ in self.moves), self.moves.values()
        return tuple(dict.fromkeys([self.initial, *starts, *ends]))

    @property
    def births(self) -> tuple[S, ...]:
        """The states things are born in: the initial one, and those no other leads to."""
        reached = {end for start, _, end in self if start is not end}
        return tuple(each for each in self.states if each is self.initial or each not in reached)

    @property
    def ends(self) -> tuple[S, ...]:
        """The states that lead to no other."""
        left = {start for start, _, end in self if start is not end}
        return tuple(each for each in self.states if each not in left)

    def events_in(self, state: S) -> tuple[E, ...]:
        """Return the events that may happen in `state`, in the order of the table."""
        return tuple(event for (start, event) in self.moves if start is state)

    def _refusal(self, state: S, event: E, who: object) -> str:
        possible = ", ".join(self.events_in(state)) or "nothing"
        return (
            f"{who or self.kind}: unable to transition to a new state from {state} via {event}; "
            f"possible in {state}: {possible}"
        )

    def mermaid(self) -> str:
        """Return the table as a Mermaid state diagram."""
        edges: dict[tuple[S, S], list[E]] = {}
        for state, event, target in self:
            edges.setdefault((state, target), []).append(event)
        lines = [f"    [*] --> {state}" for state in self.births]
        lines += [
            f"    {start} --> {end}: {', '.join(events)}" for (start, end), events in edges.items()
        ]
        lines += [f"    {state} --> [*]" for state in self.ends]
        return "\n".join(["stateDiagram-v2", *lines])

    def __repr__(self) -> str:
        """Say whose table it is and how large."""
        counts = f"{len(self.states)} states, {len(self)} moves"
        return f"<Lifecycle of {self.kind}.{self.field}: {counts}>"
