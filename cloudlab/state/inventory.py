"""Every record of the cloud, by kind and id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from cloudlab.errors import Conflict, NotFound
from cloudlab.model import (
    Account,
    AddressRange,
    Alert,
    Cluster,
    ComputeOffering,
    DiskOffering,
    Domain,
    FirewallRule,
    Host,
    ImageStore,
    Job,
    LoadBalancerRule,
    Network,
    Nic,
    PhysicalNetwork,
    Pod,
    PortForwardingRule,
    PublicIp,
    Record,
    SecurityGroup,
    StoragePool,
    Template,
    User,
    VirtualMachine,
    VmSnapshot,
    Volume,
    Zone,
)

R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """The records of one kind, in order of id."""

    __slots__ = ("_by_id", "kind", "last_id")

    def __init__(self, kind: type[R]) -> None:
        """Make an empty table for records of class `kind`."""
        self.kind = kind
        self.last_id = 0
        self._by_id: dict[int, R] = {}

    def add(self, record: R) -> R:
        """Number `record`, keep it and return it."""
        self.last_id += 1
        record.id = self.last_id
        self._by_id[record.id] = record
        return record

    def drop(self, record: R) -> None:
        """Forget `record`; one that is not here is no error."""
        if self._by_id.get(record.id) is record:
            del self._by_id[record.id]

    def get(self, number: int) -> R:
        """Return the record with this id.

        Raises:
            NotFound: there is none.
        """
        try:
            return self._by_id[number]
        except KeyError:
            raise NotFound(f"there is no {self.kind.kind} with id {number}") from None

    def named(self, name: str) -> R:
        """Return the one record of this name.

        Raises:
            NotFound: there is none; the message lists what there is.
            Conflict: there are several.
        """
        found = [record for record in self._by_id.values() if record.name == name]
        if not found:
            raise NotFound(self._missing(name))
        if len(found) > 1:
            ids = " or ".join(str(record.id) for record in found)
            raise Conflict(f"there are {len(found)} of {self.kind.kind} {name}: use the id, {ids}")
        return found[0]

    def has_name(self, name: str) -> bool:
        """Return whether a record of this name is here."""
        return any(record.name == name for record in self._by_id.values())

    def _missing(self, name: str) -> str:
        shown = 8
        names = [record.name for record in self._by_id.values()]
        there = ", ".join(names[:shown]) + (" ..." if len(names) > shown else "")
        return f"there is no {self.kind.kind} {name}; there are: {there or 'none'}"

    def drop_oldest(self, may_go: Callable[[R], bool]) -> None:
        """Drop the oldest record, if there is one and it `may_go`."""
        oldest = next(iter(self._by_id.values()), None)
        if oldest is not None and may_go(oldest):
            del self._by_id[oldest.id]

    def put(self, record: R) -> None:
        """Keep `record` under the id it has: for reading a saved cloud."""
        self._by_id[record.id] = record
        self.last_id = max(self.last_id, record.id)

    def __iter__(self) -> Iterator[R]:
        """Yield the records, oldest first, from a copy: they may be dropped meanwhile."""
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_id)

    def __contains__(self, record: object) -> bool:
        """Return whether this very record is here."""
        return isinstance(record, Record) and self._by_id.get(record.id) is record

    def __repr__(self) -> str:
        """Say what it holds and how many."""
        return f"<{len(self)} {self.kind.kind} records>"


class Inventory:
    """The truth of a running cloud: one table a kind."""

    def __init__(self) -> None:
        """Make an empty inventory."""
        self.zones = Table(Zone)
        self.pods = Table(Pod)
        self.clusters = Table(Cluster)
        self.hosts = Table(Host)
        self.pools = Table(StoragePool)
        self.image_stores = Table(ImageStore)
        self.physical_networks = Table(PhysicalNetwork)
        self.ranges = Table(AddressRange)
        self.networks = Table(Network)
        self.compute_offerings = Table(ComputeOffering)
        self.disk_offerings = Table(DiskOffering)
        self.templates = Table(Template)
        self.vms = Table(VirtualMachine)
        self.volumes = Table(Volume)
        self.vm_snapshots = Table(VmSnapshot)
        self.nics = Table(Nic)
        self.security_groups = Table(SecurityGroup)
        self.public_ips = Table(PublicIp)
        self.firewall_rules = Table(FirewallRule)
        self.port_forwarding_rules = Table(PortForwardingRule)
        self.load_balancer_rules = Table(LoadBalancerRule)
        self.domains = Table(Domain)
        self.accounts = Table(Account)
        self.users = Table(User)
        self.jobs = Table(Job)
        self.alerts = Table(Alert)

    def tables(self) -> dict[str, Table[Record]]:
        """Return every table under its name."""
        return dict(vars(self))

    def __repr__(self) -> str:
        """Count what there is."""
        counts = ", ".join(
            f"{len(table)} {name.replace('_', ' ')}"
            for name, table in self.tables().items()
            if len(table)
        )
        return f"<Inventory: {counts or 'empty'}>"
