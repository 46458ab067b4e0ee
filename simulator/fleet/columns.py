"""The record `Fleet`: zones, pods, clusters, hosts, pools and addresses in index order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.fleet.checks import check_fleet
from simulator.fleet.growth import grown
from simulator.fleet.kind import HostKind, Spare

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fleet:
    """The physical cloud as columns, in index order: as written in the design.

    Z zones, P pods, C clusters, H hosts, S pools and A address pools. A disable threshold
    of infinity is off. Hosts of one cluster stand together: `host_cluster` never decreases.

    Attributes:
        pod_zone: `(P,)` the zone of every pod.
        cluster_pod: `(C,)` the pod of every cluster.
        cpu_factor: `(C,)` over-provisioning of CPU, > 0.
        ram_factor: `(C,)` over-provisioning of RAM, > 0.
        cpu_disable: `(C,)` share of usable CPU above which a cluster takes nothing more.
        ram_disable: `(C,)` the same for RAM.
        host_cluster: `(H,)` the cluster of every host.
        host_mhz: `(H,)` speed of one core, MHz.
        host_type: `(H,)` the kind of every host, as the price list calls it.
        pool_cluster: `(S,)` the cluster of every pool, -1 for one that serves its whole zone.
        pool_capacity_mib: `(S,)` as bought, before over-provisioning.
        pool_factor: `(S,)` over-provisioning of storage, > 0.
        pool_disable: `(S,)` allocated share a pool must stay below.
        address_total: `(A,)` addresses VMs may hold at one time.
        cluster_address_pool: `(C,)` where VMs of the cluster get their address.
        spares: hosts kept free for restarts, in index order of their clusters. They take no
            VMs and are no rows here, but what they have counts in the capacity of their cluster:
            in its disable thresholds and in its taken share.

    Raises:
        InvalidParameter: columns contradict each other, or a size is out of range.
    """

    zone_names: tuple[str, ...]
    pod_names: tuple[str, ...]
    pod_zone: NDArray[np.int32]
    cluster_names: tuple[str, ...]
    cluster_pod: NDArray[np.int32]
    cpu_factor: NDArray[np.float64]
    ram_factor: NDArray[np.float64]
    cpu_disable: NDArray[np.float64]
    ram_disable: NDArray[np.float64]
    host_names: tuple[str, ...]
    host_cluster: NDArray[np.int32]
    host_cores: NDArray[np.int32]
    host_mhz: NDArray[np.int32]
    host_ram_mib: NDArray[np.int64]
    host_type: tuple[str, ...]
    pool_names: tuple[str, ...]
    pool_cluster: NDArray[np.int32]
    pool_zone: NDArray[np.int32]
    pool_capacity_mib: NDArray[np.int64]
    pool_factor: NDArray[np.float64]
    pool_disable: NDArray[np.float64]
    address_pool_names: tuple[str, ...]
    address_total: NDArray[np.int64]
    cluster_address_pool: NDArray[np.int32]
    spares: tuple[Spare, ...] = ()

    def __post_init__(self) -> None:
        """Refuse columns that contradict each other."""
        check_fleet(self)

    @classmethod
    def uniform(
        cls,
        hosts: int,
        cores: int = 64,
        mhz: int = 2000,
        ram_mib: int = 262_144,
        clusters: int = 1,
        *,
        pods: int = 1,
        zones: int = 1,
        cpu_factor: float = 1.0,
        ram_factor: float = 1.0,
        cpu_disable: float = np.inf,
        ram_disable: float = np.inf,
        pool_mib: int = 1 << 50,
        pool_factor: float = 1.0,
        pool_disable: float = np.inf,
        addresses: int = 1 << 40,
    ) -> Fleet:
        """Return a fleet of equal hosts: `hosts` a cluster, `clusters` a pod, `pods` a zone.

        Every cluster has one pool of `pool_mib` MiB, every zone `addresses` addresses.
        Unless told otherwise only CPU and RAM can run out.
        """
        zone_names = tuple(f"z{z}" for z in range(zones))
        pod_names = tuple(f"{zone}p{p}" for zone in zone_names for p in range(pods))
        cluster_names = tuple(f"{pod}c{c}" for pod in pod_names for c in range(clusters))
        host_names = tuple(f"{cluster}h{h}" for cluster in cluster_names for h in range(hosts))
        c_count, h_count = len(cluster_names), len(host_names)
        pod_zone = np.repeat(np.arange(zones, dtype=np.int32), pods)
        cluster_pod = np.repeat(np.arange(len(pod_names), dtype=np.int32), clusters)
        return cls(
            zone_names=zone_names,
            pod_names=pod_names,
            pod_zone=pod_zone,
            cluster_names=cluster_names,
            cluster_pod=cluster_pod,
            cpu_factor=np.full(c_count, float(cpu_factor)),
            ram_factor=np.full(c_count, float(ram_factor)),
            cpu_disable=np.full(c_count, float(cpu_disable)),
            ram_disable=np.full(c_count, float(ram_disable)),
            host_names=host_names,
            host_cluster=np.repeat(np.arange(c_count, dtype=np.int32), hosts),
            host_cores=np.full(h_count, cores, np.int32),
            host_mhz=np.full(h_count, mhz, np.int32),
            host_ram_mib=np.full(h_count, ram_mib, np.int64),
            host_type=("uniform",) * h_count,
            pool_names=tuple(f"{cluster}-pool" for cluster in cluster_names),
            pool_cluster=np.arange(c_count, dtype=np.int32),
            pool_zone=pod_zone[cluster_pod],
            pool_capacity_mib=np.full(c_count, pool_mib, np.int64),
            pool_factor=np.full(c_count, float(pool_factor)),
            pool_disable=np.full(c_count, float(pool_disable)),
            address_pool_names=tuple(f"{zone}-addresses" for zone in zone_names),
            address_total=np.full(zones, addresses, np.int64),
            cluster_address_pool=pod_zone[cluster_pod],
        )

    def with_hosts(
        self, cluster: int, extra_hosts: int, like: HostKind | int | None = None
    ) -> Fleet:
        """Return the fleet with `extra_hosts` more hosts at the end of cluster `cluster`.

        Args:
            cluster: index of the cluster that grows.
            extra_hosts: how many hosts it gains, >= 0.
            like: the kind of the new hosts, or the index of a host to copy; when not
                given, the cluster's last host.

        Raises:
            InvalidParameter: there is no such cluster or host, or `extra_hosts` < 0.
        """
        return grown(self, cluster, extra_hosts, like)

    def kind_of(self, host: int) -> HostKind:
        """Return the kind of the host at index `host`."""
        return HostKind(
            self.host_type[host],
            int(self.host_cores[host]),
            int(self.host_mhz[host]),
            int(self.host_ram_mib[host]),
        )

    @property
    def host_cpu_mhz(self) -> NDArray[np.int64]:
        """CPU of every host as bought, `(H,)` MHz."""
        return self.host_cores.astype(np.int64) * self.host_mhz

    @property
    def usable_cpu_mhz(self) -> NDArray[np.int64]:
        """CPU that VMs may be promised on every host, over-provisioned, `(H,)` MHz."""
        return np.floor(self.host_cpu_mhz * self.cpu_factor[self.host_cluster]).astype(np.int64)

    @property
    def usable_ram_mib(self) -> NDArray[np.int64]:
        """RAM that VMs may be promised on every host, over-provisioned, `(H,)` MiB."""
        return np.floor(self.host_ram_mib * self.ram_factor[self.host_cluster]).astype(np.int64)

    @property
    def spare_cpu_mhz(self) -> NDArray[np.int64]:
        """CPU of every cluster's spare hosts, over-provisioned, `(C,)` MHz."""
        return self._of_spares(self.cpu_factor, [spare.kind.cpu_mhz for spare in self.spares])

    @property
    def spare_ram_mib(self) -> NDArray[np.int64]:
        """RAM of every cluster's spare hosts, over-provisioned, `(C,)` MiB."""
        return self._of_spares(self.ram_factor, [spare.kind.ram_mib for spare in self.spares])

    def _of_spares(self, factor: NDArray[np.float64], bought: list[int]) -> NDArray[np.int64]:
        sums = np.zeros(len(self.cluster_names), np.int64)
        for spare, amount in zip(self.spares, bought, strict=True):
            sums[spare.cluster] += int(amount * factor[spare.cluster])
        return sums

    @property
    def pool_usable_mib(self) -> NDArray[np.int64]:
        """Storage that volumes may be promised on every pool, over-provisioned, `(S,)` MiB."""
        return np.floor(self.pool_capacity_mib * self.pool_factor).astype(np.int64)

    @property
    def cluster_zone(self) -> NDArray[np.int32]:
        """The zone of every cluster, `(C,)`."""
        return self.pod_zone[self.cluster_pod]

    @property
    def cluster_start(self) -> NDArray[np.int64]:
        """Hosts of cluster c are `cluster_start[c]` up to `cluster_start[c + 1]`, `(C + 1,)`."""
        return np.searchsorted(self.host_cluster, np.arange(len(self.cluster_names) + 1))

    @property
    def first_mhz(self) -> NDArray[np.int64]:
        """Speed of the first host of every cluster, spare or not; 0 where it is empty, `(C,)`."""
        start = self.cluster_start
        speed = np.zeros(len(self.cluster_names), np.int64)
        filled = start[1:] > start[:-1]
        speed[filled] = self.host_mhz[start[:-1][filled]]
        for spare in self.spares:
            if spare.is_first:
                speed[spare.cluster] = spare.kind.mhz
        return speed

    def per_cluster(self, host_column: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sum of a column of hosts over every cluster, `(C,)`."""
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(host_column, dtype=np.int64)))
        start = self.cluster_start
        return sums[start[1:]] - sums[start[:-1]]

    def __len__(self) -> int:
        """Return the number of hosts."""
        return len(self.host_names)

    def __repr__(self) -> str:
        """Return what there is and how much of it VMs may be promised."""
        counts = (
            (len(self.zone_names), "zone"),
            (len(self.pod_names), "pod"),
            (len(self.cluster_names), "cluster"),
            (len(self.host_names), "host"),
        )
        tree = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        cpu, ram = int(self.usable_cpu_mhz.sum()), int(self.usable_ram_mib.sum())
        return f"<Fleet of {tree}: {cpu:,} MHz and {ram:,} MiB usable>"
