"""A pod is added to a zone, and removed when it is empty."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import AllocationEvent, Pod, TrafficType, Zone
from cloudlab.workflows.zones.checks import address, check_empty, check_name, subnet
from cloudlab.workflows.zones.ranges import Span, check_unused, drop_ranges, take_range

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def create_pod(
    cloud: Cloud, zone: Zone, name: str, *, cidr: str, gateway: str, reserved: Span
) -> Pod:
    """Add a pod to `zone`, Enabled, with the reserved addresses of its system VMs.

    Raises:
        InvalidParameter: the name is missing or taken, its CIDR overlaps another pod's, or
            gateway or reserved range lie outside the CIDR or overlap other addresses.
    """
    check_name(name, zone.pods, "pod")
    network = subnet(f"pod {name}", "cidr", cidr)
    _check_place(zone, name, network)
    for what, text in (("gateway", gateway), ("start", reserved.start), ("end", reserved.end)):
        if address(f"pod {name}", what, text) not in network:
            raise InvalidParameter(f"pod {name}: {what} {text} is outside its CIDR {network}")
    pod = Pod(name=name, zone=zone, gateway=gateway, cidr=str(network), created=cloud.now)
    take_range(cloud, TrafficType.MANAGEMENT, pod, reserved)
    cloud.inventory.pods.add(pod)
    cloud.move(pod, AllocationEvent.ENABLE)
    zone.pods.append(pod)
    return pod


def _check_place(zone: Zone, name: str, network: IPv4Network) -> None:
    """Refuse a network that reaches into another pod's."""
    for other in zone.pods:
        if network.overlaps(IPv4Network(other.cidr)):
            raise InvalidParameter(f"pod {name}: CIDR {network} overlaps {other.cidr} of {other}")


async def remove_pod(cloud: Cloud, pod: Pod) -> None:
    """Remove an empty pod with its addresses.

    Raises:
        Conflict: it has clusters, or machines hold addresses of it.
    """
    check_empty(pod, clusters=pod.clusters)
    ranges = [*pod.guest_ranges, *pod.reserved_ranges]
    check_unused(cloud, ranges)
    drop_ranges(cloud, ranges)
    pod.zone.pods.remove(pod)
    pod.removed = cloud.now
    cloud.inventory.pods.drop(pod)
