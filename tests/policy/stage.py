"""Small scenes for placement, set up by hand: what there is, what is taken, who asks."""

from __future__ import annotations

from ipaddress import IPv4Address

from cloudlab.model import (
    Account,
    AccountType,
    AddressRange,
    AllocationState,
    Cluster,
    ComputeOffering,
    DiskOffering,
    Domain,
    Host,
    HostStatus,
    Network,
    NetworkType,
    Nic,
    Pod,
    PoolScope,
    PoolState,
    PoolType,
    ResourceState,
    Settings,
    StoragePool,
    Template,
    TrafficType,
    VirtualMachine,
    Volume,
    VolumeType,
    Zone,
)
from cloudlab.policy import Avoid, Destination, Explanation, Scene, Wish, explain, plan
from cloudlab.state import Inventory, Ledger, NumberPool

PLENTY = 10**9
OFF = {
    "cluster.cpu.allocated.capacity.disablethreshold": "off",
    "cluster.memory.allocated.capacity.disablethreshold": "off",
    "pool.storage.allocated.capacity.disablethreshold": "off",
}
ON = AllocationState.ENABLED


class Stage:
    """A cloud as the planner sees it: first fit and no thresholds unless settings say so."""

    def __init__(self, settings: dict | None = None, *, seed: int = 0, basic: bool = False) -> None:
        chosen = {"vm.allocation.algorithm": "firstfit", **OFF, **(settings or {})}
        self.inventory, self.ledger = Inventory(), Ledger()
        self.addresses: list[NumberPool] = []
        self.scene = Scene(self.ledger, Settings.of(chosen), self.addresses, seed)
        domain = self.inventory.domains.add(Domain(name="ROOT"))
        self.user = self.inventory.accounts.add(Account(name="sales", domain=domain))
        self.other = self.inventory.accounts.add(Account(name="other", domain=domain))
        self.admin = self.inventory.accounts.add(
            Account(name="admin", domain=domain, type=AccountType.ROOT_ADMIN)
        )
        kind = NetworkType.BASIC if basic else NetworkType.ADVANCED
        self.zone = self.inventory.zones.add(Zone(name="z1", state=ON, network_type=kind))
        self.ledger.zone_clusters.setdefault(self.zone.id, [])
        self.network = self.inventory.networks.add(Network(name="guest", zone=self.zone))
        self.requests = 0
        if not basic:
            self.add_range(self.zone, 10_000)

    def change(self, name: str, value: object) -> None:
        """Change one setting, by CloudStack's name."""
        self.scene.settings = Settings.of({**self.scene.settings.by_name(), name: value})

    # --- what there is -----------------------------------------------------------------------

    def add_range(self, where: Zone | Pod, size: int) -> NumberPool:
        """Add `size` guest addresses to the zone or a pod."""
        row = len(self.addresses)
        start = IPv4Address(10 << 24 | (row + 1) << 16)
        each = AddressRange(
            name=f"range{row}",
            traffic=TrafficType.GUEST,
            zone=self.zone,
            start=start,
            end=start + max(size - 1, 0),
            row=row,
        )
        where.guest_ranges.append(self.inventory.ranges.add(each))
        self.addresses.append(NumberPool(each.name, int(each.start), int(each.end)))
        return self.addresses[row]

    def pod(self, name: str = "p1") -> Pod:
        """Return the pod of this name, made and Enabled if it is not there."""
        if self.inventory.pods.has_name(name):
            return self.inventory.pods.named(name)
        made = self.inventory.pods.add(Pod(name=name, zone=self.zone, state=ON))
        self.zone.pods.append(made)
        return made

    def cluster(
        self, name: str, hosts: int = 1, pod: str = "p1", pool: int | None = PLENTY, **more: object
    ) -> Cluster:
        """Add an Enabled cluster with hosts `<name>-h1` ... and a pool `<name>-pool`."""
        sizes = {key: more.pop(key) for key in ("cpus", "mhz", "ram_mib") if key in more}
        home = self.pod(pod)
        made = Cluster(name=name, zone=self.zone, pod=home, **{"state": ON, **more})
        self.inventory.clusters.add(made)
        home.clusters.append(made)
        self.ledger.add_cluster(made)
        for number in range(1, hosts + 1):
            self.host(made, f"{name}-h{number}", **sizes)
        if pool is not None:
            self.pool(made, f"{name}-pool", pool)
        return made

    def host(self, cluster: Cluster, name: str, **more: object) -> Host:
        """Add a host of 4 x 1000 MHz and 8192 MiB that is Up and Enabled."""
        sizes = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
        made = Host(
            name=name,
            zone=self.zone,
            pod=cluster.pod,
            cluster=cluster,
            status=HostStatus.UP,
            resource_state=ResourceState.ENABLED,
            **{**sizes, **more},
        )
        self.inventory.hosts.add(made)
        cluster.hosts.append(made)
        self.ledger.add_host(made)
        self.ledger.open(made)
        return made

    def pool(
        self, where: Zone | Cluster | Host, name: str, capacity_mib: int = PLENTY, **more: object
    ) -> StoragePool:
        """Add a pool that is Up, zone-wide, of a cluster, or local to a host."""
        cluster = where.cluster if isinstance(where, Host) else None
        scope = PoolScope.HOST if isinstance(where, Host) else PoolScope.ZONE
        if isinstance(where, Cluster):
            cluster, scope = where, PoolScope.CLUSTER
        fields = {"state": PoolState.UP, "type": PoolType.NFS, **more}
        made = StoragePool(
            name=name,
            zone=self.zone,
            cluster=cluster,
            host=where if isinstance(where, Host) else None,
            scope=scope,
            capacity_mib=capacity_mib,
            **fields,
        )
        self.inventory.pools.add(made)
        (cluster or self.zone).pools.append(made)
        self.ledger.add_pool(made)
        return made

    def close(self, name: str) -> None:
        """Take a host out of service."""
        host = self.inventory.hosts.named(name)
        host.resource_state = ResourceState.DISABLED
        self.ledger.close(host)

    def load(
        self, name: str, vcpu: int = 1, ram_mib: int = 1024, account: Account | None = None
    ) -> VirtualMachine:
        """Let a machine of somebody (`other` if not given) run on a host."""
        vm = self.ask(vcpu, ram_mib, account=account or self.other)
        host = self.inventory.hosts.named(name)
        self.ledger.claim(vm, host)
        vm.host = host
        return vm

    def fill(self, pool: str, size_mib: int, account: Account | None = None) -> Volume:
        """Let a volume of somebody lie on a pool."""
        volume = Volume(
            name="filler", account=account or self.other, zone=self.zone, size_mib=size_mib
        )
        volume.pool = self.inventory.pools.named(pool)
        self.ledger.allocate(self.inventory.volumes.add(volume), volume.pool)
        return volume

    # --- who asks -------------------------------------------------------------------------------

    def ask(
        self,
        vcpu: int = 1,
        ram_mib: int = 512,
        *,
        cpu_mhz: int = 0,
        disks: tuple[int, ...] = (),
        root_mib: int = 0,
        account: Account | None = None,
        template: Template | None = None,
        **offering: object,
    ) -> VirtualMachine:
        """Return a machine that asks for a place: a root disk, and a data disk for each size."""
        size = ComputeOffering(vcpu=vcpu, cpu_mhz=cpu_mhz, ram_mib=ram_mib, **offering)
        vm = VirtualMachine(
            zone=self.zone,
            account=account or self.user,
            offering=size,
            template=template or Template(name="linux"),
            ordinal=self.requests,
        )
        self.requests += 1
        self.inventory.vms.add(vm)
        vm.name = f"vm{vm.id}"
        vm.nics.append(self.inventory.nics.add(Nic(vm=vm, network=self.network)))
        self._volume(vm, f"ROOT-{vm.id}", root_mib, size.storage_tags, template=vm.template)
        for number, size_mib in enumerate(disks):
            of = DiskOffering(size_mib=size_mib)
            self._volume(vm, f"DATA-{vm.id}-{number}", size_mib, frozenset(), offering=of)
        return vm

    def _volume(
        self, vm: VirtualMachine, name: str, size_mib: int, tags: frozenset[str], **more: object
    ) -> None:
        kind = VolumeType.DATADISK if "offering" in more else VolumeType.ROOT
        volume = Volume(
            name=name,
            type=kind,
            account=vm.account,
            zone=vm.zone,
            size_mib=size_mib,
            tags=tags,
            vm=vm,
            **more,
        )
        vm.volumes.append(self.inventory.volumes.add(volume))

    def stopped_on(self, name: str, vm: VirtualMachine) -> VirtualMachine:
        """Let `vm` have run on a host until a moment ago, its place still reserved."""
        host = self.inventory.hosts.named(name)
        self.ledger.claim(vm, host)
        self.ledger.reserve(vm, host, until=3600.0)
        vm.last_host = host
        return vm

    # --- what the planner answers ---------------------------------------------------------------

    def plan(
        self, vm: VirtualMachine, avoid: Avoid | None = None, **wish: object
    ) -> Destination | None:
        """Return where the planner puts `vm`."""
        return plan(self.scene, vm, Wish(self.zone, **wish), avoid or Avoid())

    def place(self, vm: VirtualMachine, avoid: Avoid | None = None, **wish: object) -> str | None:
        """Return the name of the host where the planner puts `vm`."""
        found = self.plan(vm, avoid, **wish)
        return None if found is None else found.host.name

    def pools_of(self, vm: VirtualMachine, **wish: object) -> list[str] | None:
        """Return the names of the pools for the volumes of `vm`, in order of its volumes."""
        found = self.plan(vm, **wish)
        if found is None:
            return None
        chosen = {volume: pool.name for volume, pool in found.pools}
        return [chosen[volume] for volume in vm.volumes]

    def explain(
        self, vm: VirtualMachine, avoid: Avoid | None = None, **wish: object
    ) -> Explanation:
        """Return why `vm` finds no place."""
        return explain(self.scene, vm, Wish(self.zone, **wish), avoid or Avoid())
