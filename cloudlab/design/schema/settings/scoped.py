"""Settings that a zone or a cluster may have for itself."""

from __future__ import annotations

from cloudlab.design.schema.quantities import Threshold
from cloudlab.design.schema.settings.names import NamedSettings


class ZoneSettings(NamedSettings):
    """What a zone may have for itself; left out: as the cloud."""

    pool_storage_allocated_capacity_disablethreshold: Threshold | None = None
    """Allocated share a pool must stay below to take another volume."""
    pool_storage_capacity_disablethreshold: Threshold | None = None
    """Share of bytes really used a pool must stay below to take another volume."""


class ClusterSettings(NamedSettings):
    """What a cluster may have for itself; left out: as the cloud."""

    cluster_cpu_allocated_capacity_disablethreshold: Threshold | None = None
    """Allocated share of CPU above which it takes no more VMs."""
    cluster_memory_allocated_capacity_disablethreshold: Threshold | None = None
    """Allocated share of RAM above which it takes no more VMs."""
    cluster_cpu_allocated_capacity_notificationthreshold: Threshold | None = None
    """Allocated share of CPU above which an alert is sent."""
    cluster_memory_allocated_capacity_notificationthreshold: Threshold | None = None
    """Allocated share of RAM above which an alert is sent."""
    cluster_storage_allocated_capacity_notificationthreshold: Threshold | None = None
    """Allocated share of primary storage above which an alert is sent."""
    cluster_storage_capacity_notificationthreshold: Threshold | None = None
    """Share of bytes really used on primary storage above which an alert is sent."""
