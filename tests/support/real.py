"""The small cloud of the workflow tests on real hosts, which they do not notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cloudlab.cloud import Cloud
from cloudlab.engine import Engine
from cloudlab.errors import DriverFault
from cloudlab.model import Settings
from cloudlab.ports import Ports
from drivers.fabric import VxlanFabric
from drivers.kvm import KvmOptions, kvm_ports
from drivers.power import MiniDcSwitch, SwitchedPower
from drivers.probe import SharedStorageProbe
from drivers.router import NamespaceRouter
from drivers.site import Access, Site
from tests.support.clouds import Sizes, World, furnish, furnished
from tests.support.minidc import blank, shell
from tests.support.outside import RealOutside
from tests.support.pilot import Awake, write_pilot
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloudlab.model import Host, StoragePool
    from drivers.minidc import MiniDc

LAB: Final = "wf"


@dataclass(frozen=True)
class Ground:
    """Three hosts of a mini data centre, for one world after the other.

    Attributes:
        center: the mini data centre.
        site: how the hosts are reached, by the names they have in the worlds.
        places: those names -> the names in the data centre.
        pilot: the guest that all machines boot.
    """

    center: MiniDc
    site: Site
    places: dict[str, str]
    pilot: Path


@contextmanager
def ground(center: MiniDc) -> Iterator[Ground]:
    """Yield the hosts of `center` as the ground for worlds."""
    places = {f"c1-{name}": name for name in center.hosts()}
    shells = {name: shell(center, place) for name, place in places.items()}
    hosts = {
        name: Access(
            name=name,
            address=center.layout.address(place),
            shell=shells[name],
            libvirt_uri=center.libvirt_uri(place),
            fabric_address=center.layout.underlay_address(place),
        )
        for name, place in places.items()
    }
    try:
        pilot = write_pilot(center.layout.secondary / "templates" / "pilot.qcow2")
        yield Ground(center, Site(LAB, hosts), places, pilot)
    finally:
        for each in shells.values():
            each.close()


@contextmanager
def real_world(engine: Engine, here: Ground) -> Iterator[World]:
    """Yield the world that `tests.support.clouds.build` makes, on real hosts; they were blank."""
    wire = Wire(None)
    wire.outside = outside = RealOutside(here.center, LAB, here.places)
    settings = Settings.of({"vm.allocation.algorithm": "firstfit"})
    cloud = Cloud(engine, wire.through(_ports(engine, here, outside)), settings)
    try:
        zone = engine.run(engine.spawn(furnish(cloud, Sizes(has_subnets=True))))
        outside.know(cloud)
        yield furnished(cloud, zone, outside, wire, strays=outside.strays)
    finally:
        blank(here.center)


def _ports(engine: Engine, here: Ground, outside: RealOutside) -> Ports:
    """Return the real drivers, with what worlds take for granted and real hosts do not have."""
    site, center = here.site, here.center
    options = KvmOptions(open_seconds=2.0)
    hypervisor, blocks, images = kvm_ports(engine, site, options, {"linux": str(here.pilot)})
    heartbeats = {name: str(center.layout.heartbeat(place)) for name, place in here.places.items()}
    fuses = {name: Fuse(center, place, outside, name) for name, place in here.places.items()}
    ports = {
        "hypervisor": Awake(hypervisor, engine, outside.sights),
        "blocks": Placed(blocks, center.layout.primary),
        "images": images,
        "fabric": VxlanFabric(engine, site),
        "router": NamespaceRouter(engine, site),
        "power": SwitchedPower(engine, fuses),
        "probe": SharedStorageProbe(
            engine, site, heartbeats, lambda access: center.ping(here.places[access.name])
        ),
    }
    return Ports(**{name: Failing(port, name, outside) for name, port in ports.items()})


class Fuse(MiniDcSwitch):
    """A power switch that tells and cuts nothing while a test says so; it still gives power."""

    def __init__(self, center: MiniDc, place: str, outside: RealOutside, name: str) -> None:
        """Switch the host `place`, which is called `name` in the books."""
        super().__init__(center, place)
        self._outside, self._host, self._was_used = outside, name, False

    def off(self) -> None:
        """Cut the power."""
        self._was_used = False
        self._check()
        super().off()

    def on(self) -> None:
        """Give power; of what it has done itself it tells."""
        super().on()
        self._was_used = True

    def is_on(self) -> bool:
        """Return whether there is power."""
        if not self._was_used:
            self._check()
        return super().is_on()

    def _check(self) -> None:
        if self._outside.is_unfenceable(self._host):
            raise DriverFault(f"the switch of {self._host} does not answer")


class Failing:
    """A port whose steps fail, before they have done anything, as a test has planned."""

    def __init__(self, port: Any, name: str, outside: RealOutside) -> None:
        """Stand before `port`, which is called `name`."""
        self._port, self._name, self._outside = port, name, outside

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        """Return the method of the port; a stop by force goes by the simulator's name for it."""
        act = getattr(self._port, method)

        async def tried(*args: Any, **options: Any) -> Any:
            step = "destroy" if method == "stop" and options.get("forced") else method
            self._outside.faults.strike(f"{self._name}.{step}", args[0])
            return await act(*args, **options)

        return tried


class Placed:
    """A block store that gives a pool without an address a folder of its own."""

    def __init__(self, port: Any, primary: Path) -> None:
        """Put the folders into `primary`."""
        self._port, self._primary = port, primary

    def __getattr__(self, method: str) -> Any:
        """Return the method of the real port."""
        return getattr(self._port, method)

    async def attach_pool(self, pool: StoragePool, host: Host) -> None:
        """Make `pool` reachable from `host`."""
        if not pool.url:
            folder = self._primary / pool.name
            folder.mkdir(exist_ok=True)
            pool.url = f"file://{folder}"
        await self._port.attach_pool(pool, host)
