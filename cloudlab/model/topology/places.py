"""The physical cloud above the hosts: zone > pod > cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from cloudlab.model.record import Record
from cloudlab.model.topology.allocation import AllocationState

if TYPE_CHECKING:
    from cloudlab.model.networks import AddressRange, Network, PhysicalNetwork
    from cloudlab.model.storage import ImageStore, StoragePool
    from cloudlab.model.tenancy import Domain
    from cloudlab.model.topology.hosts import Host


class NetworkType(StrEnum):
    """The two kinds of zone."""

    BASIC = "Basic"
    ADVANCED = "Advanced"


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Zone(Record):
    """The largest unit: a data centre with its own secondary storage."""

    kind: ClassVar[str] = "zone"

    state: AllocationState = AllocationState.DISABLED
    network_type: NetworkType = NetworkType.ADVANCED
    domain: Domain | None = None
    """Who may use a private zone (with its subdomains); `None`: the zone is public."""
    dns1: str = "8.8.8.8"
    dns2: str = ""
    internal_dns1: str = "8.8.8.8"
    internal_dns2: str = ""
    guest_cidr: str | None = "10.1.1.0/24"
    """Network of isolated guest networks; `None` in a Basic zone."""
    security_groups: bool = False
    local_storage: bool = False
    pods: list[Pod] = field(default_factory=list)
    physical_networks: list[PhysicalNetwork] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    guest_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses of shared guest networks; empty in a Basic zone."""
    public_ranges: list[AddressRange] = field(default_factory=list)
    image_stores: list[ImageStore] = field(default_factory=list)
    pools: list[StoragePool] = field(default_factory=list)
    """Zone-wide pools only."""

    @property
    def is_public(self) -> bool:
        """Whether every domain may use it."""
        return self.domain is None

    @property
    def clusters(self) -> list[Cluster]:
        """Return the clusters of every pod, in order of creation within each."""
        return [cluster for pod in self.pods for cluster in pod.clusters]


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Pod(Record):
    """A rack-like unit: hosts of one management subnet."""

    kind: ClassVar[str] = "pod"

    state: AllocationState = AllocationState.DISABLED
    zone: Zone
    gateway: str = ""
    cidr: str = ""
    clusters: list[Cluster] = field(default_factory=list)
    reserved_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses for system VMs, in the management subnet."""
    guest_ranges: list[AddressRange] = field(default_factory=list)
    """Addresses of guests in a Basic zone."""


@dataclass(slots=True, eq=False, repr=False, kw_only=True)
class Cluster(Record):
    """Hosts with one hypervisor that share primary storage; VMs migrate inside it."""

    kind: ClassVar[str] = "cluster"

    state: AllocationState = AllocationState.DISABLED
    zone: Zone
    pod: Pod
    hypervisor: str = "KVM"
    cpu_overcommit: float = 1.0
    """How many times the CPU may be allocated, >= 1."""
    ram_overcommit: float = 1.0
    cpu_disable_threshold: float | None = None
    """Allocated share over which nothing more is placed; `None`: the setting's value."""
    ram_disable_threshold: float | None = None
    cpu_notify_threshold: float | None = None
    """Allocated share over which an alert is sent; `None`: the setting's value."""
    ram_notify_threshold: float | None = None
    storage_notify_threshold: float | None = None
    """The same for each of its pools."""
    hosts: list[Host] = field(default_factory=list)
    pools: list[StoragePool] = field(default_factory=list)
    row: int = -1
    """Its place in the ledger."""

    @property
    def mhz(self) -> int:
        """Speed of a core of its first host; hosts of a cluster should be alike."""
        return self.hosts[0].mhz if self.hosts else 0

    @property
    def guest_ranges(self) -> list[AddressRange]:
        """Return where its VMs get addresses: the pod's in a Basic zone, else the zone's."""
        basic = self.zone.network_type is NetworkType.BASIC
        return (self.pod if basic else self.zone).guest_ranges
