"""The zones, pods and clusters that a plan has a line for, and the cloud as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.fleet import Fleet


class Scope(StrEnum):
    """How much of the cloud a line of the plan is about."""

    CLOUD = "cloud"
    ZONE = "zone"
    POD = "pod"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One zone, pod or cluster, or the whole cloud.

    Attributes:
        scope: which of them.
        index: its number in the fleet.
        zone: name of the zone it is or is in; empty for the cloud.
        pod: name of the pod it is or is in; empty for cloud and zones.
        cluster: name of the cluster; empty for the others.
    """

    scope: Scope
    index: int
    zone: str = ""
    pod: str = ""
    cluster: str = ""

    @property
    def name(self) -> str:
        """The names on the way to it: `z1/p1/c1`; `cloud` for the whole."""
        return "/".join(name for name in (self.zone, self.pod, self.cluster) if name) or "cloud"

    def __str__(self) -> str:
        """Return kind and name: `cluster z1/p1/c1`."""
        return self.name if self.scope is Scope.CLOUD else f"{self.scope} {self.name}"


def cluster_place(fleet: Fleet, cluster: int) -> Place:
    """Return the cluster at index `cluster` of the fleet."""
    pod = int(fleet.cluster_pod[cluster])
    zone = fleet.zone_names[fleet.pod_zone[pod]]
    return Place(Scope.CLUSTER, cluster, zone, fleet.pod_names[pod], fleet.cluster_names[cluster])


def places(fleet: Fleet) -> Iterator[Place]:
    """Yield the cloud, every zone, every pod and every cluster of the fleet."""
    yield Place(Scope.CLOUD, 0)
    for zone, name in enumerate(fleet.zone_names):
        yield Place(Scope.ZONE, zone, name)
    for pod, name in enumerate(fleet.pod_names):
        yield Place(Scope.POD, pod, fleet.zone_names[fleet.pod_zone[pod]], name)
    for cluster in range(len(fleet.cluster_names)):
        yield cluster_place(fleet, cluster)
