"""Kinds of hosts, and hosts that are kept free: what a fleet knows of single machines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostKind:
    """The size of one host, as bought: before any over-provisioning.

    Attributes:
        name: what the catalogue calls it; becomes the host's type.
        cores: cores a host.
        mhz: speed of one core, MHz.
        ram_mib: memory a host, MiB.
    """

    name: str
    cores: int
    mhz: int
    ram_mib: int

    @property
    def cpu_mhz(self) -> int:
        """MHz of all its cores."""
        return self.cores * self.mhz


@dataclass(frozen=True, slots=True)
class Spare:
    """A host that takes no VMs until another one fails (`ha.tag`).

    Attributes:
        cluster: index of its cluster in the fleet.
        name: what it is called.
        kind: its size.
        is_first: whether it stands before all other hosts of its cluster, whose speed is then
            that of its cores.
    """

    cluster: int
    name: str
    kind: HostKind
    is_first: bool = False
