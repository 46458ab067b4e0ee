"""The record `Exhaustion`: when one resource of one place runs out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.planning.exhaustion.shortage import Shortage
    from simulator.planning.places import Place


class Basis(StrEnum):
    """Where a time comes from."""

    MEASURED = "measured"
    """Every replication that ran out did so within the time that was simulated."""
    EXTRAPOLATED = "extrapolated"
    """All that ran out did so after it, by the trend of their peaks."""
    MIXED = "mixed"
    """Some ran out before its end, some after it."""
    NEVER = "never"
    """No replication ran out, as far as could be seen."""


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """When a place first refuses the typical request for want of one resource.

    Attributes:
        shortage: what runs out; "any" for whatever is first, alone or together.
        place: where: every cluster of it refuses.
        at_s: median over all replications, seconds from time 0; None when it is beyond what
            could be seen, because half of them or more did not run out.
        interval: the 95 % prediction interval over all replications, seconds; its end is None
            when that is beyond what could be seen; None without any when none ran out, or there
            is one replication.
        basis: whether those that ran out were measured or extrapolated.
        times_s: of every replication, in order; None where it did not run out.
        measured: how many ran out within the time that was simulated.
        until_s: how far could be seen where it did not run out, the least of all; None when
            every replication ran out.
    """

    shortage: Shortage
    place: Place
    at_s: float | None
    interval: tuple[float, float | None] | None
    basis: Basis
    times_s: tuple[float | None, ...]
    measured: int = 0
    until_s: float | None = None

    @property
    def reached(self) -> int:
        """How many replications ran out."""
        return sum(time is not None for time in self.times_s)

    @property
    def earliest_s(self) -> float | None:
        """When the first replication ran out; None when none did."""
        return min((time for time in self.times_s if time is not None), default=None)
