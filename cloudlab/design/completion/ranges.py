"""The rest of a network once some of it is known: gateway, first and last address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Final

from cloudlab.design.schema.addresses import (
    NOWHERE,
    UNSPECIFIED,
    AddressRange,
    ReservedRange,
    Subnet,
)
from cloudlab.design.schema.places import Pod

_MOST_RESERVED: Final = 254
_WIDEST_GUESS: Final = 24


def network_of(subnet: Subnet) -> IPv4Network:
    """Return the network that was written, by CIDR, netmask or ends; `NOWHERE` when none was."""
    if subnet.cidr != NOWHERE:
        return subnet.cidr
    if UNSPECIFIED not in {subnet.netmask, subnet.gateway}:
        return IPv4Network(f"{subnet.gateway}/{subnet.netmask}", strict=False)
    if isinstance(subnet, AddressRange) and subnet.start != UNSPECIFIED:
        return _around(subnet)
    return NOWHERE


def _around(run: AddressRange) -> IPv4Network:
    """Return the smallest network, at least a /24, that has start, end and gateway."""
    known = [at for at in (run.start, run.end, run.gateway) if at != UNSPECIFIED]
    network = IPv4Network((int(run.start), _WIDEST_GUESS), strict=False)
    while not all(at in network for at in known):
        network = network.supernet()
    return network


def completed_pod(pod: Pod, network: IPv4Network) -> Pod:
    """Return `pod` in `network`, with gateway and reserved addresses."""
    gateway = _gateway(pod, network)
    reserved = pod.reserved
    if reserved.start == UNSPECIFIED:
        reserved = _reserved(network, gateway)
    return pod.model_copy(
        update={
            "cidr": network,
            "gateway": gateway,
            "reserved": reserved,
        }
    )


def completed_range(run: AddressRange, network: IPv4Network) -> AddressRange:
    """Return `run` in `network`, with gateway, start and end."""
    gateway = _gateway(run, network)
    start, end = run.start, run.end
    if start == UNSPECIFIED:
        start = _first_but(network, gateway)
    if end == UNSPECIFIED:
        end = network.broadcast_address - 1
    update = {"cidr": network, "gateway": gateway, "start": start, "end": end}
    return run.model_copy(update=update)


def _gateway(subnet: Subnet, network: IPv4Network) -> IPv4Address:
    written = subnet.gateway != UNSPECIFIED
    return subnet.gateway if written else network.network_address + 1


def _first_but(network: IPv4Network, gateway: IPv4Address) -> IPv4Address:
    first = network.network_address + 1
    return first + 1 if first == gateway else first


def _reserved(network: IPv4Network, gateway: IPv4Address) -> ReservedRange:
    """Return a quarter of the network, at most 254 addresses, beside its gateway."""
    size = max(1, min(_MOST_RESERVED, network.num_addresses // 4))
    start = _first_but(network, gateway)
    if start < gateway < start + size:
        start = gateway + 1
    return ReservedRange(start=start, end=start + (size - 1))
