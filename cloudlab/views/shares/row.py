"""One resource of one place: what there is, what may be allocated, what is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cloudlab.units import size_text
from cloudlab.views.places import Level, Place


class CapacityType(IntEnum):
    """What is counted, by CloudStack's numbers; only what placement decides by.

    Source: CloudStack 4.0 `Capacity`; STORAGE (2), bytes really written, is not modelled.
    """

    MEMORY = 0
    CPU = 1
    STORAGE_ALLOCATED = 3
    VIRTUAL_NETWORK_PUBLIC_IP = 4
    PRIVATE_IP = 5
    DIRECT_ATTACHED_PUBLIC_IP = 8

    @property
    def label(self) -> str:
        """Its name for people."""
        return _LABELS[self]

    @property
    def unit(self) -> str:
        """The unit of its numbers: MHz, MiB or addresses."""
        if self is CapacityType.CPU:
            return "MHz"
        sizes = (CapacityType.MEMORY, CapacityType.STORAGE_ALLOCATED)
        return "MiB" if self in sizes else "addresses"


_LABELS: Final = {
    CapacityType.MEMORY: "memory",
    CapacityType.CPU: "CPU",
    CapacityType.STORAGE_ALLOCATED: "primary storage",
    CapacityType.VIRTUAL_NETWORK_PUBLIC_IP: "public addresses",
    CapacityType.PRIVATE_IP: "private addresses",
    CapacityType.DIRECT_ATTACHED_PUBLIC_IP: "guest addresses",
}


def amount_text(amount: float, unit: str) -> str:
    """Return an amount as people read it: `120 GHz`, `1.5 TiB`, `250 addresses`."""
    if unit == "MiB":
        return size_text(amount)
    if unit != "MHz":
        return f"{amount:,.0f} {unit}"
    size = float(amount)
    for larger in ("MHz", "GHz"):
        if abs(size) < 1000:
            return f"{size:.4g} {larger}"
        size /= 1000
    return f"{size:.4g} THz"


@dataclass(frozen=True, slots=True)
class CapacityRow:
    """One resource of one place; `raw`, `usable`, `used`, `reserved`, `free` are in `unit`.

    Attributes:
        raw: What the machines really have.
        factor: Over-provisioning: how many times `raw` may be allocated; a mean over hosts.
        usable: What may be allocated: `raw` x `factor`, rounded down host by host.
        used: Allocated to VMs. What they really use is not measured.
        reserved: Kept for VMs that were stopped a moment ago.
        out_of_service: Usable capacity of hosts or pools that take nothing now; counted
            nowhere else in the row of a zone, pod or cluster.
        notify: Share over which an alert is raised; `None`: off, or it differs inside.
        disable: Share over which nothing more is placed; `None`: off, or it differs inside.
    """

    level: Level
    id: int
    name: str
    zone: str
    type: CapacityType
    unit: str
    raw: int
    factor: float
    usable: int
    used: int
    reserved: int
    out_of_service: int = 0
    notify: float | None = None
    disable: float | None = None

    @property
    def place(self) -> Place:
        """What the row is about."""
        return Place(self.level, self.id, self.name)

    @property
    def allocated(self) -> int:
        """Used and reserved together: what nobody else can have."""
        return self.used + self.reserved

    @property
    def free(self) -> int:
        """What may still be allocated; negative after over-provisioning was lowered."""
        return self.usable - self.allocated

    @property
    def share(self) -> float:
        """The allocated share of what is usable, 0 to 1 as a rule; 0 where nothing is usable."""
        return self.allocated / self.usable if self.usable else 0.0

    @property
    def words(self) -> str:
        """The row as a sentence that says which number is which."""
        held = f"{self._text(self.allocated)} allocated"
        if self.reserved:
            held += f" ({self._text(self.used)} used, {self._text(self.reserved)} reserved)"
        parts = [f"{held} of {self._text(self.usable)} usable, {self.share:.0%}"]
        if self.factor != 1:
            parts.append(f"usable is {self._text(self.raw)} raw x {self.factor:.3g}")
        if self.out_of_service:
            parts.append(f"{self._text(self.out_of_service)} more is out of service")
        return f"{self.type.label} of {self.place}: {'; '.join(parts)}"

    def _text(self, amount: int) -> str:
        return amount_text(amount, self.unit)
