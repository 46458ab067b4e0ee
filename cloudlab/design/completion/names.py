"""Names for everything that was given none, after its place: zone `z1`, pod `z1-p1` ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from cloudlab.design.schema import (
    Cluster,
    PhysicalNetwork,
    Pod,
    PrimaryStorage,
    SecondaryStorage,
    Zone,
)

_Named = TypeVar("_Named", Zone, Pod, Cluster, PrimaryStorage, SecondaryStorage, PhysicalNetwork)


def with_names(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return `zones` with a name for every zone, pod, cluster, pool, store and cable."""
    return tuple(_named_inside(zone) for zone in _named(zones, "z"))


def _named_inside(zone: Zone) -> Zone:
    pods = _named(zone.pods, f"{zone.name}-p")
    update: dict[str, object] = {
        "pods": tuple(_named_clusters(pod) for pod in pods),
        "secondary_storage": _named(zone.secondary_storage, f"{zone.name}-secondary"),
        "physical_networks": _named(zone.physical_networks, f"{zone.name}-physical"),
    }
    if zone.primary_storage:
        update["primary_storage"] = _named(zone.primary_storage, f"{zone.name}-primary")
    return zone.model_copy(update=update)


def _named_clusters(pod: Pod) -> Pod:
    clusters = tuple(_named_pools(cluster) for cluster in _named(pod.clusters, f"{pod.name}-c"))
    return pod.model_copy(update={"clusters": clusters})


def _named_pools(cluster: Cluster) -> Cluster:
    if not cluster.primary_storage:
        return cluster
    pools = _named(cluster.primary_storage, f"{cluster.name}-primary")
    return cluster.model_copy(update={"primary_storage": pools})


def _named(things: Sequence[_Named], stem: str) -> tuple[_Named, ...]:
    """Return `things`, those without a name called `stem` and their place from 1."""
    return tuple(
        thing if thing.name else thing.model_copy(update={"name": f"{stem}{place}"})
        for place, thing in enumerate(things, start=1)
    )
