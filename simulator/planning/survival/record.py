"""The records of survival: how many failures a cluster survives, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.planning.places import Place


class Proof(StrEnum):
    """Why the VMs of failed hosts do not all restart; all but the last two hold in any order."""

    SUMS = "sums"
    """Together they need more CPU or RAM than the other hosts have free."""
    THRESHOLD = "threshold"
    """There is room, but together they would lift the cluster over a disable threshold."""
    SIZES = "sizes"
    """More VMs of at least some size than such VMs fit on the other hosts."""
    SEARCH = "search"
    """Every way of placing them was tried."""
    ORDER = "order"
    """Placed in another order, or by hand, all of them would fit."""
    NOT_FOUND = "not found"
    """No heuristic places them in another order either, and the search was cut off."""


@dataclass(frozen=True, slots=True)
class Left:
    """A VM that would not restart.

    Attributes:
        id: its name in the demand.
        vcpu: its virtual CPUs.
        ram_mib: its memory, MiB.
        host: the failed host it ran on.
        why: what it lacks, in words.
        is_held: whether there was room for it when its turn came, and the disable threshold
            kept it down.
    """

    id: str
    vcpu: int
    ram_mib: int
    host: str
    why: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Worst:
    """The failure that is one too many: of all that were tried, the one that leaves most behind.

    Attributes:
        failed: names of the hosts that fail together.
        at_s: when, seconds from time 0.
        vms: how many VMs ran on them.
        left: those that would not restart.
        held: how many VMs less that would be if thresholds were off.
        proof: why.
    """

    failed: tuple[str, ...]
    at_s: float
    vms: int
    left: tuple[Left, ...]
    held: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class Survival:
    """How many hosts of one cluster may fail together at its peak.

    Attributes:
        place: the cluster.
        hosts: hosts that take VMs.
        spares: hosts kept free for restarts.
        survives: the most hosts that may fail together while every VM restarts in the cluster,
            whichever hosts they are; all of them where no VM runs.
        packable: the most with which every VM could be placed in some order; no less.
        at_s: the moment it was tested at: the cluster's peak of CPU or of RAM share, whichever
            leaves less.
        tested: sets of `survives` hosts that were tried (of one host, when it survives none).
        sets: how many such sets there are.
        worst: the failure that is one too many; None when all may fail.
    """

    place: Place
    hosts: int
    spares: int
    survives: int
    packable: int
    at_s: float
    tested: int
    sets: int
    worst: Worst | None

    @property
    def is_n_plus_1(self) -> bool:
        """Whether any one host may fail; a cluster without hosts has none to lose."""
        return self.survives >= min(self.hosts, 1)

    @property
    def is_exhaustive(self) -> bool:
        """Whether every set of hosts was tried, rather than the likely worst and a sample."""
        return self.tested == self.sets
