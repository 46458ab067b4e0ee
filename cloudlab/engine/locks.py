"""Named locks, taken in one fixed order so that no two workflows wait for each other."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from simpy.events import Event

from cloudlab.engine.waiting import Interrupted, value_of

if TYPE_CHECKING:
    from types import TracebackType

    import simpy

LockKey: TypeAlias = tuple[str, int | str]
"""What is locked: the kind of object and its id, such as `("vm", 12)`."""

LOCK_ORDER: Final = (
    "domain",
    "account",
    "zone",
    "pod",
    "cluster",
    "host",
    "pool",
    "restart",
    "vm",
    "volume",
    "snapshot",
    "template",
    "network",
    "router",
)
"""The one order of locks: what contains before what it contains, a VM before what it uses.

Kinds not named here come after these, by name. Within a kind numbers come before texts,
both ascending.
"""

_RANKS: Final = {kind: rank for rank, kind in enumerate(LOCK_ORDER)}


class LockMisuse(RuntimeError):
    """A workflow asks for a lock in a way that might wait for ever: the code must change."""


def lock_rank(key: LockKey) -> tuple[int, str, bool, int | str]:
    """Return what sorts `key` among all locks."""
    kind, identity = key
    return (_RANKS.get(kind, len(_RANKS)), kind, isinstance(identity, str), identity)


class Locks:
    """Who holds which lock, and who waits for it, first come first served.

    No deadlock: whoever waits for a lock holds, himself and through the workflows that wait
    for him, only locks that come earlier in the order. Along any chain of waiting the locks
    rise, so a chain never closes.
    """

    def __init__(self, env: simpy.Environment) -> None:
        """Prepare locks for the processes of `env`; all are free."""
        self._env = env
        self._turns: dict[LockKey, deque[Event]] = {}
        self._held: dict[simpy.Process | None, list[LockKey]] = {}

    def is_held(self, key: LockKey) -> bool:
        """Return whether some process holds `key`."""
        return key in self._turns

    def waiting(self, key: LockKey) -> int:
        """Return how many processes wait for `key`."""
        return len(self._turns.get(key, ()))

    def contended(self) -> list[LockKey]:
        """Return the locks somebody waits for, in the order of locks."""
        return sorted((key for key, turns in self._turns.items() if turns), key=lock_rank)

    def holding(self, keys: tuple[LockKey, ...]) -> Holding:
        """Return a context manager that holds `keys`, each once, taken in the order of locks."""
        return Holding(self, tuple(sorted(set(keys), key=lock_rank)) if len(keys) > 1 else keys)

    def admit(self, keys: tuple[LockKey, ...]) -> simpy.Process | None:
        """Return the running process, for which `keys` will be taken.

        Raises:
            LockMisuse: it, or a workflow that waits for it, holds one of them or a later one.
        """
        asking = process = self._env.active_process
        while process is not None:
            for held in self._held.get(process, ()):
                if lock_rank(held) >= lock_rank(keys[0]):
                    raise LockMisuse(_misuse(asking, process, held, keys))
            process = getattr(process, "parent", None)
        return asking

    def take_free(self, key: LockKey, owner: simpy.Process | None) -> bool:
        """Give `key` to `owner` if it is free; return whether it was."""
        if key in self._turns:
            return False
        self._turns[key] = deque()
        self._held.setdefault(owner, []).append(key)
        return True

    async def take(self, key: LockKey, owner: simpy.Process | None) -> None:
        """Give `key` to `owner` when its turn has come."""
        await self._turn(key)
        self._held.setdefault(owner, []).append(key)

    async def _turn(self, key: LockKey) -> None:
        """Wait in the queue of `key`; an interrupt leaves the queue as if never joined."""
        turn = Event(self._env)
        self._turns[key].append(turn)
        try:
            await value_of(turn)
        except Interrupted:
            if turn.triggered:  # the lock was handed over at this very instant
                self._pass_on(key)
            else:
                self._turns[key].remove(turn)
            raise

    def release(self, key: LockKey, owner: simpy.Process | None) -> None:
        """Take `key` from `owner` and give it to whoever has waited longest."""
        held = self._held[owner]
        held.remove(key)
        if not held:
            del self._held[owner]
        self._pass_on(key)

    def _pass_on(self, key: LockKey) -> None:
        if turns := self._turns[key]:
            turns.popleft().succeed()
        else:
            del self._turns[key]


class Holding:
    """Some locks for the length of an `async with` block; free ones cost no event."""

    __slots__ = ("_keys", "_locks", "_owner", "_taken")

    def __init__(self, locks: Locks, keys: tuple[LockKey, ...]) -> None:
        """Plan to take `keys`, which are in the order of locks."""
        self._locks = locks
        self._keys = keys
        self._taken: list[LockKey] = []
        self._owner: simpy.Process | None = None

    async def __aenter__(self) -> None:
        """Take the locks one after the other; interrupted in between, hold none."""
        if self._keys:
            self._owner = self._locks.admit(self._keys)
        try:
            for key in self._keys:
                if not self._locks.take_free(key, self._owner):
                    await self._locks.take(key, self._owner)
                self._taken.append(key)
        except Interrupted:
            self._release()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the locks back, whatever has happened in the block."""
        self._release()

    def _release(self) -> None:
        while self._taken:
            self._locks.release(self._taken.pop(), self._owner)


def _misuse(
    asking: simpy.Process | None,
    holder: simpy.Process,
    held: LockKey,
    keys: tuple[LockKey, ...],
) -> str:
    """Return the sentence that tells the author of a workflow what to change."""
    name = asking.name if asking is not None else "the workflow"
    whose = "it" if holder is asking else f"{holder.name}, which waits for it,"
    if held in keys:
        return f"{name} asks for the lock {held}, but {whose} holds it already: take it once"
    return (
        f"{name} asks for the lock {keys[0]} while {whose} holds {held}, which comes later in "
        f"the order of locks: take both in one lock(...)"
    )
