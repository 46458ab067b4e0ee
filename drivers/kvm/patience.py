"""A call that may never return is waited for only so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from cloudlab.errors import TimedOut

T = TypeVar("T")


def within(seconds: float, fn: Callable[[], T], what: str) -> T:
    """Return `fn()`, run in a thread that is left behind if it takes too long.

    It does not keep the process from ending, as a thread of a pool would.

    Raises:
        TimedOut: it has not ended after `seconds`.
    """
    answers: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def work() -> None:
        try:
            answers.put((fn(), None))
        except Exception as error:  # noqa: BLE001  (raised where it is waited for)
            answers.put((None, error))

    threading.Thread(target=work, name=what, daemon=True).start()
    try:
        value, error = answers.get(timeout=seconds)
    except Empty:
        raise TimedOut(f"{what} gave no answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # there is one where there is no error
