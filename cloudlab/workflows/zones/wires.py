"""A physical network is added to a zone, and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import (
    AllocationState,
    NetworkType,
    PhysicalNetwork,
    PhysicalNetworkEvent,
    TrafficType,
    Zone,
)
from cloudlab.workflows.zones.checks import check_name

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A physical network that somebody wants to use."""

    name: str
    traffic: dict[TrafficType, str] = field(default_factory=dict)
    """Traffic type -> label of the bridge or switch on the hosts."""
    vlans: tuple[int, int] | None = None
    """First and last VLAN of guest networks."""
    isolation: str = "VLAN"


async def add_physical_network(cloud: Cloud, zone: Zone, wire: Wire) -> PhysicalNetwork:
    """Add a physical network to `zone` and enable it.

    Raises:
        InvalidParameter: the name is missing or taken, the VLANs are out of 1..4094, another
            network carries the same traffic (only Guest may be carried twice), or a Basic
            zone would have two networks, or Public traffic.
    """
    check_name(wire.name, zone.physical_networks, "physical network")
    _check_vlans(wire)
    _check_traffic(zone, wire)
    network = PhysicalNetwork(
        name=wire.name,
        zone=zone,
        traffic=dict(wire.traffic),
        vlans=wire.vlans,
        isolation=wire.isolation,
        created=cloud.now,
    )
    cloud.inventory.physical_networks.add(network)
    cloud.move(network, PhysicalNetworkEvent.ENABLE)
    zone.physical_networks.append(network)
    return network


def _check_vlans(wire: Wire) -> None:
    if wire.vlans is not None and not 1 <= wire.vlans[0] <= wire.vlans[1] <= 4094:
        first, last = wire.vlans
        raise InvalidParameter(
            f"physical network {wire.name}: VLANs {first}-{last}; allowed: 1-4094"
        )


def _check_traffic(zone: Zone, wire: Wire) -> None:
    if zone.network_type is NetworkType.BASIC:
        if zone.physical_networks:
            raise InvalidParameter(f"{zone}: a Basic zone has exactly one physical network")
        if TrafficType.PUBLIC in wire.traffic:
            raise InvalidParameter(f"{zone}: a Basic zone has no Public traffic; leave it out")
    for other in zone.physical_networks:
        twice = (wire.traffic.keys() & other.traffic.keys()) - {TrafficType.GUEST}
        if twice:
            raise InvalidParameter(
                f"physical network {wire.name}: {other} carries {', '.join(sorted(twice))} "
                "already; only Guest may be carried twice"
            )


async def remove_physical_network(cloud: Cloud, network: PhysicalNetwork) -> None:
    """Remove a physical network.

    Raises:
        Conflict: its zone is Enabled and has no other one that carries guests.
    """
    zone = network.zone
    others = [each for each in zone.physical_networks if each is not network]
    guests = TrafficType.GUEST
    needed = zone.state is AllocationState.ENABLED and guests in network.traffic
    if needed and not any(guests in each.traffic for each in others):
        raise Conflict(f"{network} is the only one of {zone} that carries guests; disable {zone}")
    zone.physical_networks.remove(network)
    network.removed = cloud.now
    cloud.inventory.physical_networks.drop(network)
