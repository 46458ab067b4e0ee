"""What the contracts are held against: every implementation of the ports, ready to be used."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from cloudlab.engine import Engine, LiveEngine, VirtualEngine
from cloudlab.model import VolumeType
from cloudlab.workflows import machines, nics
from drivers import naming
from simulator.latency import STEPS, LatencyProfile
from simulator.outside import Outside
from tests.contracts.rig import Rig, Seen
from tests.support.clouds import build

if TYPE_CHECKING:
    from pathlib import Path

    from cloudlab.model import VirtualMachine, Volume
    from drivers.minidc import MiniDc
    from tests.support.minidc import RealHosts, Standing


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


PRETENDED: Final = frozenset({"test_hypervisor", "test_storage"})
"""Contracts of what the driver of real hosts does through libvirt and a shell."""

RIGS = {
    "simulator": lambda: simulated(VirtualEngine(), 0.0),
    "slow simulator": lambda: simulated(VirtualEngine(), 1.0),
    "simulator in real time": lambda: simulated(LiveEngine(), 0.001),
}


TEST_DRIVER: Final = "libvirt's test driver"
"""Hypervisor and storage of real hosts on a libvirt that only pretends: in every run."""

REAL: Final = pytest.param("real hosts", marks=(pytest.mark.real, pytest.mark.slow))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every implementation of the ports of a contract keep it in turn."""
    if "rig" in metafunc.fixturenames:
        is_pretended = metafunc.module.__name__.rpartition(".")[2] in PRETENDED
        worlds = [*RIGS, *([TEST_DRIVER] if is_pretended else []), REAL]
        metafunc.parametrize("rig", worlds, indirect=True)


@pytest.fixture(scope="session")
def ground(center: MiniDc) -> Iterator[Standing]:
    """Real hosts, for one test after the other."""
    from tests.support.minidc import standing

    with standing(center) as found:
        yield found


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """The implementation that `pytest_generate_tests` names."""
    if request.param in RIGS:
        with RIGS[request.param]() as made:
            yield made
        return
    if request.param == TEST_DRIVER:
        with _pretended(request, tmp_path) as made:
            yield made
        return
    from tests.support.minidc import real_hosts

    with real_hosts(request.getfixturevalue("ground")) as found:
        yield _real(found)


def _pretended(request: pytest.FixtureRequest, folder: Path) -> AbstractContextManager[Rig]:
    """Return the test driver's rig, if it can be here; say if this test is known to fail there."""
    pytest.importorskip("libvirt", reason="no libvirt for Python: docs/real-hosts.md")
    if shutil.which("qemu-img") is None:
        pytest.skip("no qemu-img, which makes disks: apt-get install qemu-utils")
    from tests.contracts import pretended

    if why := pretended.NOT_PRETENDED.get(getattr(request.function, "__name__", "")):
        request.applymarker(
            pytest.mark.xfail(reason=why, strict=True, raises=pytest.fail.Exception)
        )
    return pretended.pretended(folder)


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
