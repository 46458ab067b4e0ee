"""Stories for Hypothesis to tell: what users, administrators and bad luck do to a small cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cloudlab.engine import VirtualEngine
from cloudlab.errors import CloudError, DriverFault, HostFault, TimedOut
from cloudlab.model import Command, NetworkType, Settings, TrafficType
from cloudlab.workflows import (
    hosts,
    jobs,
    machines,
    migration,
    networks,
    pools,
    recovery,
    services,
    snapshots,
    volumes,
    zones,
)
from simulator.latency import STEPS, LatencyProfile
from tests.support.clouds import SLOW, build

if TYPE_CHECKING:
    from cloudlab.engine import Process
    from cloudlab.model import Host, Job, Network, Record, StoragePool, VirtualMachine

SPAN = 400.0
"""How long a story is, seconds."""

DEPLOYS = ("deploy", "deploy with disk", "deploy under ha", "deploy as tenant", "deploy stopped")
VERBS = ("start", "stop", "force", "reboot", "destroy", "recover", "expunge", "migrate")
PLACES = ("maintain", "unmaintain", "maintain pool", "unmaintain pool", "disable", "enable")
CHANGES = ("add host", "remove host", "disable pool", "enable pool", "disable cluster")
DISKS = ("make volume", "attach", "detach", "resize", "move volume", "delete volume")
KEEPS = ("snapshot", "snapshot with memory", "revert", "delete snapshot")
NETWORKS = ("create network", "delete network", "acquire ip", "release ip", "forward", "static nat")
ON_NETWORKS = ("deploy on network", "deploy under ha on network")
LUCK = ("break", "repair", "unfenceable", "interrupt", "fail", "cut", "lose")
CABLES = ("unplug cable", "plug cable")
EVERYTHING = (*DEPLOYS, *DEPLOYS, *VERBS, *VERBS, *PLACES, *CHANGES, *LUCK, *LUCK)
EVERYTHING += (*DISKS, *KEEPS, *CABLES, *NETWORKS, *ON_NETWORKS, *ON_NETWORKS)
ACTS = st.tuples(
    st.floats(0, SPAN) | st.integers(0, int(SPAN)),
    st.sampled_from(EVERYTHING),
    st.integers(0, 99),
)


@dataclass(frozen=True)
class Setting:
    """Where a story is told."""

    basic: bool
    instant: bool
    hosts_each: int
    addresses: int
    pool_mib: int
    expunge: float
    acts: list[tuple[float, str, int]]


BEGINNING = [
    (0.0, "deploy under ha", 0),
    (0.0, "deploy", 0),
    (1.0, "deploy with disk", 0),
    (2.0, "make volume", 0),
    (2.0, "make volume", 0),
]
OF_DISKS = (*DISKS, *DISKS, *KEEPS, *KEEPS, *CABLES, *CABLES, *LUCK, *VERBS, "deploy under ha")
ACTS_OF_DISKS = st.tuples(
    st.floats(3, SPAN) | st.integers(3, int(SPAN)), st.sampled_from(OF_DISKS), st.integers(0, 99)
)
"""What is done to disks, and to hosts meanwhile, once there are machines."""


def _settings(acts: st.SearchStrategy[list[tuple[float, str, int]]]) -> st.SearchStrategy[Setting]:
    return st.builds(
        Setting,
        basic=st.booleans(),
        instant=st.booleans(),
        hosts_each=st.integers(1, 3),
        addresses=st.integers(3, 12),
        pool_mib=st.sampled_from([12_000, 40_000]),
        expunge=st.sampled_from([0.0, 50.0, 86_400.0]),
        acts=acts,
    )


SETTINGS = _settings(st.lists(ACTS, max_size=30))
DISK_SETTINGS = _settings(
    st.lists(ACTS_OF_DISKS, min_size=5, max_size=40).map(lambda acts: BEGINNING + acts)
)
"""Stories in which machines with disks are there from the beginning."""


class Story:
    """A world, and what happens to it."""

    def __init__(self, setting: Setting) -> None:
        """Build the world of `setting`; nothing has happened yet."""
        self.setting = setting
        self.works: list[Process[Job]] = []
        rules = {
            "vm.allocation.algorithm": "firstfit",
            "expunge.delay": setting.expunge,
            "expunge.interval": setting.expunge,
            "vm.ha.migration.max.retries": 1,
            "migrate.retry.interval": 20.0,
            "max.retries": 2,
            "restart.retry.interval": 30.0,
            "ping.interval": 10.0,
            "kvm.heartbeat.timeout": 20.0,
            "investigate.retry.interval": 10.0,
            "alert.wait": 60.0,
            "vmsnapshot.max": 2,
            "capacity.skipcounting.hours": 60.0,
            "capacity.check.period": 30_000.0,
            "network.gc.interval": 60.0,
            "network.gc.wait": 30.0,
        }
        self.world = build(
            VirtualEngine(),
            settings=Settings.of(rules),
            network_type=NetworkType.BASIC if setting.basic else NetworkType.ADVANCED,
            pods=2,
            hosts_each=setting.hosts_each,
            ram_mib=4096,
            addresses=setting.addresses,
            pool_mib=setting.pool_mib,
        )
        if not setting.basic:
            self.world.run(self._lay_cables())
        if not setting.instant:
            steps = {step: SLOW.get(step, 0.7) for step in STEPS}
            self.world.outside.latency = LatencyProfile("slow", steps)

    async def _lay_cables(self) -> None:
        """Give the zone three VLANs and three public addresses."""
        cloud, zone = self.world.cloud, self.world.zone
        wire = zones.Wire(name="cable", traffic={TrafficType.GUEST: "br0"}, vlans=(100, 102))
        await zones.add_physical_network(cloud, zone, wire)
        public = zones.Span(start="198.18.0.2", end="198.18.0.4")
        await zones.add_range(cloud, TrafficType.PUBLIC, zone, public)

    def tell(self) -> None:
        """Let everything happen, and run until it has ended and the monitor has seen to it."""
        engine = self.world.cloud.engine
        watching = services.start(self.world.cloud)
        for at, act, number in sorted(self.setting.acts):
            engine.run(until=max(at, engine.now))
            self._act(act, number)
        engine.run(until=engine.now + SPAN)
        self._calm()
        engine.run(until=engine.now + SPAN)
        for service in watching:
            engine.interrupt(service)
        engine.run()

    def mend(self) -> None:
        """Take every host back."""
        world = self.world
        for host in world.hosts:
            world.outside.repair_host(host)
            world.outside.mend_management(host)
            world.run(recovery.host_back(world.cloud, host))
        world.quiet()

    def take_down(self) -> None:
        """Destroy and expunge every machine, where its pool is in service or not."""
        world = self.world
        for vm in world.vms:
            world.run(machines.destroy(world.cloud, vm, expunge=True))
        for volume in volumes.forsaken(world.cloud):
            world.run(volumes.throw_away(world.cloud, volume))
        for network in self.networks:
            world.run(networks.delete(world.cloud, network))

    def _calm(self) -> None:
        """Let nothing fail any more."""
        world = self.world
        world.outside.faults.clear()
        world.wire.cut.clear()
        world.wire.lost.clear()
        world.outside.unfenceable.clear()

    def _do(
        self,
        work: jobs.Work,
        command: Command = Command.UPDATE_HOST,
        target: Record | str = "the world",
    ) -> None:
        self.works.append(jobs.submit(self.world.cloud, command, target, work))

    def _act(self, act: str, number: int) -> None:
        world = self.world
        if act in DEPLOYS:
            self._deploy(act)
        elif act in VERBS and world.vms:
            self._verb(act, world.vms[number % len(world.vms)])
        elif act in PLACES + CHANGES and world.hosts:
            self._place(act, world.hosts[number % len(world.hosts)], number)
        elif act in DISKS:
            self._disk(act, number)
        elif act in KEEPS and world.vms:
            self._keep(act, world.vms[number % len(world.vms)])
        elif act in NETWORKS and not self.setting.basic:
            self._network(act, number)
        elif act in ON_NETWORKS and self.networks:
            self._deploy_on(self.networks[number % len(self.networks)], ha=act == ON_NETWORKS[1])
        elif act in LUCK:
            self._luck(act, number)
        elif act in CABLES and world.hosts:
            self._cable(act, world.hosts[number % len(world.hosts)])

    def _deploy(self, act: str) -> None:
        world = self.world
        more = {
            "deploy": {},
            "deploy with disk": {"disk": world.disk},
            "deploy under ha": {"offering": world.offering(ha=True)},
            "deploy as tenant": {"account": world.tenant},
            "deploy stopped": {"start": False},
        }[act]
        self._do(machines.deploy(world.cloud, world.asked(**more)))

    @property
    def networks(self) -> list[Network]:
        """The isolated networks, in order."""
        return [each for each in self.world.cloud.inventory.networks if each.is_isolated]

    def _deploy_on(self, network: Network, *, ha: bool) -> None:
        more = {"offering": self.world.offering(ha=True)} if ha else {}
        asked = self.world.asked(network=network, account=network.account, **more)
        self._do(machines.deploy(self.world.cloud, asked))

    def _network(self, act: str, number: int) -> None:
        """Do something to a network or its addresses, where there is one to do it to."""
        world, cloud = self.world, self.world.cloud
        mine, ips = self.networks, list(cloud.inventory.public_ips)
        vms = [nic.vm for each in mine for nic in each.nics]
        if act == "create network":
            owner = (cloud.admin, world.tenant)[number % 2]
            self._do(networks.create(cloud, owner, world.zone, f"net-{number}", "10.9.0.0/29"))
        elif act == "delete network" and mine:
            self._do(networks.delete(cloud, mine[number % len(mine)]))
        elif act == "acquire ip" and mine:
            self._do(networks.acquire_ip(cloud, mine[number % len(mine)]))
        elif act == "release ip" and ips:
            self._do(networks.release_ip(cloud, ips[number % len(ips)]))
        elif act in {"forward", "static nat"} and ips and vms:
            ip, vm = ips[number % len(ips)], vms[number % len(vms)]
            ports = (number + 1, number + 1)
            self._do(
                networks.add_port_forwarding(cloud, ip, vm, public_ports=ports)
                if act == "forward"
                else networks.enable_static_nat(cloud, ip, vm)
            )

    def _verb(self, act: str, vm: VirtualMachine) -> None:
        cloud = self.world.cloud
        works = {
            "start": lambda: machines.start(cloud, vm),
            "stop": lambda: machines.stop(cloud, vm),
            "force": lambda: machines.stop(cloud, vm, forced=True),
            "reboot": lambda: machines.reboot(cloud, vm),
            "destroy": lambda: machines.destroy(cloud, vm),
            "recover": lambda: machines.recover(cloud, vm),
            "expunge": lambda: machines.destroy(cloud, vm, expunge=True),
            "migrate": lambda: migration.migrate(cloud, vm),
        }
        self._do(works[act]())

    def _disk(self, act: str, number: int) -> None:
        world, cloud = self.world, self.world.cloud
        there, vms = list(cloud.inventory.volumes), world.vms
        if act == "make volume":
            self._do(volumes.create_volume(cloud, cloud.admin, world.zone, "", world.disk))
        elif there and vms:
            volume, vm = there[-1 - number % len(there)], vms[number % len(vms)]
            works = {
                "attach": lambda: volumes.attach(cloud, volume, vm),
                "detach": lambda: volumes.detach(cloud, volume),
                "resize": lambda: volumes.resize(cloud, vm.volumes[0], volume.size_mib + 1024),
                "move volume": lambda: volumes.migrate(cloud, volume, self._pool(number)),
                "delete volume": lambda: volumes.delete(cloud, volume),
            }
            commands = {"attach": Command.ATTACH_VOLUME, "detach": Command.DETACH_VOLUME}
            self._do(works[act](), commands.get(act, Command.RESIZE_VOLUME), volume)

    def _keep(self, act: str, vm: VirtualMachine) -> None:
        cloud = self.world.cloud
        if act.startswith("snapshot"):
            self._do(snapshots.create(cloud, vm, memory=act != "snapshot"))
        elif there := volumes.snapshots_of(cloud, vm):
            work = snapshots.revert if act == "revert" else snapshots.delete
            self._do(work(cloud, there[-1]))

    def _cable(self, act: str, host: Host) -> None:
        outside, cloud = self.world.outside, self.world.cloud
        if act == "unplug cable":
            outside.cut_management(host)
        else:
            outside.mend_management(host)
            self._do(recovery.host_back(cloud, host))

    def _place(self, act: str, host: Host, number: int) -> None:
        cloud, pool = self.world.cloud, self._pool(number)
        size = {"cpus": 4, "mhz": 1000, "ram_mib": 4096}
        works = {
            "maintain": lambda: hosts.enter_maintenance(cloud, host),
            "unmaintain": lambda: hosts.cancel_maintenance(cloud, host),
            "maintain pool": lambda: pools.enter_maintenance(cloud, pool),
            "unmaintain pool": lambda: pools.cancel_maintenance(cloud, pool),
            "disable": lambda: hosts.disable(cloud, host),
            "enable": lambda: hosts.enable(cloud, host),
            "add host": lambda: hosts.add(cloud, host.cluster, f"new-{number}", **size),
            "remove host": lambda: hosts.remove(cloud, host, forced=number % 2 == 0),
            "disable pool": lambda: pools.disable(cloud, pool),
            "enable pool": lambda: pools.enable(cloud, pool),
            "disable cluster": lambda: zones.disable(cloud, host.cluster),
        }
        self._do(works[act]())

    def _pool(self, number: int) -> StoragePool:
        return self.world.pools[number % len(self.world.pools)]

    def _luck(self, act: str, number: int) -> None:
        world = self.world
        if act == "interrupt" and self.works:
            work = self.works[-1 - number % min(len(self.works), 5)]
            world.cloud.engine.interrupt(work, "enough")
        elif act in {"fail", "cut", "lose"}:
            step, error = STEPS[number % len(STEPS)], self._error(number)
            {"fail": world.fail, "cut": world.wire.refuse, "lose": world.wire.lose}[act](
                step, error
            )
        elif act in {"break", "repair", "unfenceable"} and world.hosts:
            host = world.hosts[number % len(world.hosts)]
            if act == "break":
                world.outside.break_host(host)
            elif act == "repair":
                world.outside.repair_host(host)
                self._do(recovery.host_back(world.cloud, host))
            else:
                world.outside.unfenceable.add(host.id)

    @staticmethod
    def _error(number: int) -> CloudError:
        return (HostFault, DriverFault, TimedOut)[number % 3]("bad luck")
