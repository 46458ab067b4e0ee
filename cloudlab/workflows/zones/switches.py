"""Zones, pods and clusters are switched on and off for new machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import Conflict
from cloudlab.model import AllocationEvent, Cluster, Pod, Zone

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def enable(cloud: Cloud, scope: Zone | Pod | Cluster) -> None:
    """Let new machines be placed in `scope`.

    Raises:
        Conflict: a zone that lacks a pod, cluster, host, primary or secondary storage.
    """
    if isinstance(scope, Zone):
        _check_complete(scope)
    cloud.move(scope, AllocationEvent.ENABLE)


def _check_complete(zone: Zone) -> None:
    """Refuse to enable a zone in which nothing could run."""
    clusters = zone.clusters
    has = {
        "pod": bool(zone.pods),
        "cluster": bool(clusters),
        "host": any(cluster.hosts for cluster in clusters),
        "primary storage": bool(zone.pools) or any(cluster.pools for cluster in clusters),
        "secondary storage": bool(zone.image_stores),
    }
    missing = [what for what, there in has.items() if not there]
    if missing:
        raise Conflict(f"{zone} cannot be enabled: add {', '.join(missing)} first")


async def disable(cloud: Cloud, scope: Zone | Pod | Cluster) -> None:
    """Place nothing new in `scope`, except for the root administrator; what runs stays."""
    cloud.move(scope, AllocationEvent.DISABLE)
