"""A zone is added, and removed when it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudlab.errors import InvalidParameter
from cloudlab.model import Domain, GuestType, Network, NetworkState, NetworkType, Zone
from cloudlab.workflows.zones.checks import address, check_empty, check_name, subnet
from cloudlab.workflows.zones.ranges import check_unused, drop_ranges

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud


async def create_zone(
    cloud: Cloud,
    name: str,
    network_type: NetworkType = NetworkType.ADVANCED,
    *,
    domain: Domain | None = None,
    dns1: str = "8.8.8.8",
    internal_dns1: str = "8.8.8.8",
    guest_cidr: str | None = None,
    security_groups: bool = False,
    local_storage: bool = False,
) -> Zone:
    """Add a zone, Disabled, with its shared guest network.

    Raises:
        InvalidParameter: the name is missing or taken, an address is none, or a Basic zone is
            given a guest CIDR.
    """
    check_name(name, cloud.inventory.zones, "zone")
    for what, text in (("dns1", dns1), ("internal_dns1", internal_dns1)):
        address(f"zone {name}", what, text)
    basic = network_type is NetworkType.BASIC
    zone = Zone(
        name=name,
        network_type=network_type,
        domain=domain,
        dns1=dns1,
        internal_dns1=internal_dns1,
        guest_cidr=_guest_cidr(name, guest_cidr, basic=basic),
        security_groups=security_groups or basic,
        local_storage=local_storage,
        created=cloud.now,
    )
    cloud.inventory.zones.add(zone)
    network = Network(
        name=f"{name}-guest",
        zone=zone,
        state=NetworkState.SETUP,
        guest_type=GuestType.SHARED,
        created=cloud.now,
    )
    zone.networks.append(cloud.inventory.networks.add(network))
    return zone


def _guest_cidr(name: str, asked: str | None, *, basic: bool) -> str | None:
    """Return the network of isolated guest networks, `None` in a Basic zone, which has none."""
    if not basic:
        return str(subnet(f"zone {name}", "guest_cidr", asked or "10.1.1.0/24"))
    if asked is not None:
        raise InvalidParameter(f"zone {name}: guest_cidr is not allowed in a Basic zone")
    return None


async def remove_zone(cloud: Cloud, zone: Zone) -> None:
    """Remove an empty zone with its networks and addresses.

    Raises:
        Conflict: it has pods, zone-wide or secondary storage, isolated networks or machines.
    """
    vms = [vm for vm in cloud.inventory.vms if vm.zone is zone]
    check_empty(
        zone,
        pods=zone.pods,
        primary_storage_pools=zone.pools,
        secondary_storage=zone.image_stores,
        isolated_networks=[each for each in zone.networks if each.is_isolated],
        machines=vms,
    )
    ranges = [*zone.guest_ranges, *zone.public_ranges]
    check_unused(cloud, ranges)
    drop_ranges(cloud, ranges)
    for network in zone.networks:
        cloud.inventory.networks.drop(network)
    for wire in zone.physical_networks:
        cloud.inventory.physical_networks.drop(wire)
    zone.removed = cloud.now
    cloud.inventory.zones.drop(zone)
