"""Small clouds for tests, built by the same workflows that users call."""

from __future__ import annotations

from dataclasses import dataclass

from cloudlab.cloud import Cloud
from cloudlab.engine import Engine, VirtualEngine
from cloudlab.model import (
    Cluster,
    ComputeOffering,
    Host,
    NetworkType,
    Settings,
    Template,
    TrafficType,
    VirtualMachine,
    Zone,
)
from cloudlab.workflows import hosts, machines, pools, zones
from simulator.latency import LatencyProfile
from simulator.outside import Outside
from simulator.ports import simulated_ports


SLOW = {
    "router.admit": 0.1,
    "fabric.plug": 0.2,
    "fabric.unplug": 0.1,
    "blocks.create": 2.0,
    "blocks.delete": 0.5,
    "images.stage": 3.0,
    "hypervisor.start": 8.0,
    "hypervisor.stop": 4.0,
    "hypervisor.destroy": 1.0,
    "hypervisor.migrate": 6.0,
    "hypervisor.reboot": 5.0,
}
"""Every step of a deploy takes a time of its own, 13.3 s together for the first."""


def slow(scale: float = 1.0) -> LatencyProfile:
    """Return a profile with the times of `SLOW`, each multiplied by `scale`."""
    return LatencyProfile("slow", {step: seconds * scale for step, seconds in SLOW.items()})


@dataclass
class World:
    """A cloud with one zone, and the outside it happens in."""

    cloud: Cloud
    outside: Outside
    zone: Zone
    small: ComputeOffering
    template: Template

    @property
    def clusters(self) -> list[Cluster]:
        """The clusters, in order."""
        return self.zone.clusters

    @property
    def hosts(self) -> list[Host]:
        """The hosts, in order."""
        return list(self.cloud.inventory.hosts)

    def asked(self, name: str = "", **more: object) -> machines.Deployment:
        """Return a request for a small machine."""
        fields: dict[str, object] = {
            "zone": self.zone,
            "offering": self.small,
            "template": self.template,
            "account": self.cloud.admin,
            "name": name,
            **more,
        }
        return machines.Deployment(**fields)  # type: ignore[arg-type]

    def run(self, work: object) -> object:
        """Run a workflow to its end and return its result."""
        engine = self.cloud.engine
        return engine.run(engine.spawn(work))  # type: ignore[arg-type]

    def deploy(self, name: str = "", **more: object) -> VirtualMachine:
        """Deploy a machine and return it."""
        vm = self.run(machines.deploy(self.cloud, self.asked(name, **more)))
        assert isinstance(vm, VirtualMachine)
        return vm


def build(  # noqa: PLR0913
    engine: Engine | None = None,
    latency: LatencyProfile | None = None,
    settings: Settings | None = None,
    *,
    network_type: NetworkType = NetworkType.ADVANCED,
    clusters: int = 1,
    hosts_each: int = 3,
    cpus: int = 4,
    mhz: int = 1000,
    ram_mib: int = 8192,
    pool_mib: int = 1024 * 1024,
    addresses: int = 200,
    seed: int = 0,
) -> World:
    """Return a world with one zone and one pod, its hosts up and the zone enabled."""
    running = engine or VirtualEngine()
    outside = Outside(running, latency or LatencyProfile("instant"))
    cloud = Cloud(
        running,
        simulated_ports(outside),
        settings or Settings.of({"vm.allocation.algorithm": "firstfit"}),
        seed=seed,
    )
    basic = network_type is NetworkType.BASIC

    async def make() -> Zone:
        zone = await zones.create_zone(cloud, "z1", network_type)
        span = zones.Span(start="10.1.0.2", end=f"10.1.{addresses // 250}.{addresses % 250 + 1}")
        reserved = zones.Span(start="172.16.0.10", end="172.16.0.50")
        pod = await zones.create_pod(
            cloud, zone, "p1", cidr="172.16.0.0/16", gateway="172.16.0.1", reserved=reserved
        )
        await zones.add_range(cloud, TrafficType.GUEST, pod if basic else zone, span)
        await zones.add_image_store(cloud, zone, "images", "nfs://images/export", 1024 * 1024)
        for number in range(1, clusters + 1):
            cluster = await zones.add_cluster(cloud, pod, f"c{number}")
            for place in range(1, hosts_each + 1):
                await hosts.add(
                    cloud, cluster, f"c{number}-h{place}", cpus=cpus, mhz=mhz, ram_mib=ram_mib
                )
            await pools.create(cloud, cluster, f"c{number}-pool", pool_mib, overprovisioning=1.0)
        await zones.enable(cloud, zone)
        return zone

    zone = running.run(running.spawn(make()))
    assert isinstance(zone, Zone)
    small = ComputeOffering(name="small", vcpu=1, cpu_mhz=1000, ram_mib=1024)
    template = Template(name="linux", size_mib=2048)
    cloud.inventory.compute_offerings.add(small)
    cloud.inventory.templates.add(template)
    return World(cloud, outside, zone, small, template)


def leaks(world: World) -> list[str]:
    """Return every way in which the books and the outside disagree; empty is good."""
    cloud, outside = world.cloud, world.outside
    vms = list(cloud.inventory.vms)
    active = {vm.id: vm.host for vm in vms if vm.is_active}
    found = []
    running = {number: host.id for number, host in active.items() if host is not None}
    if outside.running != running:
        found.append(f"outside runs {outside.running}, the books say {running}")
    claims = {(vm, cloud.ledger.hosts[row].id) for vm, row in cloud.ledger.claims()}
    if claims != set(running.items()):
        found.append(f"claims {claims} are not the running {running}")
    disks = {(v.id, v.pool.id) for v in cloud.inventory.volumes if v.pool and v.state == "Ready"}
    if outside.disks != disks:
        found.append(f"outside has disks {outside.disks}, the books say {disks}")
    held = {(n, r) for k, n, r in cloud.ledger.allocations() if k == "volume"}
    booked = {(v.id, v.pool.row) for v in cloud.inventory.volumes if v.pool}
    if held != booked:
        found.append(f"storage is allocated for {held}, the books say {booked}")
    nics = {(n.id, n.vm.host.id) for n in cloud.inventory.nics if n.vm.host and n.state == "Reserved"}
    if outside.plugged != nics:
        found.append(f"outside has NICs {outside.plugged}, the books say {nics}")
    used = {(row, number) for row, pool in enumerate(cloud.addresses) for number in pool.held()}
    owned = {(n.range.row, n.address) for n in cloud.inventory.nics if n.range}
    if used != owned:
        found.append(f"addresses {used} are in use, the books say {owned}")
    ledger = cloud.ledger
    if (ledger.cpu_free < 0).any() or (ledger.ram_free < 0).any():
        found.append("a host is over-committed")
    return found
