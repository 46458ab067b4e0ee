"""What is left on each host and pool, and who holds the rest.

A host knows its totals, the ledger knows what is left: one array a resource, one row a
host. `claim`, `reserve`, `release` and `allocate` are the only writes; they raise rather
than clamp. Capacity is counted as CloudStack counts it: a running VM *uses*, a VM that was
just stopped keeps its place *reserved* for a while, and what is neither is *free*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudlab.errors import Conflict, InsufficientCapacity
from cloudlab.model import Cluster, ComputeOffering, Host, VirtualMachine
from cloudlab.state.pools import PoolLedger
from cloudlab.units import size_text

Rows = slice | NDArray[np.intp]
"""The rows of a cluster's hosts: a slice while they stand together."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something is taken, in MHz or MiB."""

    total: int
    """What may be allocated: the raw capacity times the over-provisioning factor, rounded down."""
    used: int
    """What running VMs hold."""
    reserved: int
    """What is kept for VMs that were stopped a moment ago."""

    @property
    def free(self) -> int:
        """What is left."""
        return self.total - self.used - self.reserved

    @property
    def taken(self) -> float:
        """The used and reserved share of the total, 0 to 1; 0 where there is nothing."""
        return (self.used + self.reserved) / self.total if self.total else 0.0


def cpu_need(offering: ComputeOffering, host: Host) -> int:
    """Return the MHz that a VM of `offering` takes of `host`."""
    return offering.vcpu * (offering.cpu_mhz or host.mhz)


