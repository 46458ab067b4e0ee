"""Zones, pods and clusters: added, switched on and off, removed."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import (
    AddressRange,
    AllocationEvent,
    Cluster,
    Domain,
    GuestType,
    ImageStore,
    Network,
    NetworkState,
    NetworkType,
    PhysicalNetwork,
    PhysicalNetworkEvent,
    Pod,
    TrafficType,
    Zone,
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A physical network that somebody wants to use."""

    name: str
    traffic: dict[TrafficType, str] = field(default_factory=dict)
    vlans: tuple[int, int] | None = None
    isolation: str = "VLAN"


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
        InvalidParameter: the name is taken, or a Basic zone is given a guest CIDR.
    """
    _check_free(name, (each.name for each in cloud.inventory.zones), "zone")
    basic = network_type is NetworkType.BASIC
    if basic and guest_cidr is not None:
        raise InvalidParameter(f"zone {name}: guest_cidr is not allowed in a Basic zone")
    zone = Zone(
        name=name,
        network_type=network_type,
        domain=domain,
        dns1=dns1,
        internal_dns1=internal_dns1,
        guest_cidr=None if basic else guest_cidr or "10.1.1.0/24",
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


async def add_physical_network(cloud: Cloud, zone: Zone, wire: Wire) -> PhysicalNetwork:
    """Add a physical network to `zone` and enable it.

    Raises:
        InvalidParameter: the name is taken, the VLANs are out of 1..4094, or a Basic zone
            would have two.
    """
    _check_free(wire.name, (each.name for each in zone.physical_networks), "physical network")
    if zone.network_type is NetworkType.BASIC and zone.physical_networks:
        raise InvalidParameter(f"{zone}: a Basic zone has exactly one physical network")
    if wire.vlans is not None and not 1 <= wire.vlans[0] <= wire.vlans[1] <= 4094:  # noqa: PLR2004
        first, last = wire.vlans
        raise InvalidParameter(f"physical network {wire.name}: VLANs {first}-{last}; allowed: 1-4094")
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


async def add_range(
    cloud: Cloud, traffic: TrafficType, where: Zone | Pod, span: Span
) -> AddressRange:
    """Add addresses for `traffic`: guests or public in a zone, guests or management in a pod.

    Raises:
        InvalidParameter: the end lies before the start, or it overlaps another range.
    """
    zone, pod = (where.zone, where) if isinstance(where, Pod) else (where, None)
    start, end = IPv4Address(span.start), IPv4Address(span.end)
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
    _ranges(where, traffic).append(cloud.add_range(each))
    return each


def _ranges(where: Zone | Pod, traffic: TrafficType) -> list[AddressRange]:
    """Return the list that holds the ranges for `traffic`."""
    if isinstance(where, Pod):
        return where.guest_ranges if traffic is TrafficType.GUEST else where.reserved_ranges
    if traffic is TrafficType.GUEST:
        if where.network_type is NetworkType.BASIC:
            raise InvalidParameter(f"{where}: in a Basic zone guest ranges belong to the pods")
        return where.guest_ranges
    return where.public_ranges


async def add_image_store(
    cloud: Cloud, zone: Zone, name: str, url: str, capacity_mib: int
) -> ImageStore:
    """Add secondary storage to `zone`.

    Raises:
        InvalidParameter: the name is taken or the capacity is not positive.
    """
    _check_free(name, (each.name for each in zone.image_stores), "secondary storage")
    if capacity_mib <= 0:
        raise InvalidParameter(f"secondary storage {name}: {capacity_mib} MiB; allowed: 1 or more")
    store = ImageStore(
        name=name, zone=zone, url=url, capacity_mib=capacity_mib, created=cloud.now
    )
    zone.image_stores.append(store)
    return cloud.inventory.image_stores.add(store)


async def create_pod(
    cloud: Cloud, zone: Zone, name: str, *, cidr: str, gateway: str, reserved: Span
) -> Pod:
    """Add a pod to `zone`, Enabled, with the reserved addresses of its system VMs.

    Raises:
        InvalidParameter: the name is taken, its CIDR overlaps another pod's, or gateway or
            reserved range lie outside the CIDR.
    """
    _check_free(name, (each.name for each in zone.pods), "pod")
    subnet = _subnet(name, cidr)
    for other in zone.pods:
        if subnet.overlaps(IPv4Network(other.cidr)):
            raise InvalidParameter(f"pod {name}: CIDR {subnet} overlaps {other.cidr} of {other}")
    for what, ip in (("gateway", gateway), ("start", reserved.start), ("end", reserved.end)):
        if IPv4Address(ip) not in subnet:
            raise InvalidParameter(f"pod {name}: {what} {ip} is outside its CIDR {subnet}")
    pod = Pod(name=name, zone=zone, gateway=gateway, cidr=str(subnet), created=cloud.now)
    cloud.inventory.pods.add(pod)
    try:
        await add_range(cloud, TrafficType.MANAGEMENT, pod, reserved)
    except InvalidParameter:
        cloud.inventory.pods.drop(pod)
        raise
    cloud.move(pod, AllocationEvent.ENABLE)
    zone.pods.append(pod)
    return pod


def _subnet(name: str, cidr: str) -> IPv4Network:
    try:
        return IPv4Network(cidr)
    except ValueError as error:
        raise InvalidParameter(f"pod {name}: CIDR {cidr!r}: {error}") from None


async def add_cluster(
    cloud: Cloud,
    pod: Pod,
    name: str,
    hypervisor: str = "KVM",
    *,
    cpu_overcommit: float | None = None,
    ram_overcommit: float | None = None,
    cpu_disable_threshold: float | None = None,
    ram_disable_threshold: float | None = None,
) -> Cluster:
    """Add a cluster to `pod`, Enabled.

    Raises:
        InvalidParameter: the name is taken or a factor is below 1.
    """
    _check_free(name, (each.name for each in pod.clusters), "cluster")
    settings = cloud.settings
    cpu = settings.cpu_overcommit if cpu_overcommit is None else cpu_overcommit
    ram = settings.ram_overcommit if ram_overcommit is None else ram_overcommit
    _check_factor(name, "cpu_overcommit", cpu)
    _check_factor(name, "ram_overcommit", ram)
    cluster = Cluster(
        name=name,
        zone=pod.zone,
        pod=pod,
        hypervisor=hypervisor,
        cpu_overcommit=cpu,
        ram_overcommit=ram,
        cpu_disable_threshold=cpu_disable_threshold,
        ram_disable_threshold=ram_disable_threshold,
        created=cloud.now,
    )
    cloud.inventory.clusters.add(cluster)
    cloud.ledger.add_cluster(cluster)
    cloud.move(cluster, AllocationEvent.ENABLE)
    pod.clusters.append(cluster)
    return cluster


async def set_overcommit(
    cloud: Cloud, cluster: Cluster, *, cpu: float | None = None, ram: float | None = None
) -> Cluster:
    """Change how many times the CPU or RAM of `cluster` may be allocated.

    Running VMs stay: less may be free than nothing until some leave.

    Raises:
        InvalidParameter: a factor is below 1.
    """
    _check_factor(cluster.name, "cpu_overcommit", cluster.cpu_overcommit if cpu is None else cpu)
    _check_factor(cluster.name, "ram_overcommit", cluster.ram_overcommit if ram is None else ram)
    cluster.cpu_overcommit = cluster.cpu_overcommit if cpu is None else cpu
    cluster.ram_overcommit = cluster.ram_overcommit if ram is None else ram
    cloud.ledger.provision(cluster)
    return cluster


async def enable(cloud: Cloud, scope: Zone | Pod | Cluster) -> None:
    """Let new machines be placed in `scope`.

    Raises:
        Conflict: a zone that lacks a pod, cluster, host, primary or secondary storage.
    """
    if isinstance(scope, Zone):
        _check_complete(scope)
    cloud.move(scope, AllocationEvent.ENABLE)


def _check_complete(zone: Zone) -> None:
    """Refuse to enable a zone in which nothing could run."""
    clusters = zone.clusters
    has = {
        "pod": bool(zone.pods),
        "cluster": bool(clusters),
        "host": any(cluster.hosts for cluster in clusters),
        "primary storage": bool(zone.pools) or any(cluster.pools for cluster in clusters),
        "secondary storage": bool(zone.image_stores),
    }
    missing = [what for what, there in has.items() if not there]
    if missing:
        raise Conflict(f"{zone} cannot be enabled: add {', '.join(missing)} first")


async def disable(cloud: Cloud, scope: Zone | Pod | Cluster) -> None:
    """Place nothing new in `scope`, except for the root administrator; what runs stays."""
    cloud.move(scope, AllocationEvent.DISABLE)


async def remove_zone(cloud: Cloud, zone: Zone) -> None:
    """Remove an empty zone.

    Raises:
        Conflict: it has pods, zone-wide storage or secondary storage.
    """
    _check_empty(zone, pods=zone.pods, pools=zone.pools, stores=zone.image_stores)
    _drop_ranges(cloud, [*zone.guest_ranges, *zone.public_ranges])
    for network in zone.networks:
        cloud.inventory.networks.drop(network)
    for wire in zone.physical_networks:
        cloud.inventory.physical_networks.drop(wire)
    zone.removed = cloud.now
    cloud.inventory.zones.drop(zone)


async def remove_image_store(cloud: Cloud, store: ImageStore) -> None:
    """Remove secondary storage from its zone."""
    store.zone.image_stores.remove(store)
    store.removed = cloud.now
    cloud.inventory.image_stores.drop(store)


async def remove_pod(cloud: Cloud, pod: Pod) -> None:
    """Remove an empty pod.

    Raises:
        Conflict: it has clusters.
    """
    _check_empty(pod, clusters=pod.clusters)
    _drop_ranges(cloud, [*pod.guest_ranges, *pod.reserved_ranges])
    pod.zone.pods.remove(pod)
    pod.removed = cloud.now
    cloud.inventory.pods.drop(pod)


async def remove_cluster(cloud: Cloud, cluster: Cluster) -> None:
    """Remove an empty cluster.

    Raises:
        Conflict: it has hosts or primary storage.
    """
    _check_empty(cluster, hosts=cluster.hosts, pools=cluster.pools)
    cluster.pod.clusters.remove(cluster)
    cluster.removed = cloud.now
    cloud.ledger.remove_cluster(cluster)
    cloud.inventory.clusters.drop(cluster)


def _check_free(name: str, taken: Iterable[str], kind: str) -> None:
    if not name:
        raise InvalidParameter(f"a {kind} needs a name")
    if name in taken:
        raise InvalidParameter(f"there is already a {kind} {name} here")


def _check_factor(name: str, what: str, factor: float) -> None:
    if factor < 1:
        raise InvalidParameter(f"cluster {name}: {what} is {factor}; allowed: 1 or more")


def _check_empty(scope: Zone | Pod | Cluster, **parts: Sized) -> None:
    there = [f"{len(part)} {what}" for what, part in parts.items() if len(part)]
    if there:
        raise Conflict(f"{scope} still has {', '.join(there)}; remove them first")


def _drop_ranges(cloud: Cloud, ranges: list[AddressRange]) -> None:
    for each in ranges:
        cloud.inventory.ranges.drop(each)
