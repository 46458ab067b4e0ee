"""The records of advice: hosts to buy, and what no host can mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.fleet import HostKind
    from simulator.planning.places import Place


@dataclass(frozen=True, slots=True)
class Addition:
    """So many hosts more in one cluster.

    Attributes:
        place: the cluster.
        hosts: how many.
        is_spare: whether they are to carry the tag `ha.tag`: VMs restart on them alone.
    """

    place: Place
    hosts: int
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Hosts of one type that suffice, none of which can be spared, and what they cost.

    Attributes:
        kind: the type of host.
        hosts: how many to add; 0 when the cloud suffices as it is; None when no number that
            was tried suffices.
        additions: where they go.
        price_per_month: of one; None when not known.
        currency: of the price.
        price_date: the day it was taken, as in 2026-11-01; empty when not known.
        too_large: requests that not even this type can hold; they stay refused.
        one_less: what goes wrong with one host less, wherever it is taken from, or what stands
            in the way of any number.
        runs: simulations that were made to find it.
    """

    kind: HostKind
    hosts: int | None
    additions: tuple[Addition, ...]
    price_per_month: float | None
    currency: str
    price_date: str
    too_large: int
    one_less: str
    runs: int

    @property
    def cost_per_month(self) -> float | None:
        """What they cost together; None when the price or the number is not known."""
        if self.hosts is None or self.price_per_month is None:
            return None
        return round(self.hosts * self.price_per_month, 2)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would help requests that more hosts cannot.

    Attributes:
        reason: why they were refused: storage, address, size ...
        place: where something is to be added; None when it is about no place.
        amount: how much: MiB of storage as bought, or addresses; 0 when it is no amount.
        unit: of the amount.
        text: the same in words.
        verified: whether a simulation with it refused nothing more.
    """

    reason: str
    place: Place | None
    amount: int
    unit: str
    text: str
    verified: bool
