"""Every zone, pod and cluster of a document, in its order, with the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudlab.design.problems import Path
from cloudlab.design.schema import CloudDocument, Cluster, Pod, Zone
from cloudlab.model.topology import AllocationState


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """A cluster and where it stands."""

    path: Path
    zone: Zone
    pod: Pod
    cluster: Cluster

    @property
    def label(self) -> str:
        """The names on the way to it: `z1/p1/c1`."""
        return f"{self.zone.name}/{self.pod.name}/{self.cluster.name}"

    @property
    def is_open(self) -> bool:
        """Whether users' VMs may be placed in it: zone, pod and cluster are Enabled."""
        states = {part.allocation_state for part in (self.zone, self.pod, self.cluster)}
        return states == {AllocationState.ENABLED}


def each_zone(document: CloudDocument) -> Iterator[tuple[Path, Zone]]:
    """Yield the zones, each with its path."""
    for place, zone in enumerate(document.zones):
        yield ("zones", place), zone


def each_pod(document: CloudDocument) -> Iterator[tuple[Path, Zone, Pod]]:
    """Yield the pods, each with its path and zone."""
    for path, zone in each_zone(document):
        for place, pod in enumerate(zone.pods):
            yield (*path, "pods", place), zone, pod


def each_cluster(document: CloudDocument) -> Iterator[ClusterPlace]:
    """Yield the clusters, each with its path, zone and pod."""
    for path, zone, pod in each_pod(document):
        yield from clusters_of(zone, pod, path)


def clusters_of(zone: Zone, pod: Pod, path: Path = ()) -> Iterator[ClusterPlace]:
    """Yield the clusters of `pod`, which is in `zone` and stands at `path`."""
    for place, cluster in enumerate(pod.clusters):
        yield ClusterPlace((*path, "clusters", place), zone, pod, cluster)
