"""The typical request: the one by which a place is called full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Resource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Rules
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class Typical:
    """A request of median size, each column by itself.

    Attributes:
        vcpu: virtual CPUs.
        cpu_mhz: speed of each, MHz; 0 for the speed of the host.
        ram_mib: memory, MiB.
        disk_mib: root disk, MiB.
    """

    vcpu: int
    cpu_mhz: int
    ram_mib: int
    disk_mib: int

    def cpu_on(self, mhz: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return what it takes on hosts with cores of `mhz` MHz, `(hosts,)` MHz."""
        speed = np.full_like(mhz, self.cpu_mhz) if self.cpu_mhz else mhz
        return np.asarray(speed, np.int64) * self.vcpu

    def needs(self, fleet: Fleet) -> dict[Resource, int]:
        """Return what it takes of each resource, of CPU on the slowest host of `fleet`."""
        slowest = fleet.host_mhz[:1] if not len(fleet) else fleet.host_mhz.min(keepdims=True)
        return {
            Resource.CPU: int(self.cpu_on(slowest).sum()),
            Resource.RAM: self.ram_mib,
            Resource.STORAGE: self.disk_mib,
            Resource.ADDRESS: 1,
        }

    def can_run(self, fleet: Fleet) -> NDArray[np.bool_]:
        """Return which hosts have cores enough and fast enough for it, `(hosts,)`."""
        return (fleet.host_cores >= self.vcpu) & (fleet.host_mhz >= self.cpu_mhz)


def typical_of(demand: Demand, rules: Rules) -> Typical:
    """Return the median of every column of `demand`, as some request has it.

    A request without a speed counts as slower than any with one: where most name none, the
    typical one takes its cores whole. Of an empty demand it is 1 vCPU with 1024 MiB.
    """
    if not len(demand):
        return Typical(1, 0, 1024, rules.default_disk_mib)
    disk = np.where(demand.disk_mib < 0, rules.default_disk_mib, demand.disk_mib)
    columns = (demand.vcpu, demand.cpu_mhz, demand.ram_mib, disk)
    return Typical(*(int(np.quantile(each, 0.5, method="inverted_cdf")) for each in columns))
