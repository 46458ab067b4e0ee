"""What the contracts are held against: every implementation of the ports, ready to be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from cloudlab.model import VolumeType
from cloudlab.workflows import machines, nics
from drivers import naming
from simulator.latency import STEPS, LatencyProfile
from simulator.outside import Outside
from tests.support.clouds import build
from tests.support.minidc import RealHosts, Standing, real_hosts, standing

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from cloudlab.model import Host, Network, Nic, StoragePool, Template, VirtualMachine, Volume
    from cloudlab.ports import Ports
    from drivers.minidc import MiniDc

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What can be seen out there, past the ports."""

    disk: Callable[[Volume, StoragePool], bool]
    size: Callable[[Volume, StoragePool], int]
    """MiB."""
    image: Callable[[Template, StoragePool], bool]
    mount: Callable[[StoragePool, Host], bool]
    plug: Callable[[Nic, Host], bool]
    lease: Callable[[Nic], bool]
    router: Callable[[Network, Host], bool]


@dataclass(frozen=True)
class Rig:
    """One implementation of the ports, two hosts it is connected to, and things to handle.

    A driver joins the suites by a function that yields a rig of its own, in `RIGS`.
    """

    engine: Engine
    ports: Ports
    host: Host
    other: Host
    pool: StoragePool
    template: Template
    vm: VirtualMachine
    """Its records only: nothing of it is out there."""
    seen: Seen
    kill: Callable[[Host], None]
    """Let a host fail, with all that runs on it."""
    cut: Callable[[Host], None]
    """Pull the management cable of a host; its machines run on."""
    mend: Callable[[Host], None]
    """Put that cable back."""

    @property
    def volume(self) -> Volume:
        """The root disk of the machine."""
        return self.vm.volumes[0]

    @property
    def nic(self) -> Nic:
        """The NIC of the machine."""
        return self.vm.nics[0]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        self.engine.run(process)
        return process.result

    def prepare(self, host: Host) -> None:
        """Give the machine its disk, and its NIC on `host`: then it can be started there."""
        ports = self.ports
        self.do(ports.images.stage(self.template, self.pool))
        self.do(ports.blocks.create(self.volume, self.pool))
        self.serve(host)
        self.do(ports.router.admit(self.nic))
        self.do(ports.fabric.plug(self.nic, host))

    def serve(self, host: Host) -> Network:
        """Run the router of the machine's network on `host`, and return the network."""
        network = self.nic.network
        self.do(self.ports.router.implement(network, host))
        network.router_host = host
        return network


@contextmanager
def simulated(engine: Engine, seconds: float) -> Iterator[Rig]:
    """Yield the simulator's ports, in which every step takes so many seconds."""
    world = build(engine, wired=False)
    assert isinstance(world.outside, Outside)
    world.outside.latency = LatencyProfile("even", dict.fromkeys(STEPS, seconds))
    vm = machines.create(world.cloud, world.asked("web"))
    vm.volumes[0].pool = world.pools[0]
    outside = world.outside
    with engine:
        yield Rig(
            engine=engine,
            ports=world.cloud.ports,
            host=world.hosts[0],
            other=world.hosts[1],
            pool=world.pools[0],
            template=world.template,
            vm=vm,
            seen=Seen(
                disk=lambda volume, pool: (volume.id, pool.id) in outside.disks,
                size=lambda volume, pool: outside.sizes[volume.id, pool.id],
                image=lambda template, pool: (template.id, pool.id) in outside.images,
                mount=lambda pool, host: (pool.id, host.id) in outside.mounted,
                plug=lambda nic, host: (nic.id, host.id) in outside.plugged,
                lease=lambda nic: nic.id in outside.admitted,
                router=lambda network, host: (network.id, host.id) in outside.routers,
            ),
            kill=outside.break_host,
            cut=outside.cut_management,
            mend=outside.mend_management,
        )


RIGS = {
    "simulator": lambda: simulated(VirtualEngine(), 0.0),
    "slow simulator": lambda: simulated(VirtualEngine(), 1.0),
    "simulator in real time": lambda: simulated(LiveEngine(), 0.001),
}


REAL: Final = pytest.param("real hosts", marks=(pytest.mark.real, pytest.mark.slow))


@pytest.fixture(scope="session")
def ground(center: MiniDc) -> Iterator[Standing]:
    """Real hosts, for one test after the other."""
    with standing(center) as found:
        yield found


@pytest.fixture(params=[*RIGS, REAL])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every implementation in turn."""
    if request.param in RIGS:
        with RIGS[request.param]() as made:
            yield made
        return
    with real_hosts(request.getfixturevalue("ground")) as found:
        yield _real(found)


def _real(found: RealHosts) -> Rig:
    """Return the ports of real hosts, with the records of a machine."""
    cloud, inventory = found.cloud, found.cloud.inventory
    host, other = inventory.hosts
    (pool,) = inventory.pools
    template = inventory.templates.named("tiny")
    asked = machines.Deployment(
        zone=host.zone,
        offering=inventory.compute_offerings.named("Tiny Instance"),
        template=template,
        account=cloud.admin,
        name="web",
    )
    vm = machines.create(cloud, asked)
    vm.volumes[0].pool = pool
    nics.take(cloud, vm, host)
    lab = f"/run/cloudlab/{found.site.lab_id}"
    return Rig(
        engine=found.engine,
        ports=cloud.ports,
        host=host,
        other=other,
        pool=pool,
        template=template,
        vm=vm,
        seen=Seen(
            disk=lambda volume, _: found.pool_file(naming.volume_file(volume)),
            size=lambda volume, _: found.disk_size(naming.volume_file(volume)),
            image=lambda template, _: found.pool_file(naming.template_file(template)),
            mount=lambda pool, host: found.has(
                host.name, f"/run/cloudlab-{found.site.lab_id}/pool-{pool.id}"
            ),
            plug=lambda nic, host: found.has(host.name, f"{lab}/nics/{nic.id}"),
            lease=lambda nic: any(
                found.has(each.name, f"{lab}/routers/{nic.network.id}/dhcp/{nic.id}")
                for each in (host, other)
            ),
            router=lambda network, host: found.has(host.name, f"{lab}/routers/{network.id}"),
        ),
        kill=lambda host: found.center.kill(host.name),
        cut=lambda host: found.center.unplug(host.name, "eth0"),
        mend=lambda host: found.center.plug(host.name, "eth0"),
    )


@pytest.fixture
def another(rig: Rig) -> VirtualMachine:
    """A second machine of which nothing is out there."""
    return replace(rig.vm, id=rig.vm.id + 1, name="other")


@pytest.fixture
def data(rig: Rig) -> Volume:
    """A data volume on the pool, that belongs to nobody: made, and in no machine."""
    volume = replace(
        rig.volume,
        id=rig.volume.id + 1,
        name="data",
        type=VolumeType.DATADISK,
        template=None,
        size_mib=64,
        vm=None,
        device_id=1,
    )
    rig.do(rig.ports.blocks.create(volume, rig.pool))
    return volume
