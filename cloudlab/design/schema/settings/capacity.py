"""Settings that say how much may be allocated and when to warn."""

from __future__ import annotations

from pydantic import Field

from cloudlab.design.schema.quantities import Factor, Milliseconds, Seconds, Threshold
from cloudlab.design.schema.settings.names import NamedSettings

_WARN = 0.75
_DISABLE = 0.85


class CapacitySettings(NamedSettings):
    """Over-provisioning, thresholds above which placement stops, and accounting."""

    cpu_overprovisioning_factor: Factor = 1.0
    """How many times CPU may be allocated, where a cluster says nothing."""
    mem_overprovisioning_factor: Factor = 1.0
    """How many times RAM may be allocated, where a cluster says nothing."""
    storage_overprovisioning_factor: Factor = 2.0
    """How many times NFS primary storage may be allocated, where a pool says nothing."""
    cluster_cpu_allocated_capacity_disablethreshold: Threshold = _DISABLE
    """Allocated share of CPU above which a cluster takes no more VMs."""
    cluster_memory_allocated_capacity_disablethreshold: Threshold = _DISABLE
    """Allocated share of RAM above which a cluster takes no more VMs."""
    pool_storage_allocated_capacity_disablethreshold: Threshold = _DISABLE
    """Allocated share a pool must stay below to take another volume."""
    pool_storage_capacity_disablethreshold: Threshold = _DISABLE
    """Share of bytes really used a pool must stay below to take another volume."""
    capacity_skipcounting_hours: Seconds = 3600
    """How long a stopped VM keeps its place on its last host: seconds, despite the name."""
    capacity_check_period: Milliseconds = 300_000
    """How often capacity is recounted and alerts are sent."""
    check_pod_cidrs: bool = True
    """Whether the subnets of pods must not overlap."""


class AlertSettings(NamedSettings):
    """Shares above which an alert is sent; nothing else happens."""

    cluster_cpu_allocated_capacity_notificationthreshold: Threshold = _WARN
    """Allocated CPU of a cluster."""
    cluster_memory_allocated_capacity_notificationthreshold: Threshold = _WARN
    """Allocated RAM of a cluster."""
    cluster_storage_allocated_capacity_notificationthreshold: Threshold = _WARN
    """Allocated primary storage of a cluster."""
    cluster_storage_capacity_notificationthreshold: Threshold = _WARN
    """Bytes really used on the primary storage of a cluster."""
    cluster_local_storage_capacity_notificationthreshold: Threshold = Field(
        default=_WARN, alias="cluster.localStorage.capacity.notificationthreshold"
    )
    """Local disks of a cluster."""
    zone_virtualnetwork_publicip_capacity_notificationthreshold: Threshold = _WARN
    """Public addresses of a zone."""
    zone_directnetwork_publicip_capacity_notificationthreshold: Threshold = _WARN
    """Addresses of the shared guest networks of a zone."""
    zone_secstorage_capacity_notificationthreshold: Threshold = _WARN
    """Secondary storage of a zone."""
    zone_vlan_capacity_notificationthreshold: Threshold = _WARN
    """Guest VLANs of a zone."""
    pod_privateip_capacity_notificationthreshold: Threshold = _WARN
    """Reserved addresses of a pod."""