class Ledger(PoolLedger):
    """CPU (MHz), RAM (MiB) and guests of every host; storage (MiB) of every pool."""

    def __init__(self) -> None:
        """Make a ledger of nothing."""
        super().__init__()
        self.hosts: list[Host] = []
        self.clusters: list[Cluster] = []
        self.cluster_rows: list[Rows] = []
        self.cpu_total, self.cpu_free, self.cpu_reserved = _column(), _column(), _column()
        self.ram_total, self.ram_free, self.ram_reserved = _column(), _column(), _column()
        self.cores, self.mhz = _column(), _column()
        self.host_cluster, self.host_zone = _column(), _column()
        """The row of each host's cluster, and the id of its zone."""
        self.is_open: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        """Whether VMs may be placed on the host: Up and Enabled."""
        self.cluster_cpu_total, self.cluster_cpu_free = _column(), _column()
        self.cluster_ram_total, self.cluster_ram_free = _column(), _column()
        self.zone_clusters: dict[int, list[Cluster]] = {}
        """By zone id: its clusters, in order of row."""
        self.is_plain: list[bool] = []
        """By cluster: no host has tags, preferences or limits, so that every host is alike."""
        self.least_cores: list[int] = []
        self.speeds: list[set[int]] = []
        """By cluster: the fewest cores of a host, and every speed of a core, MHz."""
        self.closed: list[int] = []
        """By cluster: how many hosts are not open."""
        self.guests: list[dict[int, VirtualMachine]] = []
        """By host: the VMs that hold a claim, by id."""
        self.places: dict[int, dict[int, int]] = {}
        """By account id: VM id -> host row of the VMs that hold a claim."""
        self._claims: dict[tuple[int, int], tuple[int, int]] = {}
        self._reservations: dict[int, tuple[int, int, int, float]] = {}

    # --- what there is -----------------------------------------------------------------

    def add_cluster(self, cluster: Cluster) -> None:
        """Give `cluster` a row."""
        cluster.row = len(self.clusters)
        self.clusters.append(cluster)
        self.cluster_rows.append(slice(0, 0))
        self.is_plain.append(True)
        self.least_cores.append(0)
        self.speeds.append(set())
        self.closed.append(0)
        self.zone_clusters.setdefault(cluster.zone.id, []).append(cluster)
        for name in _CLUSTER_COLUMNS:
            setattr(self, name, np.append(getattr(self, name), 0))

    def remove_cluster(self, cluster: Cluster) -> None:
        """Take an empty `cluster` out; its row stays empty."""
        self.zone_clusters[cluster.zone.id].remove(cluster)

    def add_host(self, host: Host) -> None:
        """Give `host` a row, closed: nothing is placed on it until it is opened."""
        row, cluster = len(self.hosts), host.cluster
        host.row = row
        self.hosts.append(host)
        self.guests.append({})
        for name in (*_HOST_COLUMNS, "is_open"):
            setattr(self, name, _grown(getattr(self, name), row + 1))
        self.cpu_total[row] = self.cpu_free[row] = int(host.cpu_mhz * cluster.cpu_overcommit)
        self.ram_total[row] = self.ram_free[row] = int(host.ram_mib * cluster.ram_overcommit)
        self.cores[row], self.mhz[row] = host.cpus, host.mhz
        self.host_cluster[row], self.host_zone[row] = cluster.row, host.zone.id
        self._add_row(cluster, row)
        self.is_plain[cluster.row] &= _is_plain(host)
        self.least_cores[cluster.row] = min(self.least_cores[cluster.row] or host.cpus, host.cpus)
        self.speeds[cluster.row].add(host.mhz)
        self.closed[cluster.row] += 1

    def remove_host(self, host: Host) -> None:
        """Take `host` out; its row stays empty.

        Raises:
            Conflict: VMs hold capacity on it.
        """
        if self.guests[host.row]:
            raise Conflict(f"{host}: {len(self.guests[host.row])} VMs are on it")
        self.forget_reservations(host)
        self.close(host)
        row = host.row
        self.cpu_total[row] = self.cpu_free[row] = self.ram_total[row] = self.ram_free[row] = 0
        self._drop_row(host.cluster, row)
        self.closed[host.cluster.row] -= 1

    def refresh(self, host: Host) -> None:
        """Look again at what makes `host` special after its tags or limits changed."""
        cluster = host.cluster
        self.is_plain[cluster.row] = all(_is_plain(each) for each in cluster.hosts)

    def hosts_of(self, cluster: Cluster) -> list[Host]:
        """Return the hosts of `cluster` in order of row."""
        return [self.hosts[row] for row in self._numbers(self.cluster_rows[cluster.row])]

    def _add_row(self, cluster: Cluster, row: int) -> None:
        rows = self.cluster_rows[cluster.row]
        if isinstance(rows, slice) and rows.start == rows.stop:
            self.cluster_rows[cluster.row] = slice(row, row + 1)
        elif isinstance(rows, slice) and rows.stop == row:
            self.cluster_rows[cluster.row] = slice(rows.start, row + 1)
        else:
            self.cluster_rows[cluster.row] = np.append(self._numbers(rows), row)

    def _drop_row(self, cluster: Cluster, row: int) -> None:
        rows = self._numbers(self.cluster_rows[cluster.row])
        self.cluster_rows[cluster.row] = rows[rows != row]

    @staticmethod
    def _numbers(rows: Rows) -> NDArray[np.intp]:
        return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows

    def open(self, host: Host) -> None:
        """Let VMs be placed on `host`: it counts in its cluster's capacity from now on."""
        if not self.is_open[host.row]:
            self.is_open[host.row] = True
            self._count(host, 1)

    def close(self, host: Host) -> None:
        """Place nothing more on `host`: it counts no longer in its cluster's capacity."""
        if self.is_open[host.row]:
            self.is_open[host.row] = False
            self._count(host, -1)

    def _count(self, host: Host, sign: int) -> None:
        row, cluster = host.row, host.cluster.row
        self.cluster_cpu_total[cluster] += sign * self.cpu_total[row]
        self.cluster_cpu_free[cluster] += sign * self.cpu_free[row]
        self.cluster_ram_total[cluster] += sign * self.ram_total[row]
        self.cluster_ram_free[cluster] += sign * self.ram_free[row]
        self.closed[cluster] -= sign

    def provision(self, cluster: Cluster) -> None:
        """Recount what may be allocated after the over-provisioning of `cluster` changed.

        What is held stays held: less may be free than nothing until VMs leave.
        """
        for host in cluster.hosts:
            cpu = int(host.cpu_mhz * cluster.cpu_overcommit) - int(self.cpu_total[host.row])
            ram = int(host.ram_mib * cluster.ram_overcommit) - int(self.ram_total[host.row])
            was_open = bool(self.is_open[host.row])
            self.close(host)
            self.cpu_total[host.row] += cpu
            self.cpu_free[host.row] += cpu
            self.ram_total[host.row] += ram
            self.ram_free[host.row] += ram
            if was_open:
                self.open(host)

    # --- who holds what ----------------------------------------------------------------

    def claim(self, vm: VirtualMachine, host: Host) -> None:
        """Take what `vm` needs of `host`; what was reserved for it anywhere is used or freed.

        Raises:
            InsufficientCapacity: it does not fit; nothing changed.
            Conflict: it holds capacity there already.
        """
        row, key = host.row, (vm.id, host.row)
        if key in self._claims:
            raise Conflict(f"{vm} already holds capacity on {host}")
        cpu, ram = cpu_need(vm.offering, host), vm.offering.ram_mib
        kept = self._reservations.get(vm.id)
        if kept is not None:
            self.cancel_reservation(vm)
        if self.cpu_free[row] < cpu or self.ram_free[row] < ram:
            if kept is not None:
                self._reserve(vm.id, *kept)
            raise InsufficientCapacity(self._shortage(host, cpu, ram))
        self._take(host, cpu, ram)
        self._claims[key] = (cpu, ram)
        self.guests[row][vm.id] = vm
        self.places.setdefault(vm.account.id, {})[vm.id] = row

    def release(self, vm: VirtualMachine, host: Host) -> None:
        """Give back what `vm` holds of `host`; nothing held is no error."""
        held = self._claims.pop((vm.id, host.row), None)
        if held is None:
            return
        self._take(host, -held[0], -held[1])
        del self.guests[host.row][vm.id]
        self._leave(vm, host.row)

    def reserve(self, vm: VirtualMachine, host: Host, until: float) -> None:
        """Turn what `vm` uses of `host` into a reservation that ends at `until`."""
        held = self._claims.pop((vm.id, host.row))
        del self.guests[host.row][vm.id]
        self._leave(vm, host.row)
        self.cpu_reserved[host.row] += held[0]
        self.ram_reserved[host.row] += held[1]
        self._reservations[vm.id] = (host.row, held[0], held[1], until)

    def cancel_reservation(self, vm: VirtualMachine) -> None:
        """Free what is reserved for `vm`; nothing reserved is no error."""
        self._cancel(vm.id)

    def forget_reservations(self, host: Host) -> None:
        """Free everything reserved on `host`."""
        for vm_id in [vm for vm, kept in self._reservations.items() if kept[0] == host.row]:
            self._cancel(vm_id)

    def expire_reservations(self, now: float) -> int:
        """Free what was reserved until `now` or earlier; return for how many VMs."""
        over = [vm for vm, kept in self._reservations.items() if kept[3] <= now]
        for vm_id in over:
            self._cancel(vm_id)
        return len(over)

    def reserved_on(self, vm: VirtualMachine) -> Host | None:
        """Return the host that keeps capacity for `vm`."""
        kept = self._reservations.get(vm.id)
        return self.hosts[kept[0]] if kept is not None else None

    def fits(self, vm: VirtualMachine, host: Host) -> bool:
        """Return whether `vm` fits on `host` now, its own reservation there counted as free."""
        cpu, ram = cpu_need(vm.offering, host), vm.offering.ram_mib
        kept = self._reservations.get(vm.id)
        own_cpu, own_ram = (kept[1], kept[2]) if kept and kept[0] == host.row else (0, 0)
        row = host.row
        return bool(self.cpu_free[row] + own_cpu >= cpu and self.ram_free[row] + own_ram >= ram)

    def holds(self, vm: VirtualMachine, host: Host) -> bool:
        """Return whether `vm` holds capacity on `host`."""
        return (vm.id, host.row) in self._claims

    def claims(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return every claim: (VM id, host row) -> (MHz, MiB)."""
        return dict(self._claims)

    def reservations(self) -> dict[int, tuple[int, int, int, float]]:
        """Return every reservation: VM id -> (host row, MHz, MiB, until)."""
        return dict(self._reservations)

    def restore_claim(self, vm: VirtualMachine, host: Host, cpu: int, ram: int) -> None:
        """Write down a claim that was saved."""
        self._take(host, cpu, ram)
        self._claims[vm.id, host.row] = (cpu, ram)
        self.guests[host.row][vm.id] = vm
        self.places.setdefault(vm.account.id, {})[vm.id] = host.row

    def restore_reservation(self, vm_id: int, host: Host, cpu: int, ram: int, until: float) -> None:
        """Write down a reservation that was saved."""
        self._reserve(vm_id, host.row, cpu, ram, until)

    def _take(self, host: Host, cpu: int, ram: int) -> None:
        row = host.row
        self.cpu_free[row] -= cpu
        self.ram_free[row] -= ram
        if self.is_open[row]:
            cluster = host.cluster.row
            self.cluster_cpu_free[cluster] -= cpu
            self.cluster_ram_free[cluster] -= ram

    def _leave(self, vm: VirtualMachine, row: int) -> None:
        """Forget that `vm` is at `row`; a migrating VM that is already elsewhere stays there."""
        places = self.places.get(vm.account.id)
        if places is not None and places.get(vm.id) == row:
            del places[vm.id]
            if not places:
                del self.places[vm.account.id]

    def _reserve(self, vm_id: int, row: int, cpu: int, ram: int, until: float) -> None:
        self._take(self.hosts[row], cpu, ram)
        self.cpu_reserved[row] += cpu
        self.ram_reserved[row] += ram
        self._reservations[vm_id] = (row, cpu, ram, until)

    def _cancel(self, vm_id: int) -> None:
        kept = self._reservations.pop(vm_id, None)
        if kept is not None:
            row, cpu, ram, _ = kept
            self.cpu_reserved[row] -= cpu
            self.ram_reserved[row] -= ram
            self._take(self.hosts[row], -cpu, -ram)

    def _shortage(self, host: Host, cpu: int, ram: int) -> str:
        """Return the sentence that names what `host` lacks."""
        free_cpu, free_ram = int(self.cpu_free[host.row]), int(self.ram_free[host.row])
        return (
            f"{host} has {free_cpu} MHz and {size_text(free_ram)} free, "
            f"needed are {cpu} MHz and {size_text(ram)}"
        )

    # --- how much is taken ---------------------------------------------------------------

    def cpu(self, *hosts: Host) -> Share:
        """Return the CPU of `hosts` together, in MHz."""
        return _share(hosts, self.cpu_total, self.cpu_free, self.cpu_reserved)

    def ram(self, *hosts: Host) -> Share:
        """Return the RAM of `hosts` together, in MiB."""
        return _share(hosts, self.ram_total, self.ram_free, self.ram_reserved)

    def __repr__(self) -> str:
        """Say how full the cloud is."""
        cpu, ram = self.cpu(*self.hosts), self.ram(*self.hosts)
        return (
            f"<Ledger: {len(self.hosts)} hosts, CPU {cpu.taken:.0%} of {cpu.total} MHz taken, "
            f"RAM {ram.taken:.0%} of {size_text(ram.total)} taken>"
        )


_CLUSTER_COLUMNS = (
    "cluster_cpu_total",
    "cluster_cpu_free",
    "cluster_ram_total",
    "cluster_ram_free",
)
_HOST_COLUMNS = (
    "cpu_total",
    "cpu_free",
    "cpu_reserved",
    "ram_total",
    "ram_free",
    "ram_reserved",
    "cores",
    "mhz",
    "host_cluster",
    "host_zone",
)


def _is_plain(host: Host) -> bool:
    """Return whether nothing but its size decides what runs on `host`."""
    return (
        not host.tags
        and host.has_hvm
        and host.guest_os_category is None
        and host.max_guests is None
    )


def _column() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def _grown(column: NDArray[Any], size: int) -> NDArray[Any]:
    """Return `column` as a view of `size` rows; the room behind it doubles when it is full."""
    base = column.base if isinstance(column.base, np.ndarray) else column
    if len(base) < size:
        larger = np.zeros(max(16, 2 * size), dtype=column.dtype)
        larger[: len(column)] = column
        base = larger
    return base[:size]


def _share(
    hosts: tuple[Host, ...],
    total: NDArray[np.int64],
    free: NDArray[np.int64],
    reserved: NDArray[np.int64],
) -> Share:
    rows = [host.row for host in hosts]
    whole, kept = int(total[rows].sum()), int(reserved[rows].sum())
    return Share(whole, whole - kept - int(free[rows].sum()), kept)
