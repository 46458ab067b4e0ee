"""The driver of real hosts on libvirt's test driver: what there is of it, and what is not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

import libvirt
import pytest

from cloudlab.engine import LiveEngine
from cloudlab.model import PoolType
from cloudlab.workflows import machines
from drivers import naming
from simulator.outside import Outside
from tests.contracts.rig import Rig, Seen
from tests.support.clouds import build
from tests.support.local_hosts import MIB, LocalHosts

if TYPE_CHECKING:
    from pathlib import Path

    from cloudlab.errors import CloudError
    from cloudlab.model import Host

LACKING: Final[Mapping[str, str]] = {
    "virDomainAttachDeviceFlags": "not supported by the connection driver: virDomainAttachDevice",
    "virDomainSnapshotDelete that keeps the snapshot": "flags (0x2) in function testDomainSnapshot",
    "virDomainMigrateToURI3": "p2p migration is not supported by the source host",
}
"""Calls of the contracts that libvirt's test driver does not have -> what it says instead.

A test that comes to one is left out; no other error leaves out any.
"""

NOT_PRETENDED: Final[Mapping[str, str]] = {
    "test_no_machine_runs_twice": "the test driver opens no disks, so it locks none",
}
"""Tests that have to fail here, until it pretends that, too -> why."""


@contextmanager
def pretended(folder: Path) -> Iterator[Rig]:
    """Yield hosts whose machines libvirt's test driver pretends, with real disks in `folder`.

    What is not libvirt's is the simulator's: networks, routers, power and probes.
    """
    with LiveEngine() as engine:
        world = build(engine, wired=False, hosts_each=2)
        outside, (pool,), (host, other) = world.outside, world.pools, world.hosts
        assert isinstance(outside, Outside)
        names = (host.name, other.name)
        here = LocalHosts(
            engine, folder, names, templates=[world.template.name], reboot_seconds=0.1
        )
        _write_template(here, world.template.name, world.template.size_mib)
        pool.url, pool.type = f"file://{here.primary}", PoolType.SHARED_MOUNT_POINT
        vm = machines.create(world.cloud, world.asked("web"))
        vm.volumes[0].pool = pool

        def kill(host: Host) -> None:
            outside.break_host(host)
            here.kill(host)

        rig = Rig(
            engine=engine,
            ports=replace(
                world.cloud.ports,
                hypervisor=here.hypervisor,
                blocks=here.blocks,
                images=here.images,
            ),
            host=host,
            other=other,
            pool=pool,
            template=world.template,
            vm=vm,
            seen=Seen(
                disk=lambda volume, _: here.pool_file(naming.volume_file(volume)).exists(),
                size=lambda volume, _: _size_mib(here.pool_file(naming.volume_file(volume))),
                image=lambda template, _: here.pool_file(naming.template_file(template)).exists(),
                mount=lambda pool, host: here.has_mount(pool.id, host),
                plug=lambda nic, host: (nic.id, host.id) in outside.plugged,
                lease=lambda nic: nic.id in outside.admitted,
                router=lambda network, host: (network.id, host.id) in outside.routers,
            ),
            kill=kill,
            cut=here.cut,
            mend=_forgotten,
            excuse=excuse,
        )
        for each in (host, other):
            rig.do(here.hypervisor.connect(each))
            rig.do(here.blocks.attach_pool(pool, each))
        yield rig


def _write_template(here: LocalHosts, name: str, size_mib: int) -> None:
    file = here.secondary / f"{name}.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", file, f"{size_mib}M"], check=True)


def _size_mib(file: Path) -> int:
    command = ["qemu-img", "info", "--output=json", str(file)]
    shown = subprocess.run(command, check=True, capture_output=True, timeout=10)
    return int(json.loads(shown.stdout)["virtual-size"]) // MIB


def excuse(error: CloudError) -> None:
    """Leave a test out that came to a call which the test driver does not have."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, libvirt.libvirtError):
        cause = cause.__cause__
    for call, words in LACKING.items():
        if cause is not None and words in str(cause):
            pytest.skip(f"libvirt's test driver has no {call}")


def _forgotten(host: Host) -> NoReturn:
    """Leave a test out that wants to see again what ran behind a cut cable."""
    pytest.skip(f"libvirt's test driver forgot what ran on {host.name} with its last connection")
