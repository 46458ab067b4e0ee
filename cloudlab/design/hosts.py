"""The single hosts that the groups of a cluster stand for: their names and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudlab import units
from cloudlab.design.schema import CloudDocument, HostGroup, HostType
from cloudlab.design.walk import ClusterPlace
from cloudlab.errors import InputError


@dataclass(frozen=True, slots=True)
class HostShape:
    """The size of one host as bought, before over-provisioning.

    Attributes:
        type: its name in the price list; of a group without a type: `64x2000-256GiB`.
        cpus: cores.
        mhz: speed of a core, MHz.
        ram_mib: memory, MiB.
        price_per_month: in the document's currency, `None` when not known.
    """

    type: str
    cpus: int
    mhz: int
    ram_mib: int
    price_per_month: float | None = None

    @property
    def cpu_mhz(self) -> int:
        """All cores together, MHz."""
        return self.cpus * self.mhz


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """One host of a design.

    Attributes:
        is_spare: whether `ha.tag` keeps it free for restarts after a failure.
    """

    name: str
    shape: HostShape
    tags: tuple[str, ...]
    is_spare: bool


def shape_of(document: CloudDocument, group: HostGroup) -> HostShape:
    """Return the size of each host of `group`.

    Raises:
        InputError: it names no known type, nor a size of its own.
    """
    if group.type:
        return _shape_of_type(host_type(document, group.type))
    if group.cpus is None or group.mhz is None or group.ram_gib is None:
        raise InputError("a group of hosts needs a type, or cpus, mhz and ram_gib")
    name = f"{group.cpus}x{group.mhz}-{group.ram_gib:g}GiB"
    return HostShape(name, group.cpus, group.mhz, units.mib(group.ram_gib))


def host_type(document: CloudDocument, name: str) -> HostType:
    """Return the entry `name` of the price list.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    for entry in document.host_types:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in document.host_types) or "none"
    raise InputError(f"no host type {name!r} in host_types; there are {known}")


def hosts_of(document: CloudDocument, place: ClusterPlace) -> Iterator[PlannedHost]:
    """Yield the hosts of a cluster in the order in which first fit tries them."""
    number = 0
    for group in place.cluster.hosts:
        shape = shape_of(document, group)
        is_spare = document.settings.ha_tag in group.tags
        for _ in range(group.count):
            number += 1
            yield PlannedHost(host_name(group, place, number), shape, group.tags, is_spare)


def host_name(group: HostGroup, place: ClusterPlace, number: int) -> str:
    """Return the name of the host that is number `number` (from 1) of its cluster."""
    return group.name_pattern.format(
        zone=place.zone.name, pod=place.pod.name, cluster=place.cluster.name, n=number
    )


def _shape_of_type(entry: HostType) -> HostShape:
    ram_mib = units.mib(entry.ram_gib)
    return HostShape(entry.name, entry.cpus, entry.mhz, ram_mib, entry.price_per_month)
