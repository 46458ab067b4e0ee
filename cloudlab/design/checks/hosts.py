"""Hosts: known types, complete sizes, one hypervisor a cluster, plausible units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import CloudDocument, HostGroup, HostType
from cloudlab.design.walk import ClusterPlace, each_cluster
from cloudlab.design.wording import suggestion

_SLOWEST_MHZ: Final = 400
_FASTEST_MHZ: Final = 8000
_MOST_CORES: Final = 1024
_MOST_RAM_GIB: Final = 32_768
_MOST_RAM_A_CORE_GIB: Final = 256
_MOST_OVERCOMMIT: Final = 100


def check_hosts(document: CloudDocument) -> Iterator[Problem]:
    """Yield what is wrong with host types, groups of hosts and over-provisioning."""
    for place, entry in enumerate(document.host_types):
        yield from _plausible(("host_types", place), entry)
    for at in each_cluster(document):
        yield from _overcommit(at)
        for place, group in enumerate(at.cluster.hosts):
            path = (*at.path, "hosts", place)
            yield from _group(document, at, group, path)
            yield from _plausible(path, group)


def _group(
    document: CloudDocument, at: ClusterPlace, group: HostGroup, path: Path
) -> Iterator[Problem]:
    sizes = {"cpus": group.cpus, "mhz": group.mhz, "ram_gib": group.ram_gib}
    if not group.type:
        missing = [name for name, size in sizes.items() if size is None]
        if missing:
            names = " and ".join(missing)
            yield Problem(path, f"has no {names}; give cpus, mhz and ram_gib, or a type")
        return
    given = [name for name, size in sizes.items() if size is not None]
    if given:
        message = f"is given beside type {group.type!r}, which says it too; keep one of the two"
        yield Problem((*path, given[0]), message)
    known = {entry.name: entry for entry in document.host_types}
    if group.type not in known:
        yield Problem((*path, "type"), _unknown_type(group.type, list(known)))
    elif known[group.type].hypervisor not in {None, at.cluster.hypervisor}:
        yield Problem((*path, "type"), _other_hypervisor(known[group.type], at))


def _unknown_type(name: str, known: list[str]) -> str:
    listed = ", ".join(known) or "none"
    return f"is {name!r}; host_types has {listed}{suggestion(name, known)}"


def _other_hypervisor(entry: HostType, at: ClusterPlace) -> str:
    return (
        f"is {entry.name!r}, which runs {entry.hypervisor}, but cluster {at.cluster.name} is "
        f"{at.cluster.hypervisor}; all hosts of a cluster run one hypervisor"
    )


def _overcommit(at: ClusterPlace) -> Iterator[Problem]:
    for name in ("cpu_overcommit", "ram_overcommit"):
        factor: float | None = getattr(at.cluster, name)
        if factor is not None and factor > _MOST_OVERCOMMIT:
            text = f"is {factor:g}: {factor:g} times what is there; usual are 1 to 20"
            yield Problem((*at.path, name), text, question=True)


def _plausible(path: Path, size: HostGroup | HostType) -> Iterator[Problem]:
    """Yield sizes that look like another unit's."""
    cpus, mhz, ram = size.cpus or 1, size.mhz, size.ram_gib
    if size.cpus is not None and cpus > _MOST_CORES:
        yield Problem((*path, "cpus"), f"is {cpus} cores in one host", question=True)
    if mhz is not None and mhz < _SLOWEST_MHZ:
        hint = f"; if it is GHz, write {mhz * 1000}" if mhz < 10 else ""
        yield Problem((*path, "mhz"), f"is {mhz} MHz, slower than any host{hint}", question=True)
    if mhz is not None and mhz > _FASTEST_MHZ:
        text = f"is {mhz} MHz a core, faster than any host; it is the speed of one core"
        yield Problem((*path, "mhz"), text, question=True)
    if ram is not None and (ram > _MOST_RAM_GIB or ram > _MOST_RAM_A_CORE_GIB * max(cpus, 8)):
        hint = f"if it is MiB, write {ram / 1024:g}"
        text = f"is {ram:g} GiB ({ram / 1024:g} TiB) in one host; {hint}"
        yield Problem((*path, "ram_gib"), text, question=True)
