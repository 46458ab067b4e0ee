"""Networks for pods and guests that were given none, overlapping with nothing written.

Pods get a /20 of 172.16.0.0/12 (a larger network when they have more hosts than fit),
Basic pods and Advanced zones a /16 of 10.128.0.0/9 for VMs, Advanced zones a /24 of
198.18.0.0/15 (set aside for tests by RFC 2544) for public addresses; always the lowest
that is free, in the order of the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cloudlab.design.completion.ranges import completed_pod, completed_range, network_of
from cloudlab.design.completion.space import Space
from cloudlab.design.schema import AddressRange, Pod, Zone
from cloudlab.design.schema.addresses import NOWHERE, Subnet

POD_BLOCK: Final = "172.16.0.0/12"
GUEST_BLOCK: Final = "10.128.0.0/9"
PUBLIC_BLOCK: Final = "198.18.0.0/15"

_POD_PREFIX: Final = 20
_GUEST_PREFIX: Final = 16
_PUBLIC_PREFIX: Final = 24
_BESIDE_HOSTS: Final = 512
"""Room in a pod for its gateway, its reserved addresses and later hosts."""


def with_addresses(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return `zones` with every network, gateway and range filled in.

    Raises:
        InputError: so many networks are left to generate that a block is used up.
    """
    taken = [network for zone in zones for network in _written(zone)]
    spaces = _Spaces(Space(POD_BLOCK, taken), Space(GUEST_BLOCK, taken), Space(PUBLIC_BLOCK, taken))
    return tuple(spaces.zone(zone) for zone in zones)


def _written(zone: Zone) -> Iterator[IPv4Network]:
    subnets: list[Subnet] = [*zone.pods, *zone.public_ranges, *zone.guest_ranges]
    subnets += [run for pod in zone.pods for run in pod.guest_ranges]
    return (network for subnet in subnets if (network := network_of(subnet)) != NOWHERE)


@dataclass(frozen=True, slots=True)
class _Spaces:
    """The blocks that networks are generated from."""

    pods: Space
    guests: Space
    public: Space

    def zone(self, zone: Zone) -> Zone:
        """Return `zone` with all its networks."""
        update: dict[str, object] = {"pods": tuple(self._pod(pod, zone) for pod in zone.pods)}
        if not zone.is_basic or zone.guest_ranges:
            update["guest_ranges"] = self._guests(zone.guest_ranges, zone.name)
        if not zone.is_basic or zone.public_ranges:
            update["public_ranges"] = self._public(zone)
        return zone.model_copy(update=update)

    def _pod(self, pod: Pod, zone: Zone) -> Pod:
        network = network_of(pod)
        if network == NOWHERE:
            network = self.pods.take(_pod_prefix(pod), f"pod {pod.name}")
        pod = completed_pod(pod, network)
        if zone.is_basic or pod.guest_ranges:
            ranges = self._guests(pod.guest_ranges, pod.name)
            pod = pod.model_copy(update={"guest_ranges": ranges})
        return pod

    def _guests(self, runs: Sequence[AddressRange], name: str) -> tuple[AddressRange, ...]:
        purpose = f"the guests of {name}"
        return _filled(runs, self.guests, _GUEST_PREFIX, purpose)

    def _public(self, zone: Zone) -> tuple[AddressRange, ...]:
        purpose = f"the public addresses of {zone.name}"
        return _filled(zone.public_ranges, self.public, _PUBLIC_PREFIX, purpose)


def _filled(
    runs: Sequence[AddressRange], space: Space, prefix: int, purpose: str
) -> tuple[AddressRange, ...]:
    result = []
    for run in runs or (AddressRange(),):
        network = network_of(run)
        if network == NOWHERE:
            network = space.take(prefix, purpose)
        result.append(completed_range(run, network))
    return tuple(result)


def _pod_prefix(pod: Pod) -> int:
    """Return the prefix length of a network for the hosts of `pod`: /20 or larger."""
    hosts = sum(group.count for cluster in pod.clusters for group in cluster.hosts)
    return min(_POD_PREFIX, 32 - (hosts + _BESIDE_HOSTS - 1).bit_length())
