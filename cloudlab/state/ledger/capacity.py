"""What there is: the rows of hosts and clusters, and the sums over hosts in service."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cloudlab.errors import Conflict
from cloudlab.model import Cluster, Host, VirtualMachine
from cloudlab.state.ledger.columns import column, grown

Rows = slice | NDArray[np.intp]
"""The rows of a cluster's hosts: a slice while they stand together."""

_HOST_COLUMNS: Final = (
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
    "is_open",
)


class Capacity:
    """CPU (MHz) and RAM (MiB) of every host, and of the open hosts of every cluster."""

    def __init__(self) -> None:
        """Begin without hosts and clusters."""
        super().__init__()
        self.hosts: list[Host] = []
        self.clusters: list[Cluster] = []
        self.cluster_rows: list[Rows] = []
        self.cpu_total, self.cpu_free, self.cpu_reserved = column(), column(), column()
        self.ram_total, self.ram_free, self.ram_reserved = column(), column(), column()
        self.cores, self.mhz = column(), column()
        self.host_cluster, self.host_zone = column(), column()
        """The row of each host's cluster, and the id of its zone."""
        self.is_open: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        """Whether VMs may be placed on the host: Up and Enabled."""
        self.cluster_cpu_total: list[int] = []
        self.cluster_cpu_free: list[int] = []
        self.cluster_ram_total: list[int] = []
        self.cluster_ram_free: list[int] = []
        """Of the open hosts of each cluster together. Clusters are few and asked one by one:
        a number of a list costs a quarter of one of an array."""
        self.zone_clusters: dict[int, list[Cluster]] = {}
        """By zone id: its clusters, in order of row."""
        self.is_plain: list[bool] = []
        """By cluster: no host has tags, preferences or limits, so that every host is alike."""
        self.least_cores: list[int] = []
        self.speeds: list[set[int]] = []
        """By cluster: the fewest cores of a host, and every speed of a core, MHz.

        Hosts that were removed may still count: then a question is asked that need not be.
        """
        self.closed: list[int] = []
        """By cluster: how many hosts are not open."""
        self.guests: list[dict[int, VirtualMachine]] = []
        """By host: the VMs that hold a claim, by id."""

    # --- rows --------------------------------------------------------------------------

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
        for sums in (
            self.cluster_cpu_total,
            self.cluster_cpu_free,
            self.cluster_ram_total,
            self.cluster_ram_free,
        ):
            sums.append(0)

    def remove_cluster(self, cluster: Cluster) -> None:
        """Take `cluster` out; its row stays empty.

        Raises:
            Conflict: it has hosts.
        """
        hosts = self.hosts_of(cluster)
        if hosts:
            raise Conflict(f"{cluster} still has {len(hosts)} hosts; remove them first")
        self.zone_clusters[cluster.zone.id].remove(cluster)

    def add_host(self, host: Host) -> None:
        """Give `host` a row, closed: nothing is placed on it until it is opened."""
        row, cluster = len(self.hosts), host.cluster
        host.row = row
        self.hosts.append(host)
        self.guests.append({})
        for name in _HOST_COLUMNS:
            setattr(self, name, grown(getattr(self, name), row + 1))
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
        self.close(host)
        row = host.row
        self.cpu_total[row] = self.cpu_free[row] = self.ram_total[row] = self.ram_free[row] = 0
        self._drop_row(host.cluster, row)
        self.closed[host.cluster.row] -= 1

    def refresh(self, host: Host) -> None:
        """Look again at what makes `host` special after its tags or limits changed."""
        cluster = host.cluster
        self.is_plain[cluster.row] = all(_is_plain(each) for each in self.hosts_of(cluster))

    def rows_of(self, cluster: Cluster) -> NDArray[np.intp]:
        """Return the rows of the hosts of `cluster`, ascending."""
        return _numbers(self.cluster_rows[cluster.row])

    def hosts_of(self, cluster: Cluster) -> list[Host]:
        """Return the hosts of `cluster` in order of row."""
        return [self.hosts[row] for row in self.rows_of(cluster)]

    def _add_row(self, cluster: Cluster, row: int) -> None:
        rows = self.cluster_rows[cluster.row]
        if isinstance(rows, slice) and rows.start == rows.stop:
            self.cluster_rows[cluster.row] = slice(row, row + 1)
        elif isinstance(rows, slice) and rows.stop == row:
            self.cluster_rows[cluster.row] = slice(rows.start, row + 1)
        else:
            self.cluster_rows[cluster.row] = np.append(_numbers(rows), row)

    def _drop_row(self, cluster: Cluster, row: int) -> None:
        rows = _numbers(self.cluster_rows[cluster.row])
        self.cluster_rows[cluster.row] = rows[rows != row]

    # --- in service or not -------------------------------------------------------------

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
        self.cluster_cpu_total[cluster] += sign * int(self.cpu_total[row])
        self.cluster_cpu_free[cluster] += sign * int(self.cpu_free[row])
        self.cluster_ram_total[cluster] += sign * int(self.ram_total[row])
        self.cluster_ram_free[cluster] += sign * int(self.ram_free[row])
        self.closed[cluster] -= sign

    def provision(self, cluster: Cluster) -> None:
        """Recount what may be allocated after the over-provisioning of `cluster` changed.

        What is held stays held: less may be free than nothing until VMs leave.
        """
        for host in self.hosts_of(cluster):
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

    def _take(self, host: Host, cpu: int, ram: int) -> None:
        """Take MHz and MiB of `host`, and of its cluster if it counts there."""
        row = host.row
        self.cpu_free[row] -= cpu
        self.ram_free[row] -= ram
        if self.is_open[row]:
            cluster = host.cluster.row
            self.cluster_cpu_free[cluster] -= cpu
            self.cluster_ram_free[cluster] -= ram


def _numbers(rows: Rows) -> NDArray[np.intp]:
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows


def _is_plain(host: Host) -> bool:
    """Return whether nothing but its size decides what runs on `host`."""
    return (
        not host.tags
        and host.has_hvm
        and host.guest_os_category is None
        and host.max_guests is None
    )
