"""Small clouds for tests, built by the same workflows that users call."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cloudlab.cloud import Cloud
from cloudlab.engine import Engine, VirtualEngine
from cloudlab.errors import CloudError
from cloudlab.model import (
    Account,
    Cluster,
    Command,
    ComputeOffering,
    DiskOffering,
    Host,
    Job,
    NetworkType,
    Pod,
    Record,
    Settings,
    StoragePool,
    Template,
    TrafficType,
    VirtualMachine,
    Zone,
)
from cloudlab.workflows import hosts, jobs, machines, pools, zones
from cloudlab.workflows.defects import DEFECT
from simulator.latency import LatencyProfile
from simulator.outside import Outside
from simulator.ports import simulated_ports
from tests.support.truth import disagreements, unsettled
from tests.support.wire import Wire

if TYPE_CHECKING:
    from tests.support.outside import RealOutside

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
    outside: Outside | RealOutside
    wire: Wire
    zone: Zone
    small: ComputeOffering
    template: Template
    disk: DiskOffering
    strays: Callable[[], list[str]] = list
    """What is out there and of no use: a look that only real hosts need."""

    @property
    def clusters(self) -> list[Cluster]:
        """The clusters, in order."""
        return self.zone.clusters

    @property
    def hosts(self) -> list[Host]:
        """The hosts, in order."""
        return list(self.cloud.inventory.hosts)

    @property
    def pools(self) -> list[StoragePool]:
        """The pools, in order."""
        return list(self.cloud.inventory.pools)

    @property
    def vms(self) -> list[VirtualMachine]:
        """The machines, in order."""
        return list(self.cloud.inventory.vms)

    @property
    def tenant(self) -> Account:
        """An account that is no administrator."""
        accounts = self.cloud.inventory.accounts
        return accounts.named("tenant") if accounts.has_name("tenant") else self._tenant()

    def _tenant(self) -> Account:
        return self.cloud.add_account("tenant")

    def asked(self, name: str = "", **more: Any) -> machines.Deployment:
        """Return a request for a small machine."""
        plain = machines.Deployment(
            zone=self.zone,
            offering=self.small,
            template=self.template,
            account=self.cloud.admin,
            name=name,
        )
        return plain._replace(**more)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a workflow to its end and return its result."""
        engine = self.cloud.engine
        return engine.run(engine.spawn(work))

    def perform(self, command: Command, target: Record | str, work: jobs.Work) -> Job:
        """Run a workflow as a job and return the job."""
        job = self.run(jobs.perform(self.cloud, command, target, work))
        assert isinstance(job, Job)
        return job

    def deploy(self, name: str = "", **more: Any) -> VirtualMachine:
        """Deploy a machine and return it."""
        vm = self.run(machines.deploy(self.cloud, self.asked(name, **more)))
        assert isinstance(vm, VirtualMachine)
        return vm

    def offering(self, **more: Any) -> ComputeOffering:
        """Return another offering like the small one."""
        other = replace(self.small, id=0, name=f"offering-{len(more)}", **more)
        return self.cloud.inventory.compute_offerings.add(other)

    def fail(self, step: str, error: CloudError, times: int = 1) -> None:
        """Let `step` fail before it has done anything, the next `times` times."""
        self.outside.faults.plan(step, error, times=times)

    def quiet(self) -> None:
        """Run until nothing is under way."""
        self.cloud.engine.run()

    def events(self, kind: str) -> list[tuple[str, str]]:
        """Return state and level of the events of this type, oldest first."""
        journal = self.cloud.journal
        return [(str(each.state), str(each.level)) for each in journal.events if each.type == kind]

    def states(self, record: Record) -> list[str]:
        """Return the states that `record` went through, as the journal tells it."""
        return [str(move.after) for move in self.cloud.journal.story(record)]

    def alerts(self) -> list[str]:
        """Return the subject lines of the alerts that are open."""
        return [alert.name for alert in self.cloud.inventory.alerts if alert.is_open]


def build(
    engine: Engine | None = None,
    latency: LatencyProfile | None = None,
    settings: Settings | None = None,
    *,
    network_type: NetworkType = NetworkType.ADVANCED,
    pods: int = 1,
    clusters: int = 1,
    hosts_each: int = 3,
    cpus: int = 4,
    mhz: int = 1000,
    ram_mib: int = 8192,
    pool_mib: int = 1024 * 1024,
    addresses: int = 200,
    seed: int = 0,
    wired: bool = True,
) -> World:
    """Return a world with one zone, its hosts up and the zone enabled.

    Args:
        engine: its clock; virtual if not given.
        latency: how long steps take, once it is built.
        settings: its rules; first fit with CloudStack's defaults if not given.
        network_type: of the zone.
        pods: how many.
        clusters: how many in each pod.
        hosts_each: how many hosts in each cluster.
        cpus: cores of a host.
        mhz: speed of a core.
        ram_mib: of a host.
        pool_mib: of the one pool of each cluster.
        addresses: for guests; in a Basic zone for each pod.
        seed: of random choices.
        wired: whether answers can be lost.
    """
    running = engine or VirtualEngine()
    outside = Outside(running, LatencyProfile("instant"))
    wire = Wire(outside)
    ports = simulated_ports(outside)
    cloud = Cloud(
        running,
        wire.through(ports) if wired else ports,
        settings or Settings.of({"vm.allocation.algorithm": "firstfit"}),
        seed=seed,
    )
    sizes = Sizes(network_type, pods, clusters, hosts_each, cpus, mhz, ram_mib, pool_mib, addresses)
    zone = running.run(running.spawn(furnish(cloud, sizes)))
    outside.latency = latency or outside.latency
    return furnished(cloud, zone, outside, wire)


