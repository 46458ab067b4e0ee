"""The record `Stranded`: what is free in a cluster, divided by what keeps it from use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.placements import Resource
    from simulator.planning.places import Place


@dataclass(frozen=True, slots=True)
class Stranded:
    """The free CPU (MHz) or RAM (MiB) of one cluster at its peak, by what keeps it from use.

    Attributes:
        place: the cluster.
        resource: CPU or RAM.
        unit: MHz or MiB.
        at_s: when: the cluster's peak of whichever of CPU and RAM is fuller.
        free: usable less allocated; the sum of everything below.
        other_resource: on hosts that are out of RAM (for CPU), or out of CPU (for RAM).
        fragments: rests on hosts, too small for a typical VM.
        storage: there are no disks for the VMs that would fit.
        addresses: there are no addresses for them.
        threshold: the disable threshold keeps it free.
        reserve: set aside so that the largest host can be lost, by sums.
        placeable: what typical VMs can still take.
    """

    place: Place
    resource: Resource
    unit: str
    at_s: float
    free: int
    other_resource: int
    fragments: int
    storage: int
    addresses: int
    threshold: int
    reserve: int
    placeable: int

    @property
    def stranded(self) -> int:
        """Free but not usable for more VMs."""
        return self.free - self.placeable

    @property
    def parts(self) -> dict[str, int]:
        """What is free by what keeps it from use, and what of it is placeable."""
        return {
            "other_resource": self.other_resource,
            "fragments": self.fragments,
            "storage": self.storage,
            "addresses": self.addresses,
            "threshold": self.threshold,
            "reserve": self.reserve,
            "placeable": self.placeable,
        }
