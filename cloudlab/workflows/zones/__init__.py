"""Zones, pods and clusters, with their networks, addresses and secondary storage."""

from cloudlab.workflows.zones.clusters import add_cluster, remove_cluster, set_overcommit
from cloudlab.workflows.zones.pods import create_pod, remove_pod
from cloudlab.workflows.zones.ranges import Span, add_range, remove_range
from cloudlab.workflows.zones.stores import add_image_store, remove_image_store
from cloudlab.workflows.zones.switches import disable, enable
from cloudlab.workflows.zones.wires import Wire, add_physical_network, remove_physical_network
from cloudlab.workflows.zones.zones import create_zone, remove_zone

__all__ = [
    "Span",
    "Wire",
    "add_cluster",
    "add_image_store",
    "add_physical_network",
    "add_range",
    "create_pod",
    "create_zone",
    "disable",
    "enable",
    "remove_cluster",
    "remove_image_store",
    "remove_physical_network",
    "remove_pod",
    "remove_range",
    "remove_zone",
    "set_overcommit",
]
