"""What happened, in order: every change of state and every event, for whoever listens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from cloudlab.model import Event, Record


class Move(NamedTuple):
    """One change of state."""

    at: float
    subject: Record
    field: str
    before: str
    event: str
    after: str


Listener = Callable[[Move], None]


class Journal:
    """The last `keep` moves and events; listeners hear every move as it is made."""

    __slots__ = (
        "_listeners",
        "events",
        "hears_moves",
        "keep",
        "keeps",
        "moves",
        "total_events",
        "total_moves",
    )

    def __init__(self, keep: int | None = 100_000) -> None:
        """Make an empty journal.

        Args:
            keep: how many moves and how many events are kept; 0 keeps none, `None` all.
        """
        self.keep: Final = keep
        self.keeps: Final = keep != 0
        self.hears_moves = self.keeps
        """Whether moves are kept or heard at all; else they need not be written."""
        self.moves: deque[Move] = deque(maxlen=keep)
        self.events: deque[Event] = deque(maxlen=keep)
        self.total_moves = 0
        self.total_events = 0
        self._listeners: tuple[Listener, ...] = ()
        """Replaced when it changes, so that a listener may end itself while it is called."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every move from now on; return a function that ends it."""
        self._listeners = (*self._listeners, listener)
        self.hears_moves = True

        def end() -> None:
            left = list(self._listeners)
            if listener in left:
                left.remove(listener)
            self._listeners = tuple(left)
            self.hears_moves = self.keeps or bool(left)

        return end

    def write_move(self, move: Move) -> None:
        """Keep `move` and tell the listeners."""
        self.total_moves += 1
        self.moves.append(move)
        for listener in self._listeners:
            listener(move)

    def write_event(self, event: Event) -> None:
        """Keep `event`."""
        self.total_events += 1
        self.events.append(event)

    def story(self, record: Record) -> Iterator[Move]:
        """Yield the kept moves of `record`, oldest first."""
        return (move for move in self.moves if move.subject is record)

    def __repr__(self) -> str:
        """Say how much was written and kept."""
        return f"<Journal: {self.total_events} events, {self.total_moves} moves>"
