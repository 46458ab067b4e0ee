"""The requests of the main run: how many, how many admitted, and why the others were not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Reason

if TYPE_CHECKING:
    from simulator.placements import Placements
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class Refusal:
    """The requests refused for one reason.

    Attributes:
        reason: in words, as `Reason.label` has it.
        requests: how many.
        first_at_s: when the first of them came, seconds from time 0.
        first_id: its name.
        vcpu: virtual CPUs they asked for together.
        ram_mib: memory they asked for together, MiB.
    """

    reason: str
    requests: int
    first_at_s: float
    first_id: str
    vcpu: int
    ram_mib: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """What became of the requests of the main run.

    Attributes:
        requests: decided requests.
        admitted: those that got a host.
        refusals: the others, by reason, most frequent first.
        undecided: requests that a stopped run never came to.
        peak_vms: the most VMs that ran at one time.
        vcpu_seconds: vCPUs times seconds of life over the admitted VMs; a VM that lives on
            counts to the end of the run.
        placement_md5: of the host of every request in order of arrival, as little-endian
            int32, -1 for refused.
        horizon_s: the end of the run: the last arrival or known departure.
        end_s: the end of the demand, to which "at the end" refers.
    """

    requests: int
    admitted: int
    refusals: tuple[Refusal, ...]
    undecided: int
    peak_vms: int
    vcpu_seconds: float
    placement_md5: str
    horizon_s: float
    end_s: float

    @property
    def refused_total(self) -> int:
        """How many requests were refused."""
        return self.requests - self.admitted

    @property
    def refused(self) -> dict[str, int]:
        """How many requests each reason refused; reasons unseen are left out."""
        return {refusal.reason: refusal.requests for refusal in self.refusals}

    @property
    def admitted_share(self) -> float:
        """Admitted ÷ decided requests; 1 when there were none."""
        return self.admitted / self.requests if self.requests else 1.0


def traffic_of(placements: Placements, demand: Demand, end_s: float) -> Traffic:
    """Return what became of the requests of `demand`."""
    found = [
        _refusal(placements, demand, reason) for reason in np.unique(placements.reason).tolist()
    ]
    refusals = [refusal for refusal in found if refusal is not None]
    return Traffic(
        requests=len(placements),
        admitted=placements.admitted,
        refusals=tuple(sorted(refusals, key=lambda refusal: -refusal.requests)),
        undecided=placements.undecided,
        peak_vms=placements.peak_vms,
        vcpu_seconds=placements.vcpu_seconds(demand),
        placement_md5=placements.md5,
        horizon_s=placements.horizon_s,
        end_s=end_s,
    )


def _refusal(placements: Placements, demand: Demand, reason: int) -> Refusal | None:
    """Return the requests refused for `reason`; None for those that were admitted."""
    if reason == Reason.ADMITTED:
        return None
    rows = np.flatnonzero(placements.reason == reason)
    first = int(rows[0])
    return Refusal(
        reason=Reason(reason).label,
        requests=len(rows),
        first_at_s=float(demand.arrival_s[first]),
        first_id=demand.id_of(first),
        vcpu=int(demand.vcpu[rows].sum(dtype=np.int64)),
        ram_mib=int(demand.ram_mib[rows].sum()),
    )
