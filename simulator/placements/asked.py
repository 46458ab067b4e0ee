"""The columns of a demand that turn placements into amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Asked(Protocol):
    """What every request asks for, one row a request; `workload.demand.Demand` is one."""

    @property
    def vcpu(self) -> NDArray[np.int32]:
        """Cores of the VM."""

    @property
    def ram_mib(self) -> NDArray[np.int64]:
        """Memory of the VM."""

    @property
    def disk_mib(self) -> NDArray[np.int64]:
        """Disk of the VM, -1 when not given."""

    @property
    def cpu_mhz(self) -> NDArray[np.int32]:
        """Speed of a core, 0 for the speed of the host."""
