"""The ways to wait: for an event, for its end whatever interrupts, and not at all."""

from __future__ import annotations

from types import coroutine
from typing import TYPE_CHECKING, Final, cast

import simpy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator

    from simpy.events import Event

Interrupted = simpy.Interrupt
"""Raised inside a process that somebody interrupts; `cause` says why."""


class _AtOnce:
    """An awaitable that is over before the event loop hears of it."""

    __slots__ = ()

    def __await__(self) -> Iterator[None]:
        """Wait for nothing."""
        return iter(())


AT_ONCE: Final = cast("Awaitable[None]", _AtOnce())


@coroutine
def value_of(event: Event) -> Generator[Event, object, object]:
    """Return the value of `event` once it has happened, or raise its error."""
    return (yield event)


async def interrupt_before(event: Event) -> Exception | None:
    """Wait until `event` has happened or an interrupt comes, and return the interrupt."""
    try:
        await value_of(event)
    except Exception as error:  # noqa: BLE001  (the error of the event is not for us)
        return None if event.processed else error
    return None


def outcome_of(event: Event) -> object:
    """Return the value of an event that has happened, or raise the very error it failed with."""
    if event.ok:
        return event.value
    event.defused = True
    raise cast("BaseException", event.value)
