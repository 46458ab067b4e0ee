"""Offerings and templates: sizes that fit together, plausible units, tags that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import CloudDocument, ComputeOffering, DiskOffering
from cloudlab.design.walk import each_cluster, each_zone

_LEAST_RAM_MIB: Final = 64
_SLOWEST_MHZ: Final = 100


def check_offerings(document: CloudDocument) -> Iterator[Problem]:
    """Yield what is wrong with what users may choose from."""
    for kind in ("compute_offerings", "system_offerings"):
        for place, offering in enumerate(getattr(document, kind)):
            yield from _compute((kind, place), offering)
    for place, offering in enumerate(document.disk_offerings):
        yield from _disk(("disk_offerings", place), offering, document)
    yield from _tags(document)


def _compute(path: Path, offering: ComputeOffering) -> Iterator[Problem]:
    if offering.ram_mib < _LEAST_RAM_MIB:
        ram = offering.ram_mib
        text = f"is {ram} MiB, very little; if it is GiB, write {ram * 1024}"
        yield Problem((*path, "ram_mib"), text, question=True)
    if offering.cpu_mhz is not None and offering.cpu_mhz < _SLOWEST_MHZ:
        mhz = offering.cpu_mhz
        text = f"is {mhz} MHz, very slow; if it is GHz, write {mhz * 1000}"
        yield Problem((*path, "cpu_mhz"), text, question=True)


def _disk(path: Path, offering: DiskOffering, document: CloudDocument) -> Iterator[Problem]:
    size, most = offering.size_gib, document.settings.storage_max_volume_size
    if offering.customized and size is not None:
        text = f"is {size:g}, but the offering is customized: the user gives the size; keep one"
        yield Problem((*path, "size_gib"), text)
    if not offering.customized and size is None:
        yield Problem(path, "has no size_gib; give one, or customized: true")
    if size is not None and size > most:
        text = f"is {size:g}, over the setting storage.max.volume.size of {most} GiB"
        yield Problem((*path, "size_gib"), text)


def _tags(document: CloudDocument) -> Iterator[Problem]:
    """Yield offerings that ask for tags which nothing has: their VMs could never start."""
    host_tags = {
        tag for at in each_cluster(document) for group in at.cluster.hosts for tag in group.tags
    }
    pools = [pool for _, zone in each_zone(document) for pool in zone.primary_storage]
    pools += [pool for at in each_cluster(document) for pool in at.cluster.primary_storage]
    tag_sets = [set(pool.tags) for pool in pools]
    for kind in ("compute_offerings", "disk_offerings"):
        for place, offering in enumerate(getattr(document, kind)):
            wanted = set(offering.storage_tags)
            if wanted and not any(wanted <= tags for tags in tag_sets):
                text = f"is {', '.join(offering.storage_tags)}, but no pool has all of it"
                yield Problem((kind, place, "storage_tags"), text, question=True)
            tag = getattr(offering, "host_tag", None)
            if tag is not None and tag not in host_tags:
                text = f"is {tag!r}, but no host has that tag"
                yield Problem((kind, place, "host_tag"), text, question=True)
