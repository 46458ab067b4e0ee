"""Names that must differ: of neighbours in the tree, and of things chosen by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from cloudlab.design.hosts import host_name
from cloudlab.design.problems import Path, Problem
from cloudlab.design.schema import CloudDocument
from cloudlab.design.walk import each_cluster, each_pod, each_zone


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def check_names(document: CloudDocument) -> Iterator[Problem]:
    """Yield names that are used twice where they must tell things apart."""
    for kind in (
        "host_types",
        "compute_offerings",
        "disk_offerings",
        "system_offerings",
        "templates",
    ):
        yield from _twice((kind,), getattr(document, kind), "the document")
    yield from _twice(("zones",), document.zones, "the cloud")
    for path, zone in each_zone(document):
        for kind in ("pods", "physical_networks", "secondary_storage"):
            yield from _twice((*path, kind), getattr(zone, kind), f"zone {zone.name}")
    for path, _, pod in each_pod(document):
        yield from _twice((*path, "clusters"), pod.clusters, f"pod {pod.name}")
    yield from _pool_names(document)


def _twice(path: Path, things: Sequence[_Named], where: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, thing in enumerate(things):
        first = seen.setdefault(thing.name, place)
        if first != place:
            message = f"is {thing.name!r}, the name of {path[-1]}[{first}] in {where}; rename one"
            yield Problem((*path, place, "name"), message)


def _pool_names(document: CloudDocument) -> Iterator[Problem]:
    """Yield pools of one zone that share a name."""
    for zone_path, zone in each_zone(document):
        seen = {pool.name for pool in zone.primary_storage}
        yield from _twice((*zone_path, "primary_storage"), zone.primary_storage, zone.name)
        for at in each_cluster(document):
            if at.zone is not zone:
                continue
            for place, pool in enumerate(at.cluster.primary_storage):
                if pool.name in seen:
                    path = (*at.path, "primary_storage", place, "name")
                    message = f"is {pool.name!r}, the name of another pool in zone {zone.name}"
                    yield Problem(path, f"{message}; rename one")
                seen.add(pool.name)


def check_host_names(document: CloudDocument) -> Iterator[Problem]:
    """Yield groups whose hosts would be called like others."""
    seen: dict[str, str] = {}
    for at in each_cluster(document):
        number = 0
        for place, group in enumerate(at.cluster.hosts):
            path = (*at.path, "hosts", place, "name_pattern")
            for _ in range(group.count):
                number += 1
                name = host_name(group, at, number)
                other = seen.setdefault(name, at.label)
                if other != at.label or ("{n" not in group.name_pattern and group.count > 1):
                    yield Problem(path, _same_host_name(name, other))
                    break


def _same_host_name(name: str, other: str) -> str:
    return (
        f"calls two hosts {name!r} (the other is in {other}); host names must differ in the "
        "whole cloud, so put {n:03d} and, if clusters share a name, {pod} or {zone} into it"
    )
