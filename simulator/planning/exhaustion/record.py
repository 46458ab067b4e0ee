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
    """Every replication that counts ran out within the time that was simulated."""
    EXTRAPOLATED = "extrapolated"
    """All ran out after it, by the trend of their peaks."""
    MIXED = "mixed"
    """Some before its end, some after it."""
    NEVER = "never"
    """Most replications did not run out at all."""


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """When a place first refuses the typical request for want of one resource.

    Attributes:
        shortage: what runs out; "any" for whatever is first, alone or together.
        place: where: every cluster of it refuses.
        at_s: mean over the replications that ran out, seconds from time 0; None when less
            than half of them did.
        interval: the 95 % prediction interval, seconds; None when fewer than two ran out.
        basis: whether that was measured or extrapolated.
        times_s: of every replication, in order; None where it did not run out.
    """

    shortage: Shortage
    place: Place
    at_s: float | None
    interval: tuple[float, float] | None
    basis: Basis
    times_s: tuple[float | None, ...]

    @property
    def reached(self) -> int:
        """How many replications ran out."""
        return sum(time is not None for time in self.times_s)
