"""The record `Placements`: host, pool and times of every request, in order of arrival."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.policy.reason import Reason
from simulator.placements.rules import Rules
from simulator.placements.usage import Peaks, Usage, usage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements.asked import Asked


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Placements:
    """What became of the first n requests of a demand, in order of arrival.

    Attributes:
        host: `(n,)` int32, index of the host, -1 when refused.
        pool: `(n,)` int32, index of the storage pool, -1 when refused.
        reason: `(n,)` int8, a `Reason`; 0 is admitted.
        start_s: `(n,)` when the host's capacity was taken; nan when refused.
        end_s: `(n,)` when it came back; infinite when the VM outlives the run.
        released_s: `(n,)` when disk and address came back, that is at the expunge.
        horizon_s: end of the run; VMs that live on are counted up to here.
        rules: the settings the decisions obeyed.
        undecided: requests that a stopped run never came to; they have no row.
    """

    host: NDArray[np.int32]
    pool: NDArray[np.int32]
    reason: NDArray[np.int8]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    released_s: NDArray[np.float64]
    horizon_s: float
    rules: Rules = field(default_factory=Rules)
    undecided: int = 0

    @property
    def md5(self) -> str:
        """Hex md5 of the host column as little-endian int32: equal runs have equal sums."""
        return hashlib.md5(self.host.astype("<i4").tobytes(), usedforsecurity=False).hexdigest()

    @property
    def admitted(self) -> int:
        """How many requests got a host."""
        return int(np.count_nonzero(self.host >= 0))

    def refused_by_reason(self) -> dict[str, int]:
        """Return how many requests each reason refused, in words; reasons unseen are left out."""
        counts = np.bincount(self.reason, minlength=len(Reason))
        refusals = (reason for reason in Reason if reason is not Reason.ADMITTED)
        return {reason.label: int(counts[reason]) for reason in refusals if counts[reason]}

    @property
    def peak_vms(self) -> int:
        """The most VMs that ran at one time."""
        placed = self.host >= 0
        starts, ends = np.sort(self.start_s[placed]), np.sort(self.end_s[placed])
        gone = np.searchsorted(ends, starts, side="right")  # departures come first
        return int(np.max(np.arange(1, len(starts) + 1) - gone, initial=0))

    def vms_at(self, time_s: float) -> NDArray[np.int64]:
        """Return which requests hold a host at `time_s`, departures of that instant gone."""
        return np.flatnonzero((self.start_s <= time_s) & (self.end_s > time_s))

    def vcpu_seconds(self, demand: Asked, horizon_s: float | None = None) -> float:
        """Return the sum over admitted VMs of vCPUs times seconds of life.

        Lives are counted whole, those without an end up to `self.horizon_s`; with
        `horizon_s` every life is cut there.
        """
        placed = np.flatnonzero(self.host >= 0)
        end = np.where(np.isinf(self.end_s[placed]), self.horizon_s, self.end_s[placed])
        if horizon_s is not None:
            end = np.minimum(end, horizon_s)
        lived = np.maximum(end - self.start_s[placed], 0.0)
        return float(np.sum(demand.vcpu[placed] * lived))

    def usage(self, fleet: Fleet, demand: Asked, resource: str, by: str = "cluster") -> Usage:
        """Return the allocation of `resource` in every `by` as step functions of time.

        Args:
            fleet: the fleet the requests were placed on.
            demand: the requests.
            resource: a `Resource`: cpu (MHz), ram, storage (MiB), address or vm (counts).
            by: a `Scope`: zone, pod, cluster, host; pool for storage, address_pool for
                addresses.
        """
        return usage(self, fleet, demand, resource, by)

    def usage_over_time(
        self, fleet: Fleet, demand: Asked, resource: str, by: str = "cluster"
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return `(times, values)`: the instants of change `(k,)` and allocations `(k, groups)`.

        `values[i]` holds from `times[i]` up to `times[i + 1]`. One cell for every change
        and group: for fleets of many groups use `usage`, which stores changes only.
        """
        return self.usage(fleet, demand, resource, by).table()

    def peaks(self, fleet: Fleet, demand: Asked, resource: str, by: str = "cluster") -> Peaks:
        """Return the highest allocation of every `by` and the first time it was reached."""
        return self.usage(fleet, demand, resource, by).peaks()

    def __len__(self) -> int:
        """Return the number of requests decided."""
        return len(self.host)

    def __repr__(self) -> str:
        """Return how many were admitted and why the others were not."""
        refused = ", ".join(f"{n:,} {why}" for why, n in self.refused_by_reason().items())
        parts = [f"{self.admitted:,} of {len(self):,} admitted"]
        parts += [f"refused for: {refused}"] if refused else []
        parts += [f"{self.undecided:,} undecided"] if self.undecided else []
        return f"<Placements by {self.rules.algorithm}: {'; '.join(parts)}>"
