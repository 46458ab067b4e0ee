"""What a cloud and its parts hold: bought, usable, and plannable below the thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from cloudlab import units
from cloudlab.design.hosts import hosts_of
from cloudlab.design.limits import cluster_limits, pool_limits
from cloudlab.design.schema import CloudDocument, Pod, PrimaryStorage, Zone
from cloudlab.design.walk import ClusterPlace, clusters_of, each_zone
from cloudlab.model.topology import AllocationState


@dataclass(frozen=True, slots=True)
class Amount:
    """A resource at its three sizes.

    Attributes:
        raw: as bought.
        usable: what may be allocated, over-provisioned.
        plannable: what is allocated when the disable threshold is reached and nothing
            more is placed; equal to `usable` when the threshold is off.
    """

    raw: int = 0
    usable: int = 0
    plannable: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.raw + other.raw, self.usable + other.usable, self.plannable + other.plannable
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is, of everything that takes VMs of users.

    Zones, pods and clusters that are Disabled, hosts kept free by `ha.tag` and local disks
    do not count.

    Attributes:
        cpu_mhz: cores times their speed, MHz.
        ram_mib: memory of the hosts, MiB.
        storage_mib: shared primary storage, MiB.
        addresses: how many VMs can have an address at one time.
        price_per_month: of the hosts whose price is known, in the document's currency.
        unpriced_hosts: hosts whose price is not known.
    """

    zones: int = 0
    pods: int = 0
    clusters: int = 0
    hosts: int = 0
    cores: int = 0
    cpu_mhz: Amount = Amount()
    ram_mib: Amount = Amount()
    storage_mib: Amount = Amount()
    addresses: int = 0
    price_per_month: float = 0.0
    unpriced_hosts: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )


def cloud_totals(document: CloudDocument) -> Totals:
    """Return what the whole cloud holds."""
    zones = (zone for _, zone in each_zone(document) if _is_enabled(zone.allocation_state))
    return _sum(zone_totals(document, zone) for zone in zones)


def zone_totals(document: CloudDocument, zone: Zone) -> Totals:
    """Return what `zone` holds, its zone-wide pools included."""
    pods = [pod for pod in zone.pods if _is_enabled(pod.allocation_state)]
    own = Totals(
        zones=1,
        storage_mib=_pools(document, zone, zone.primary_storage),
        addresses=sum(run.size for run in zone.guest_ranges),
    )
    return own + _sum(pod_totals(document, zone, pod) for pod in pods)


def pod_totals(document: CloudDocument, zone: Zone, pod: Pod) -> Totals:
    """Return what `pod` of `zone` holds."""
    places = clusters_of(zone, pod)
    clusters = (at for at in places if _is_enabled(at.cluster.allocation_state))
    own = Totals(pods=1, addresses=sum(run.size for run in pod.guest_ranges))
    return own + _sum(cluster_totals(document, at) for at in clusters)


def cluster_totals(document: CloudDocument, at: ClusterPlace) -> Totals:
    """Return what the cluster at `at` holds; its VMs' addresses belong to pod or zone."""
    limits = cluster_limits(document.settings, at.cluster)
    shapes = [host.shape for host in hosts_of(document, at) if not host.is_spare]
    prices = [shape.price_per_month for shape in shapes if shape.price_per_month is not None]
    cpu = [shape.cpu_mhz for shape in shapes]
    ram = [shape.ram_mib for shape in shapes]
    return Totals(
        clusters=1,
        hosts=len(shapes),
        cores=sum(shape.cpus for shape in shapes),
        cpu_mhz=_amount(cpu, limits.cpu_factor, limits.cpu_disable),
        ram_mib=_amount(ram, limits.ram_factor, limits.ram_disable),
        storage_mib=_pools(document, at.zone, at.cluster.primary_storage),
        price_per_month=math.fsum(prices),
        unpriced_hosts=len(shapes) - len(prices),
    )


def _pools(document: CloudDocument, zone: Zone, pools: Iterable[PrimaryStorage]) -> Amount:
    total = Amount()
    for pool in pools:
        if not pool.is_local:
            limits = pool_limits(document.settings, zone, pool)
            total += _amount([units.mib(pool.capacity_gib)], limits.factor, limits.disable)
    return total


def _amount(raw: list[int], factor: float, threshold: float) -> Amount:
    """Return the sum of `raw` at its three sizes; every single one is rounded down."""
    usable = sum(math.floor(each * factor) for each in raw)
    share = min(threshold, 1.0)
    return Amount(sum(raw), usable, math.floor(usable * share))


def _is_enabled(state: AllocationState) -> bool:
    return state is AllocationState.ENABLED


def _sum(parts: Iterable[Totals]) -> Totals:
    return sum(parts, start=Totals())