@dataclass(frozen=True)
class Sizes:
    """How large a cloud is; `build` says what each means."""

    network_type: NetworkType = NetworkType.ADVANCED
    pods: int = 1
    clusters: int = 1
    hosts_each: int = 3
    cpus: int = 4
    mhz: int = 1000
    ram_mib: int = 8192
    pool_mib: int = 1024 * 1024
    addresses: int = 200
    has_subnets: bool = False
    """Whether guest addresses come with a gateway and a netmask, as real routers need them."""


async def furnish(cloud: Cloud, sizes: Sizes) -> Zone:
    """Give an empty cloud a zone with hosts and pools, and return it, enabled."""
    zone = await zones.create_zone(cloud, "z1", sizes.network_type)
    if sizes.network_type is NetworkType.ADVANCED:
        span = guests(1, sizes.addresses, has_subnets=sizes.has_subnets)
        await zones.add_range(cloud, TrafficType.GUEST, zone, span)
    await zones.add_image_store(cloud, zone, "images", "nfs://images/export", 1024 * 1024)
    for number in range(1, sizes.pods + 1):
        pod = await _pod(cloud, zone, number, sizes)
        for place in range(1, sizes.clusters + 1):
            await _cluster(cloud, pod, (number - 1) * sizes.clusters + place, sizes)
    await zones.enable(cloud, zone)
    return zone


async def _pod(cloud: Cloud, zone: Zone, number: int, sizes: Sizes) -> Pod:
    net = f"172.{15 + number}"
    reserved = zones.Span(start=f"{net}.0.10", end=f"{net}.0.50")
    pod = await zones.create_pod(
        cloud, zone, f"p{number}", cidr=f"{net}.0.0/16", gateway=f"{net}.0.1", reserved=reserved
    )
    if sizes.network_type is NetworkType.BASIC:
        await zones.add_range(cloud, TrafficType.GUEST, pod, guests(number, sizes.addresses))
    return pod


async def _cluster(cloud: Cloud, pod: Pod, number: int, sizes: Sizes) -> None:
    cluster = await zones.add_cluster(cloud, pod, f"c{number}")
    size = {"cpus": sizes.cpus, "mhz": sizes.mhz, "ram_mib": sizes.ram_mib}
    for place in range(1, sizes.hosts_each + 1):
        await hosts.add(cloud, cluster, f"c{number}-h{place}", **size)
    await pools.create(cloud, cluster, f"c{number}-pool", sizes.pool_mib, overprovisioning=1.0)


def furnished(
    cloud: Cloud,
    zone: Zone,
    outside: Outside | RealOutside,
    wire: Wire,
    strays: Callable[[], list[str]] = list,
) -> World:
    """Return a world with offerings and a template; nothing of its making is in its log."""
    inventory = cloud.inventory
    small = ComputeOffering(name="small", vcpu=1, cpu_mhz=1000, ram_mib=1024)
    inventory.compute_offerings.add(small)
    template = inventory.templates.add(Template(name="linux", size_mib=2048))
    disk = inventory.disk_offerings.add(DiskOffering(name="disk", size_mib=4096))
    wire.log.clear()
    return World(cloud, outside, wire, zone, small, template, disk, strays)


def guests(number: int, count: int, *, has_subnets: bool = False) -> zones.Span:
    """Return `count` guest addresses of the network 10.<number>.0.0/16."""
    last = count + 1
    return zones.Span(
        start=f"10.{number}.0.2",
        end=f"10.{number}.{last // 256}.{last % 256}",
        gateway=f"10.{number}.0.1" if has_subnets else "",
        netmask="255.255.0.0" if has_subnets else "",
    )


def leaks(world: World) -> list[str]:
    """Return what books and outside do not agree on, and what has not come to rest."""
    return [
        *disagreements(world.cloud, world.outside),
        *unsettled(world.cloud),
        *_defects(world.cloud),
        *world.strays(),
    ]


def _defects(cloud: Cloud) -> list[str]:
    """Return the defects that only an alert tells of, since the cloud went on."""
    alerts = cloud.inventory.alerts
    return [f"{each.name}: {each.text}" for each in alerts if each.name.startswith(DEFECT)]
