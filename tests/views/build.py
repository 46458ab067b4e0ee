"""Clouds to look at: built by the real workflows, in simulated seconds, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from cloudlab.cloud import Cloud
from cloudlab.engine import VirtualEngine
from cloudlab.errors import InsufficientCapacity
from cloudlab.model import ComputeOffering, NetworkType, Settings, Template, TrafficType
from cloudlab.units import mib
from cloudlab.workflows import hosts, machines, pools, zones
from simulator.outside import Outside
from simulator.ports import simulated_ports

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from cloudlab.model import Cluster, Pod, VirtualMachine, Zone


@dataclass(frozen=True, slots=True)
class Steady:
    """Every step takes the same time."""

    seconds: float = 0.0

    @property
    def is_instant(self) -> bool:
        """Whether nothing takes any time."""
        return self.seconds == 0

    def takes(self, step: str, *, ram_gib: float = 0.0, disk_gib: float = 0.0) -> float:
        """Return the time of any step."""
        return self.seconds


class Site:
    """A cloud with its outside, and short words for what tests do to it."""

    def __init__(self, *, seconds: float = 0.0, **settings: object) -> None:
        """Make a cloud in which every step outside takes `seconds`."""
        self.engine = VirtualEngine()
        self.outside = Outside(self.engine, Steady(seconds))
        chosen = Settings(allocation_algorithm="firstfit", **settings)
        self.cloud = Cloud(self.engine, simulated_ports(self.outside), chosen, name="lab")
        inventory = self.cloud.inventory
        self.small = inventory.compute_offerings.add(
            ComputeOffering(name="small", vcpu=2, ram_mib=4096, ha=True)
        )
        self.template = inventory.templates.add(Template(name="debian", size_mib=8192))

    def run(self, work: Coroutine) -> object:
        """Run a workflow to its end and return what it returned."""
        process = self.engine.spawn(work)
        self.engine.run(until=process)
        return process.value

    def zone(self, name: str = "z1", network_type: NetworkType = NetworkType.BASIC) -> Zone:
        """Add an enabled-looking zone with secondary storage."""
        zone = self.run(zones.create_zone(self.cloud, name, network_type))
        self.run(
            zones.add_image_store(self.cloud, zone, f"{name}-secondary", "nfs://s/x", mib(1000))
        )
        if network_type is NetworkType.ADVANCED:
            span = zones.Span(start="172.16.0.10", end="172.16.3.250")
            self.run(zones.add_range(self.cloud, TrafficType.GUEST, zone, span))
        return zone

    def pod(self, zone: Zone, name: str = "p1", addresses: int = 200) -> Pod:
        """Add a pod with guest and reserved addresses of its own."""
        number = len(self.cloud.inventory.pods) + 1
        subnet = f"10.{number}.0"
        reserved = zones.Span(start=f"{subnet}.2", end=f"{subnet}.21")
        pod = self.run(
            zones.create_pod(
                self.cloud,
                zone,
                name,
                cidr=f"{subnet}.0/16",
                gateway=f"{subnet}.1",
                reserved=reserved,
            )
        )
        if zone.network_type is NetworkType.BASIC:
            first = int(IPv4Address(f"10.{number}.1.0"))
            last = str(IPv4Address(first + addresses - 1))
            span = zones.Span(start=f"10.{number}.1.0", end=last)
            self.run(zones.add_range(self.cloud, TrafficType.GUEST, pod, span))
        return pod

    def cluster(
        self,
        pod: Pod,
        name: str = "c1",
        hosts_count: int = 2,
        storage_gib: int = 1000,
        **options: object,
    ) -> Cluster:
        """Add a cluster with one pool and hosts of 8 cores x 2000 MHz and 32 GiB."""
        cluster = self.run(zones.add_cluster(self.cloud, pod, name, **options))
        self.run(pools.create(self.cloud, cluster, f"{name}-nfs", mib(storage_gib)))
        for number in range(1, hosts_count + 1):
            self.run(
                hosts.add(
                    self.cloud, cluster, f"{name}-h{number}", cpus=8, mhz=2000, ram_mib=mib(32)
                )
            )
        return cluster

    def deploy(
        self, zone: Zone, name: str = "", offering: ComputeOffering | None = None
    ) -> VirtualMachine:
        """Deploy one VM; where there is no room return it in Error."""
        asked = machines.Deployment(
            zone=zone,
            offering=offering or self.small,
            template=self.template,
            account=self.cloud.admin,
            name=name,
        )
        try:
            return self.run(machines.deploy(self.cloud, asked))
        except InsufficientCapacity:
            return list(self.cloud.inventory.vms)[-1]

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.engine.run(until=self.engine.now + seconds)


def small_site(vms: int = 6, *, clusters: int = 2, **options: object) -> Site:
    """Return one Basic zone with a pod, clusters of two hosts, and some running VMs.

    The second cluster may allocate its CPU twice; VMs go to the emptier cluster.
    """
    site = Site(**options)
    zone = site.zone()
    pod = site.pod(zone)
    for number in range(1, clusters + 1):
        site.cluster(pod, f"c{number}", cpu_overcommit=float(number))
    for number in range(1, vms + 1):
        site.deploy(zone, f"web-{number}")
    return site
