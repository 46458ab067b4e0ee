"""A host: a machine with a hypervisor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record
from cloudlab.model.topology.host_resource import ResourceState
from cloudlab.model.topology.host_status import HostStatus
from cloudlab.units import size_text

if TYPE_CHECKING:
    from cloudlab.model.topology.places import Cluster, Pod, Zone


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Host(Record):
    """A machine with a hypervisor."""

    kind: ClassVar[str] = "host"

    status: HostStatus = HostStatus.CREATING
    resource_state: ResourceState = ResourceState.CREATING
    zone: Zone
    pod: Pod
    cluster: Cluster
    cpus: int
    """Cores."""
    mhz: int
    """Speed of a core."""
    ram_mib: int
    """What guests may use: the hypervisor's own share is already taken off."""
    type: str = ""
    """Name of the hardware type, for prices."""
    url: str = ""
    ip: str = ""
    tags: frozenset[str] = frozenset()
    has_hvm: bool = True
    guest_os_category: str | None = None
    """Guests of this category are put here first."""
    max_guests: int | None = None
    row: int = -1
    """Its place in the ledger."""

    @property
    def cpu_mhz(self) -> int:
        """All cores together, before over-provisioning."""
        return self.cpus * self.mhz

    @property
    def is_usable(self) -> bool:
        """Whether VMs may be placed on it: Up and Enabled."""
        return self.status is HostStatus.UP and self.resource_state is ResourceState.ENABLED

    def glance(self) -> str:
        """Return its two states and its size."""
        size = f"{self.cpus} x {self.mhz} MHz, {size_text(self.ram_mib)}"
        return f"{self.status}, {self.resource_state}, {size}"
