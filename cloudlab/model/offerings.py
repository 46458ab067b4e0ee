"""What users may choose from: sizes of machines and disks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record
from cloudlab.units import size_text

if TYPE_CHECKING:
    from cloudlab.model.tenancy import Domain


class SystemVmType(StrEnum):
    """What a system offering is for."""

    DOMAIN_ROUTER = "domainrouter"
    CONSOLE_PROXY = "consoleproxy"
    SECONDARY_STORAGE_VM = "secondarystoragevm"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ComputeOffering(Record):
    """The size of a machine (CloudStack's service offering)."""

    kind: ClassVar[str] = "compute offering"

    vcpu: int
    cpu_mhz: int = 0
    """Speed promised for each core; 0: the speed of the host it runs on."""
    ram_mib: int
    host_tag: str | None = None
    """One host tag, compared whole."""
    storage_tags: frozenset[str] = frozenset()
    ha: bool = False
    """Whether its VMs are restarted elsewhere when their host fails."""
    limit_cpu_use: bool = False
    uses_local_storage: bool = False
    domain: Domain | None = None
    """Who may use it; `None`: everybody."""
    system_vm_type: SystemVmType | None = None
    """Set on system offerings."""
    display_text: str = ""

    @property
    def is_system(self) -> bool:
        """Whether it is for system VMs only."""
        return self.system_vm_type is not None

    def glance(self) -> str:
        """Return its size."""
        speed = f" x {self.cpu_mhz} MHz" if self.cpu_mhz else ""
        return f"{self.vcpu} vCPU{speed}, {size_text(self.ram_mib)}"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class DiskOffering(Record):
    """The size of a data disk."""

    kind: ClassVar[str] = "disk offering"

    size_mib: int | None
    """`None`: customized, the user gives the size."""
    storage_tags: frozenset[str] = frozenset()
    uses_local_storage: bool = False
    domain: Domain | None = None
    display_text: str = ""

    @property
    def is_customized(self) -> bool:
        """Whether the user gives the size."""
        return self.size_mib is None

    def glance(self) -> str:
        """Return its size."""
        return "any size" if self.size_mib is None else size_text(self.size_mib)
