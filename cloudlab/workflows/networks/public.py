"""Public addresses: acquired for a network, its way out under the first, and given back."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Network, PublicIp
from cloudlab.workflows.networks.changing import change
from cloudlab.workflows.networks.checks import check_isolated
from cloudlab.workflows.networks.records import rules_on, withdraw

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.workflows.networks.changing import Undo


async def acquire_ip(cloud: Cloud, network: Network) -> PublicIp:
    """Acquire a public address for an isolated network, the first that is free in its zone.

    Raises:
        InvalidParameter: a shared network has no public addresses.
        InsufficientCapacity: none is left.
        CloudError: the router did not take it; nothing was acquired.
    """
    check_isolated(network, "public addresses")

    def acquire(undo: Undo) -> PublicIp:
        made = _take(cloud, network, is_source_nat=False)
        undo(drop_ip, cloud, made)
        return made

    return await change(cloud, network, acquire)


async def release_ip(cloud: Cloud, ip: PublicIp) -> PublicIp:
    """Give a public address back, with all rules on it.

    Raises:
        NotFound: it was given back already.
        Conflict: it is the source NAT address, which lasts as long as its network.
        CloudError: the router did not let go of it; it stays, with its rules.
    """
    network = ip.network

    def release(undo: Undo) -> PublicIp:
        if ip.is_source_nat:
            raise Conflict(f"{ip} is the source NAT address of {network}; it goes with {network}")
        for rule in rules_on(network, ip):
            withdraw(cloud, rule, undo)
        place, vm, ip.vm = network.public_ips.index(ip), ip.vm, None
        network.public_ips.remove(ip)
        undo(network.public_ips.insert, place, ip)
        undo(setattr, ip, "vm", vm)
        undo.then(free, cloud, ip)  # only then may somebody else get it
        return ip

    return await change(cloud, network, release, ip)


def take_source_nat(cloud: Cloud, network: Network) -> PublicIp:
    """Give `network` the address under which its machines are seen outside.

    Raises:
        InsufficientCapacity: no public address is left.
    """
    return _take(cloud, network, is_source_nat=True)


def _take(cloud: Cloud, network: Network, *, is_source_nat: bool) -> PublicIp:
    """Take the first free public address of the zone.

    Source: CloudStack takes the first free address of the zone's ranges, in their order.
    """
    zone, account = network.zone, network.account
    assert account is not None  # noqa: S101  (an isolated network belongs to somebody)
    for each in zone.public_ranges:
        pool = cloud.addresses[each.row]
        if pool.free > 0:
            number = pool.take(network.id)
            break
    else:
        total = sum(each.size for each in zone.public_ranges)
        raise InsufficientCapacity(
            f"{network}: all {total} public addresses of {zone} are in use; "
            f"release one, or add a Public range to {zone}"
        )
    made = PublicIp(
        name=str(IPv4Address(number)),
        account=account,
        network=network,
        range=each,
        address=number,
        is_source_nat=is_source_nat,
        created=cloud.now,
    )
    cloud.inventory.public_ips.add(made)
    network.public_ips.insert(0 if is_source_nat else len(network.public_ips), made)
    return made


def drop_ip(cloud: Cloud, ip: PublicIp) -> None:
    """Take `ip` from its network and give it back."""
    ip.network.public_ips.remove(ip)
    free(cloud, ip)


def free(cloud: Cloud, ip: PublicIp) -> None:
    """Give back `ip`, which its network does not have any more."""
    cloud.addresses[ip.range.row].give_back(ip.address)
    ip.removed = cloud.now
    cloud.inventory.public_ips.drop(ip)
