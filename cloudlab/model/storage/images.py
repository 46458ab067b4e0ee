"""Secondary storage, and the templates that root volumes are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record
from cloudlab.units import size_text

if TYPE_CHECKING:
    from cloudlab.model.topology import Zone


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class ImageStore(Record):
    """Secondary storage: where templates, ISOs and snapshots live; shared by a zone."""

    kind: ClassVar[str] = "image store"

    zone: Zone
    url: str = ""
    provider: str = "NFS"
    capacity_mib: int = 0


class ImageFormat(StrEnum):
    """File formats of disk images."""

    QCOW2 = "QCOW2"
    RAW = "RAW"
    VHD = "VHD"
    OVA = "OVA"
    ISO = "ISO"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Template(Record):
    """An image that root volumes are made from."""

    kind: ClassVar[str] = "template"

    size_mib: int = 0
    hypervisor: str | None = "KVM"
    """The one it runs on; `None`: any."""
    format: ImageFormat = ImageFormat.QCOW2
    guest_os: str = "Other Linux (64-bit)"
    host_tag: str | None = None
    """Hosts must carry this tag (CloudStack's template_tag)."""
    requires_hvm: bool = False
    is_public: bool = True
    copies: set[int] = field(default_factory=set)
    """Ids of the primary pools that hold a copy, or have space taken for one."""
    staging: set[int] = field(default_factory=set)
    """Ids of the pools whose copy is not there yet."""

    def runs_on(self, hypervisor: str) -> bool:
        """Return whether machines made from it run on `hypervisor`."""
        return self.hypervisor is None or self.hypervisor == hypervisor

    def glance(self) -> str:
        """Return its size and what it runs on."""
        return f"{size_text(self.size_mib)}, {self.hypervisor or 'any hypervisor'}"
