"""How much of something is taken, and what a VM takes of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.model import ComputeOffering, Host

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something is taken, in MHz or MiB."""

    total: int
    """What may be allocated: the raw capacity times the over-provisioning factor, rounded down."""
    used: int
    """What running VMs hold."""
    reserved: int
    """What is kept for VMs that were stopped a moment ago."""

    @property
    def free(self) -> int:
        """What is left."""
        return self.total - self.used - self.reserved

    @property
    def taken(self) -> float:
        """The used and reserved share of the total, 0 to 1; 0 where there is nothing."""
        return (self.used + self.reserved) / self.total if self.total else 0.0


def cpu_need(offering: ComputeOffering, host: Host) -> int:
    """Return the MHz that a VM of `offering` takes of `host`."""
    return offering.vcpu * (offering.cpu_mhz or host.mhz)


def share_of(
    hosts: Sequence[Host],
    total: NDArray[np.int64],
    free: NDArray[np.int64],
    reserved: NDArray[np.int64],
) -> Share:
    """Return the share of `hosts` together, from the three columns of one resource."""
    rows = [host.row for host in hosts]
    whole, kept = int(total[rows].sum()), int(reserved[rows].sum())
    return Share(whole, whole - kept - int(free[rows].sum()), kept)
