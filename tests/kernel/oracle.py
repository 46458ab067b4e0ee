"""The rules of placement word for word, one object at a time: slow, and easy to check by eye.

No index, no mask, no sort that is kept: every request looks at everything anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from cloudlab.streams import draw
from simulator.placements import Reason

if TYPE_CHECKING:
    from simulator.fleet import Fleet
    from simulator.placements import Rules
    from simulator.workload import Demand


@dataclass
class Vm:
    """One request."""

    number: int
    arrival: float
    departure: float
    expunge: float
    vcpu: int
    ram: int
    disk: int
    mhz: int
    account: int
    host: int = -1
    pool: int = -1
    reason: Reason = Reason.ADMITTED


@dataclass
class Oracle:
    """A cloud that knows which VMs it has and nothing else."""

    fleet: Fleet
    rules: Rules
    vms: list[Vm] = field(default_factory=list)
    running: list[Vm] = field(default_factory=list)
    kept: list[Vm] = field(default_factory=list)

    def decide(self, demand: Demand) -> list[Vm]:
        """Return every request with its host, pool and reason."""
        for number in range(len(demand)):
            vm = self.request(demand, number)
            self.running = [other for other in self.running if other.departure > vm.arrival]
            self.kept = [other for other in self.kept if other.expunge > vm.arrival]
            self.place(vm)
            self.vms.append(vm)
            if vm.host >= 0:
                self.running.append(vm)
                self.kept.append(vm)
        return self.vms

    def request(self, demand: Demand, number: int) -> Vm:
        """Return request `number` with the times it leaves."""
        departure = float(demand.arrival_s[number] + demand.lifetime_s[number])
        disk = int(demand.disk_mib[number])
        return Vm(
            number,
            arrival=float(demand.arrival_s[number]),
            departure=departure,
            expunge=self.expunge(departure),
            vcpu=int(demand.vcpu[number]),
            ram=int(demand.ram_mib[number]),
            disk=self.rules.default_disk_mib if disk == -1 else disk,
            mhz=int(demand.cpu_mhz[number]),
            account=int(demand.tenant[number]),
        )

    def expunge(self, destroyed: float) -> float:
        """Return the first tick at which the VM has been destroyed long enough."""
        delay, interval = self.rules.expunge_delay_s, self.rules.expunge_interval_s
        if interval == 0 or math.isinf(destroyed):
            return destroyed + delay
        return next(k * interval for k in count(1) if k * interval - destroyed >= delay)

    # --- what is held now: `running` hold a host, `kept` hold a disk and an address -------

    def need(self, vm: Vm, host: int) -> int:
        """Return the MHz that the VM takes of the host."""
        return vm.vcpu * (vm.mhz or int(self.fleet.host_mhz[host]))

    def used(self, host: int, resource: str) -> int:
        """Return what VMs hold of the host."""
        there = [vm for vm in self.running if vm.host == host]
        return sum(self.need(vm, host) if resource == "CPU" else vm.ram for vm in there)

    def usable(self, host: int, resource: str) -> int:
        """Return what VMs may be promised on the host."""
        fleet, cluster = self.fleet, self.fleet.host_cluster[host]
        if resource == "CPU":
            bought = int(fleet.host_cores[host]) * int(fleet.host_mhz[host])
            return math.floor(bought * fleet.cpu_factor[cluster])
        return math.floor(int(fleet.host_ram_mib[host]) * fleet.ram_factor[cluster])

    def hosts(self, cluster: int) -> list[int]:
        """Return the hosts of the cluster."""
        return [h for h in range(len(self.fleet)) if self.fleet.host_cluster[h] == cluster]

    def zone(self, cluster: int) -> int:
        """Return the zone of the cluster."""
        return int(self.fleet.pod_zone[self.fleet.cluster_pod[cluster]])

    def share(self, clusters: list[int]) -> float:
        """Return the used share of the resource that orders clusters."""
        resource = self.rules.order_clusters_by
        usable = sum(self.counted(cluster, resource) for cluster in clusters)
        hosts = [host for cluster in clusters for host in self.hosts(cluster)]
        return sum(self.used(host, resource) for host in hosts) / usable if usable else 0.0

    def counted(self, cluster: int, resource: str) -> int:
        """Return what the cluster has, spare hosts and all."""
        total = sum(self.usable(host, resource) for host in self.hosts(cluster))
        factors = self.fleet.cpu_factor if resource == "CPU" else self.fleet.ram_factor
        for spare in self.fleet.spares:
            if spare.cluster == cluster:
                kind = spare.kind
                bought = kind.cores * kind.mhz if resource == "CPU" else kind.ram_mib
                total += math.floor(bought * factors[cluster])
        return total

    # --- the decision ---------------------------------------------------------------------

    def place(self, vm: Vm) -> None:
        """Try zone after zone, in each cluster after cluster."""
        fleet = self.fleet
        zones = sorted(
            range(len(fleet.zone_names)),
            key=lambda z: (self.share(self.clusters(z)), z),
        )
        lacked = set()
        for zone in zones:
            for cluster in self.order(vm, self.clusters(zone)):
                fitting = [host for host in self.hosts(cluster) if self.fits(vm, host)]
                if not fitting:
                    continue
                if self.over(vm, cluster):
                    lacked.add(Reason.THRESHOLD)
                elif not self.free_addresses(cluster):
                    lacked.add(Reason.ADDRESS)
                elif not (pools := [pool for pool in self.pools(cluster) if self.room(vm, pool)]):
                    lacked.add(Reason.STORAGE)
                else:
                    vm.host = self.pick_host(vm, cluster, fitting)
                    vm.pool = self.pick_pool(vm, cluster, pools)
                    return
        vm.reason = next(
            (r for r in (Reason.ADDRESS, Reason.STORAGE, Reason.THRESHOLD) if r in lacked),
            self.shortage(vm),
        )

    def clusters(self, zone: int) -> list[int]:
        """Return the clusters of the zone."""
        return [c for c in range(len(self.fleet.cluster_names)) if self.zone(c) == zone]

    def order(self, vm: Vm, clusters: list[int]) -> list[int]:
        """Return the zone's clusters in the planner's order."""
        by_share = sorted(clusters, key=lambda c: self.share([c]))
        mine = [other for other in self.running if other.account == vm.account]

        def count_in(cluster: int) -> int:
            return sum(self.fleet.host_cluster[other.host] == cluster for other in mine)

        def count_in_pod(cluster: int) -> int:
            pods = self.fleet.cluster_pod
            return sum(pods[self.fleet.host_cluster[o.host]] == pods[cluster] for o in mine)

        if self.rules.algorithm.startswith("userconcentratedpod"):
            return sorted(by_share, key=lambda c: -count_in_pod(c))
        if self.rules.algorithm != "userdispersing":
            return by_share
        weight = self.rules.user_dispersion_weight
        if not 0 <= weight < 1:
            return sorted(by_share, key=count_in)

        def score(cluster: int) -> float:
            account = count_in(cluster) / len(mine) if mine else 0.0
            return self.share([cluster]) * (1 - weight) + account * weight

        return sorted(by_share, key=score)

    def fits(self, vm: Vm, host: int) -> bool:
        """Tell whether the host can take the VM now."""
        return self.could(vm, host) and not self.short(vm, host, "CPU") | self.short(
            vm, host, "RAM"
        )

    def could(self, vm: Vm, host: int) -> bool:
        """Tell whether the host could take the VM if it were empty."""
        return bool(
            self.fleet.host_cores[host] >= vm.vcpu
            and self.fleet.host_mhz[host] >= vm.mhz
            and self.usable(host, "CPU") >= self.need(vm, host)
            and self.usable(host, "RAM") >= vm.ram
        )

    def short(self, vm: Vm, host: int, resource: str) -> bool:
        """Tell whether the host has too little of the resource left."""
        need = self.need(vm, host) if resource == "CPU" else vm.ram
        return self.usable(host, resource) - self.used(host, resource) < need

    def over(self, vm: Vm, cluster: int) -> bool:
        """Tell whether the VM would lift the cluster over a disable threshold."""
        hosts = self.hosts(cluster)
        needs = {"CPU": vm.vcpu * (vm.mhz or self.speed(cluster)), "RAM": vm.ram}
        limits = {
            "CPU": self.fleet.cpu_disable[cluster],
            "RAM": self.fleet.ram_disable[cluster],
        }
        return any(
            (sum(self.used(h, r) for h in hosts) + needs[r]) / self.counted(cluster, r) > limits[r]
            for r in ("CPU", "RAM")
        )

    def speed(self, cluster: int) -> int:
        """Return the speed of the cluster's first host, spare or not."""
        for spare in self.fleet.spares:
            if spare.cluster == cluster and spare.is_first:
                return spare.kind.mhz
        return int(self.fleet.host_mhz[self.hosts(cluster)[0]])

    def free_addresses(self, cluster: int) -> int:
        """Return how many addresses VMs of the cluster can still get."""
        pool_of = self.fleet.cluster_address_pool
        taken = sum(
            pool_of[self.fleet.host_cluster[vm.host]] == pool_of[cluster] for vm in self.kept
        )
        return int(self.fleet.address_total[pool_of[cluster]]) - taken

    def pools(self, cluster: int) -> list[int]:
        """Return the pools that serve the cluster."""
        fleet = self.fleet
        return [
            pool
            for pool in range(len(fleet.pool_names))
            if fleet.pool_cluster[pool] == cluster
            or (fleet.pool_cluster[pool] == -1 and fleet.pool_zone[pool] == self.zone(cluster))
        ]

    def room(self, vm: Vm, pool: int) -> bool:
        """Tell whether the pool can take the disk."""
        size = self.fleet.pool_capacity_mib[pool] * self.fleet.pool_factor[pool]
        asked = sum(other.disk for other in self.kept if other.pool == pool) + vm.disk
        if asked > math.floor(size):
            return False
        return size == 0 or asked / size < self.fleet.pool_disable[pool]

    def pick_host(self, vm: Vm, cluster: int, fitting: list[int]) -> int:
        """Return the host that the algorithm takes."""
        algorithm, resource = self.rules.algorithm, self.rules.order_clusters_by
        if algorithm in {"random", "userconcentratedpod_random"}:
            return fitting[int(draw(self.rules.seed, vm.number, 2 * cluster) * len(fitting))]
        if algorithm == "userdispersing":
            mine = [other.host for other in self.running if other.account == vm.account]
            return min(fitting, key=lambda host: (mine.count(host), host))
        if algorithm == "firstfitleastconsumed":

            def free_share(host: int) -> float:
                usable = self.usable(host, resource)
                return (usable - self.used(host, resource)) / usable

            return max(fitting, key=lambda host: (free_share(host), -host))
        return fitting[0]

    def pick_pool(self, vm: Vm, cluster: int, pools: list[int]) -> int:
        """Return the pool that the algorithm takes."""
        if self.rules.algorithm in {"random", "userconcentratedpod_random"}:
            return pools[int(draw(self.rules.seed, vm.number, 2 * cluster + 1) * len(pools))]
        if self.rules.algorithm == "userdispersing":
            mine = [other.pool for other in self.kept if other.account == vm.account]
            return min(pools, key=lambda pool: (mine.count(pool), pool))
        return pools[0]

    def shortage(self, vm: Vm) -> Reason:
        """Return what the hosts that could hold the VM when empty are short of."""
        hosts = [host for host in range(len(self.fleet)) if self.could(vm, host)]
        if not hosts:
            return Reason.SIZE
        short = [(self.short(vm, host, "CPU"), self.short(vm, host, "RAM")) for host in hosts]
        cpu_only, ram_only = (True, False) in short, (False, True) in short
        if cpu_only == ram_only:
            return Reason.CPU_AND_RAM
        return Reason.CPU if cpu_only else Reason.RAM
