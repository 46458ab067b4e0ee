"""How long a host is waited for, from the one number a lab file has."""

from __future__ import annotations

from typing import TypedDict


class Timeouts(TypedDict):
    """What `SshHost` is told of time, seconds each; see there."""

    connect_timeout: float
    keepalive: float
    patience: float


def timeouts(answer_seconds: float) -> Timeouts:
    """Return the times of a host that answers within `answer_seconds`.

    It is asked twice in that time, and counts as gone after twice that time without an answer:
    a dead host is noticed after 2 to 2.5 times `answer_seconds`.
    """
    return Timeouts(
        connect_timeout=2 * answer_seconds,
        keepalive=answer_seconds / 2,
        patience=2 * answer_seconds,
    )
