"""Runs of addresses: added to zones and pods, and removed when nobody uses them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import AddressRange, NetworkType, Pod, TrafficType, Zone
from cloudlab.workflows.zones.checks import address

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of addresses that somebody wants to use."""

    start: str
    end: str
    gateway: str = ""
    netmask: str = ""
    vlan: str = "untagged"


async def add_range(
    cloud: Cloud, traffic: TrafficType, where: Zone | Pod, span: Span
) -> AddressRange:
    """Add addresses for `traffic`: guests or public in a zone, guests or management in a pod.

    Raises:
        InvalidParameter: an address is none, the end lies before the start, it overlaps
            another range, or `where` has no addresses for that traffic.
    """
    return take_range(cloud, traffic, where, span)


def take_range(cloud: Cloud, traffic: TrafficType, where: Zone | Pod, span: Span) -> AddressRange:
    """Do what `add_range` says.

    Raises:
        InvalidParameter: as there.
    """
    zone, pod = (where.zone, where) if isinstance(where, Pod) else (where, None)
    ranges = _ranges(where, traffic)
    start, end = address(where, "start", span.start), address(where, "end", span.end)
    if end < start:
        raise InvalidParameter(f"{where}: the range ends at {end} before it starts at {start}")
    for known in cloud.inventory.ranges:
        if known.zone is zone and start <= known.end and known.start <= end:
            raise InvalidParameter(
                f"{where}: {start} to {end} overlaps {known.name} ({known.start} to {known.end})"
            )
    each = AddressRange(
        name=f"{where.name}-{traffic.value.lower()}-{start}",
        traffic=traffic,
        zone=zone,
        pod=pod,
        start=start,
        end=end,
        gateway=span.gateway,
        netmask=span.netmask,
        vlan=span.vlan,
        created=cloud.now,
    )
    ranges.append(cloud.add_range(each))
    if traffic is TrafficType.GUEST and pod is None:
        _tell_guests(zone, each)
    return each


def _tell_guests(zone: Zone, each: AddressRange) -> None:
    """Let the shared guest network of `zone` have the subnet of its first range."""
    for network in zone.networks:
        if network.traffic is TrafficType.GUEST and not network.is_isolated and not network.cidr:
            network.gateway = each.gateway
            if each.netmask:
                subnet = IPv4Network(f"{each.start}/{each.netmask}", strict=False)
                network.cidr = str(subnet)


def _ranges(where: Zone | Pod, traffic: TrafficType) -> list[AddressRange]:
    """Return the list of `where` that holds the ranges for `traffic`.

    Raises:
        InvalidParameter: there is none.
    """
    basic = (where.zone if isinstance(where, Pod) else where).network_type is NetworkType.BASIC
    if isinstance(where, Pod):
        if traffic is TrafficType.MANAGEMENT:
            return where.reserved_ranges
        if traffic is TrafficType.GUEST and basic:
            return where.guest_ranges
        raise InvalidParameter(f"{where}: {traffic} addresses belong to the zone, not to a pod")
    if traffic is TrafficType.MANAGEMENT:
        raise InvalidParameter(f"{where}: {traffic} addresses belong to the pods")
    if basic:
        raise InvalidParameter(
            f"{where}: a Basic zone has no {traffic} addresses of its own; give them to its pods"
        )
    return where.guest_ranges if traffic is TrafficType.GUEST else where.public_ranges


async def remove_range(cloud: Cloud, each: AddressRange) -> None:
    """Remove a run of addresses.

    Raises:
        Conflict: some are in use.
    """
    check_unused(cloud, [each])
    where = each.pod or each.zone
    _ranges(where, each.traffic).remove(each)
    drop_ranges(cloud, [each])


def check_unused(cloud: Cloud, ranges: list[AddressRange]) -> None:
    """Refuse to remove addresses that somebody holds.

    Raises:
        Conflict: somebody does.
    """
    for each in ranges:
        taken = cloud.addresses[each.row].taken
        if taken:
            raise Conflict(f"{taken} addresses of {each} are in use; expunge their machines first")


def drop_ranges(cloud: Cloud, ranges: list[AddressRange]) -> None:
    """Take `ranges`, of which nothing is in use, out of the books; their rows stay empty."""
    for each in ranges:
        each.removed = cloud.now
        cloud.inventory.ranges.drop(each)
