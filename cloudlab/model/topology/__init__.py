"""The physical cloud: zone > pod > cluster > host, and the states of each."""

from cloudlab.model.topology.allocation import (
    CLUSTER_LIFECYCLE,
    POD_LIFECYCLE,
    ZONE_LIFECYCLE,
    AllocationEvent,
    AllocationState,
)
from cloudlab.model.topology.host_resource import (
    HOST_RESOURCE_LIFECYCLE,
    ResourceEvent,
    ResourceState,
)
from cloudlab.model.topology.host_status import HOST_STATUS_LIFECYCLE, HostEvent, HostStatus
from cloudlab.model.topology.hosts import Host
from cloudlab.model.topology.places import Cluster, NetworkType, Pod, Zone

__all__ = [
    "CLUSTER_LIFECYCLE",
    "HOST_RESOURCE_LIFECYCLE",
    "HOST_STATUS_LIFECYCLE",
    "POD_LIFECYCLE",
    "ZONE_LIFECYCLE",
    "AllocationEvent",
    "AllocationState",
    "Cluster",
    "Host",
    "HostEvent",
    "HostStatus",
    "NetworkType",
    "Pod",
    "ResourceEvent",
    "ResourceState",
    "Zone",
]
