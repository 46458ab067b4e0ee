"""An estimate by sums: no placement, no simulation, a few microseconds.

Every cluster is taken to hold the same share of its capacity, as CloudStack's order of clusters
makes it nearly so, and VMs to be divisible like water. With peak demand D (MHz or MiB), usable
capacity U_c and limit L_c = U_c · disable threshold of cluster c, and growth g a month:

    asked share         D · scale · (1 + g) ** months ÷ Σ U_c
    admitted            Σ L_c ÷ Σ U_c ÷ asked share, of CPU or RAM, whichever is less; at most 1
    peak share          asked share · admitted
    months until full   ln(Σ (L_c - typical VM) ÷ D) ÷ ln(1 + g), D with its growth taken off
    N+1 of a cluster    peak share · U_c ≤ disable threshold · (U_c + its spare hosts - its
                        largest host), of CPU and of RAM
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import MONTH
from simulator.placements import Resource
from simulator.planning.estimate.what_if import WhatIf
from simulator.planning.exhaustion.trend import reached_s
from simulator.planning.stocks import largest_of, limit_of

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.planning.estimate.profile import Profile, Records


@dataclass(frozen=True, slots=True)
class Estimate:
    """What sums say about a change.

    Attributes:
        what_if: the change.
        hosts: hosts of the changed cloud.
        asked_cpu_share: CPU asked for at peak ÷ usable; above 1 it is more than there is.
        asked_ram_share: the same for RAM.
        peak_cpu_share: allocated at peak ÷ usable: what is admitted of what is asked for.
        peak_ram_share: the same for RAM.
        months_until_full: months from time 0 until demand meets the limit of CPU or RAM; None
            for never.
        full_of: what is full then: cpu or ram; None when nothing ever is.
        clusters: how many there are.
        clusters_n_plus_1: how many of them survive the loss of any one host.
        fits: whether everything asked for stays below the limits.
    """

    what_if: WhatIf
    hosts: int
    asked_cpu_share: float
    asked_ram_share: float
    peak_cpu_share: float
    peak_ram_share: float
    months_until_full: float | None
    full_of: Resource | None
    clusters: int
    clusters_n_plus_1: int
    fits: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """CPU or RAM of the changed fleet."""

    usable: NDArray[np.int64]
    limit: NDArray[np.int64]
    without_largest: NDArray[np.int64]
    records: Records
    need: int

    @classmethod
    def of(
        cls,
        usable: NDArray[np.int64],
        *,
        largest: NDArray[np.int64],
        spare: NDArray[np.int64],
        threshold: NDArray[np.float64],
        records: Records,
        need: int,
    ) -> Self:
        """Return it from columns of clusters, and what a typical request needs."""
        limit = limit_of(usable, threshold, spare)
        return cls(usable, limit, limit_of(usable + spare - largest, threshold), records, need)

    def asked(self, factor: float) -> float:
        """Return the peak asked for ÷ usable."""
        usable = int(self.usable.sum())
        return self.records.base(0.0) * factor / usable if usable else 0.0

    def admitted(self, factor: float) -> float:
        """Return how much of what is asked for at peak stays below the limit, at most 1."""
        asked = self.asked(factor) * int(self.usable.sum())
        return min(int(self.limit.sum()) / asked, 1.0) if asked else 1.0

    def full_s(self, rate: float, scale: float) -> float:
        """Return when demand meets the limit, inf for never."""
        room = int(np.maximum(self.limit - self.need, 0).sum()) + 1
        first_s = self.records.first_s(room / scale, rate)
        return min(first_s, reached_s(self.records.base(rate) * scale, room, rate) or first_s)

    def survives(self, peak: float) -> NDArray[np.bool_]:
        """Return which clusters may hold the share `peak` of what they have on one host less."""
        return self.usable * peak <= self.without_largest


def estimate(
    fleet: Fleet,
    profile: Profile,
    *,
    growth: float = 0.0,
    months: float = 0.0,
    scale: float = 1.0,
    cpu_overcommit: float | None = None,
    ram_overcommit: float | None = None,
    hosts_per_cluster: int | None = None,
) -> Estimate:
    """Return what sums say about a cloud after a change; see `WhatIf` for the arguments."""
    what_if = WhatIf(growth, months, scale, cpu_overcommit, ram_overcommit, hosts_per_cluster)
    changed = what_if.fleet(fleet)
    needs, factor = profile.typical.needs(changed), what_if.factor
    cpu = _Side.of(
        changed.per_cluster(changed.usable_cpu_mhz),
        largest=largest_of(changed, changed.usable_cpu_mhz),
        spare=changed.spare_cpu_mhz,
        threshold=changed.cpu_disable,
        records=profile.cpu,
        need=needs[Resource.CPU],
    )
    ram = _Side.of(
        changed.per_cluster(changed.usable_ram_mib),
        largest=largest_of(changed, changed.usable_ram_mib),
        spare=changed.spare_ram_mib,
        threshold=changed.ram_disable,
        records=profile.ram,
        need=needs[Resource.RAM],
    )
    full_s, full_of = min(
        (cpu.full_s(what_if.rate, scale), Resource.CPU),
        (ram.full_s(what_if.rate, scale), Resource.RAM),
    )
    admitted = min(cpu.admitted(factor), ram.admitted(factor))
    peak_cpu, peak_ram = cpu.asked(factor) * admitted, ram.asked(factor) * admitted
    return Estimate(
        what_if=what_if,
        hosts=len(changed),
        asked_cpu_share=cpu.asked(factor),
        asked_ram_share=ram.asked(factor),
        peak_cpu_share=peak_cpu,
        peak_ram_share=peak_ram,
        months_until_full=full_s / MONTH if np.isfinite(full_s) else None,
        full_of=full_of if np.isfinite(full_s) else None,
        clusters=len(changed.cluster_names),
        clusters_n_plus_1=int(np.sum(cpu.survives(peak_cpu) & ram.survives(peak_ram))),
        fits=admitted >= 1.0,
    )
