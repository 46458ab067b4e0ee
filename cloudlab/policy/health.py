"""Whether a host lives, from what those say who looked: the judgement before any fencing.

Source: CloudStack's investigators (`PingInvestigator`, `KVMInvestigator` of 4.6): a ping that
is not answered proves nothing, a heartbeat does. Unlike there, a host that nobody can tell
of is not taken for dead.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from cloudlab.ports import PowerState


class Health(StrEnum):
    """What is known of a host; an investigator who does not know says `None`."""

    UP = "Up"
    """It lives, whether or not it can be asked to do anything."""
    DOWN = "Down"
    """Nothing runs there, or will not once it is fenced."""
    UNKNOWN = "Unknown"
    """Nobody can tell; an answer of no single investigator."""


def verdict(answers: Iterable[Health | None]) -> Health:
    """Return what all answers together say.

    Whoever saw it alive outweighs all others; it is dead if nobody did and somebody is sure.
    """
    said = set(answers)
    for health in (Health.UP, Health.DOWN):
        if health in said:
            return health
    return Health.UNKNOWN


def by_answer(*, answered: bool) -> Health | None:
    """Return what an answer of its agent, or to a ping, says: silence proves nothing."""
    return Health.UP if answered else None


def by_heartbeat(age: float | None, timeout: float) -> Health | None:
    """Return what the last heartbeat on shared storage says, `age` seconds old.

    Args:
        age: `None` where nobody could read it.
        timeout: how old it may be, seconds; exactly so old it still counts.
    """
    if age is None:
        return None
    return Health.UP if age <= timeout else Health.DOWN


def by_power(state: PowerState) -> Health | None:
    """Return what its management board says: without power nothing runs, with it nobody knows."""
    return Health.DOWN if state is PowerState.OFF else None
