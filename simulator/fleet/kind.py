"""A kind of host: the size that one more machine of it would bring."""

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
