"""Isolated networks: created for an account, and deleted when no machine is on them."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import (
    Account,
    AddressRange,
    AllocationState,
    GuestType,
    Network,
    NetworkEvent,
    NetworkState,
    NetworkType,
    TrafficType,
    Zone,
)
from cloudlab.workflows import names
from cloudlab.workflows.networks.implementing import stop_router
from cloudlab.workflows.networks.public import drop_ip
from cloudlab.workflows.networks.records import rules_on
from cloudlab.workflows.networks.vlans import free_vlan
from cloudlab.workflows.presence import check_there
from cloudlab.workflows.zones.checks import check_name, subnet
from cloudlab.workflows.zones.ranges import drop_ranges

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

_SHORTEST: Final = 22
"""The shortest prefix users may choose (CloudStack's `network.guest.cidr.limit`)."""
_LONGEST: Final = 29
"""The longest prefix with room for a router and a few machines."""
_PRIVATE: Final = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)


async def create(
    cloud: Cloud, account: Account, zone: Zone, name: str, cidr: str | None = None
) -> Network:
    """Create a network that only `account` uses, behind a router of its own.

    It holds a VLAN at once; its router and source NAT address come with its first machine. Its
    addresses may be those of other networks: nothing passes between them.

    Args:
        cloud: where it is.
        account: who owns it.
        zone: an Advanced one.
        name: another than those of the account's other networks there.
        cidr: its addresses, as `10.1.1.0/24`; the zone's `guest_cidr` if not given. The first
            is the router's.

    Raises:
        InvalidParameter: the zone has no isolated networks or is not for the account, the name
            is missing or taken, or the addresses are not allowed.
        Conflict: the zone has no cable for guest networks.
        InsufficientCapacity: no VLAN is left.
    """
    _check_zone(zone, account)
    names.check_name("network", name)
    mine = [each for each in zone.networks if each.account is account]
    check_name(name, mine, "network")
    addresses = _addresses(zone, name, cidr)
    network = Network(
        name=name,
        zone=zone,
        account=account,
        guest_type=GuestType.ISOLATED,
        cidr=str(addresses),
        gateway=str(addresses[1]),
        vlan=free_vlan(cloud, zone),
        created=cloud.now,
    )
    network.range = cloud.add_range(_range(network, addresses))
    zone.networks.append(cloud.inventory.networks.add(network))
    return network


def _check_zone(zone: Zone, account: Account) -> None:
    if zone.network_type is NetworkType.BASIC:
        raise InvalidParameter(f"{zone}: a Basic zone has one shared network and no isolated ones")
    if zone.state is not AllocationState.ENABLED and not account.is_root_admin:
        raise InvalidParameter(f"{zone} is Disabled: only the root administrator may use it")
    if zone.domain is not None and not zone.domain.contains(account.domain):
        raise InvalidParameter(f"{zone} is private to domain {zone.domain.path}")
    if account.state != "enabled":
        raise InvalidParameter(f"{account} is {account.state}; enable it before it gets a network")


def _addresses(zone: Zone, name: str, cidr: str | None) -> IPv4Network:
    """Return the addresses of a network: private ones, neither too many nor the zone's own."""
    asked = subnet(f"network {name}", "cidr", cidr or zone.guest_cidr or "10.1.1.0/24")
    if not any(asked.subnet_of(each) for each in _PRIVATE):
        spans = ", ".join(map(str, _PRIVATE))
        raise InvalidParameter(f"network {name}: cidr {asked} is not private; allowed: {spans}")
    if not _SHORTEST <= asked.prefixlen <= _LONGEST:
        raise InvalidParameter(
            f"network {name}: cidr {asked} has a prefix of {asked.prefixlen}; "
            f"allowed: {_SHORTEST} to {_LONGEST}"
        )
    for pod in zone.pods:
        if asked.overlaps(IPv4Network(pod.cidr)):
            raise InvalidParameter(
                f"network {name}: cidr {asked} overlaps {pod.cidr} of {pod}, where its hosts are"
            )
    for each in zone.public_ranges:
        if each.start <= asked[-1] and asked[0] <= each.end:
            raise InvalidParameter(
                f"network {name}: cidr {asked} overlaps {each} ({each.start} to {each.end}), "
                "which is public"
            )
    return asked


def _range(network: Network, addresses: IPv4Network) -> AddressRange:
    """Return what machines get of `addresses`: all but those of network, router, broadcast."""
    return AddressRange(
        name=f"{network.name}-guest",
        traffic=TrafficType.GUEST,
        zone=network.zone,
        start=addresses[2],
        end=addresses[-2],
        gateway=network.gateway,
        netmask=str(addresses.netmask),
        vlan=str(network.vlan),
        created=network.created,
    )


async def delete(cloud: Cloud, network: Network) -> Network:
    """Delete an isolated network with its rules and public addresses; its VLAN is free again.

    Raises:
        NotFound: it was deleted already.
        InvalidParameter: it is shared: it lasts as long as its zone.
        Conflict: machines are on it, stopped and destroyed ones included.
        CloudError: its router could not be shut down; it stays.
    """
    async with cloud.engine.lock(("network", network.id)):
        check_there(network)
        _check_may_go(network)
        if network.state is NetworkState.IMPLEMENTED:
            await cloud.engine.shield(stop_router(cloud, network))
            _check_may_go(network)  # a machine may have been deployed meanwhile
        _forget(cloud, network)
    return network


def _check_may_go(network: Network) -> None:
    if not network.is_isolated:
        raise InvalidParameter(f"{network} is shared; it goes with {network.zone}")
    if network.nics:
        shown = 5
        names = ", ".join(nic.vm.name for nic in network.nics[:shown])
        more = f" and {len(network.nics) - shown} more" if len(network.nics) > shown else ""
        raise Conflict(f"{network} has machines: {names}{more}; expunge them first")


def _forget(cloud: Cloud, network: Network) -> None:
    """Take `network`, which has neither router nor machines, out of the books."""
    inventory = cloud.inventory
    for ip in list(network.public_ips):
        for rule in rules_on(network, ip):
            rule.removed = cloud.now
        drop_ip(cloud, ip)
    for rule in network.firewall:
        inventory.firewall_rules.drop(rule)
    for forwarding in network.port_forwarding:
        inventory.port_forwarding_rules.drop(forwarding)
    for balancer in network.load_balancers:
        inventory.load_balancer_rules.drop(balancer)
    assert network.range is not None  # noqa: S101  (an isolated network has addresses)
    drop_ranges(cloud, [network.range])
    cloud.move(network, NetworkEvent.DESTROY_NETWORK)
    network.zone.networks.remove(network)
    network.removed = cloud.now
    inventory.networks.drop(network)
