"""Volumes on NFS, iSCSI and Ceph servers: booted from, moved with, kept, copied, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudlab.errors import DriverFault
from cloudlab.model import PoolType, StoragePool, VirtualMachine, Volume
from drivers.kvm.storage.acts import deleting
from drivers.kvm.storage.places import place_of
from drivers.kvm.storage.servers.kinds import where
from drivers.minidc import MiniDc
from tests.real.kvm.lab import Lab, within
from tests.real.kvm.servers import KINDS, Running, server

pytestmark = [pytest.mark.real, pytest.mark.slow]

WRITE = "echo {0} > /mnt/word; echo {0} > /tmp/word; echo {0} > /dev/vdb; sync"
READ = "for at in /mnt/word /tmp/word /dev/vdb; do head -c 3 $at; done 2>/dev/null"


@pytest.fixture(scope="module", params=list(KINDS))
def running(dc: MiniDc, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A server of each kind, one after the other."""
    with server(dc, request.param) as made:
        yield made


@pytest.fixture
def pool(here: Lab, running: Running) -> Iterator[StoragePool]:
    """A pool on it, which both hosts reach; it is empty afterwards, also of what was others'."""
    made = here.records.another_pool(running.url, type=PoolType.PRE_SETUP)
    for host in (here.host, here.other):
        here.do(here.blocks.attach_pool(made, host))
    yield made
    left, place = here.records.volume(here.records.vm()), place_of(made, here.site.lab_id)
    for left.id in here.do(here.blocks.volumes(made)):
        deleting(left, place, "clearing away")(here.site.of(here.host))


def notes(running: Running) -> set[str]:
    """Return what stays on a server where there are no volumes: whose it was."""
    return set() if running.kind == "iscsi" else {"cloudlab-test-owner.txt"}


def poke(here: Lab, volume: Volume, *commands: str) -> str:
    """Return what `qemu-io` says that a host runs on `volume`, past the ports."""
    assert volume.pool is not None
    each = [word for command in commands for word in ("-c", command)]
    url = where(volume, place_of(volume.pool, here.site.lab_id))
    return here.on(here.host, "qemu-io", "-f", "qcow2", *each, url)


def test_a_machine_lives_on_a_server(here: Lab, running: Running, pool: StoragePool) -> None:
    """It boots from it, its disk grows, it moves, and goes back to what it was; nothing is left."""
    vm, blocks, hypervisor = here.records.vm(), here.blocks, here.hypervisor
    root, disk = vm.volumes[0], here.records.volume(vm)
    root.pool = disk.pool = pool
    here.do(here.images.stage(here.records.template, pool))
    for volume in (root, disk):
        here.do(blocks.create(volume, pool))
    assert here.do(blocks.volumes(pool)) == {root.id, disk.id}
    try:
        _live(here, vm, disk, with_memory=running.kind != "iscsi")
    finally:
        for host in (here.host, here.other):
            here.do(hypervisor.destroy(vm, host))
    for _ in range(2):
        for volume in (root, disk):
            here.do(blocks.delete(volume, pool))
    assert here.do(blocks.volumes(pool)) == set()
    assert running.left() == notes(running)


def _live(here: Lab, vm: VirtualMachine, disk: Volume, *, with_memory: bool) -> None:
    """Let `vm` run through a life; its disk is attached and detached."""
    hypervisor, blocks, pool = here.hypervisor, here.blocks, disk.pool
    here.do(hypervisor.start(vm, here.host))
    vm.host = here.host
    here.wait_for(vm, here.host)
    here.do(hypervisor.attach(vm, disk, here.host))
    vm.volumes.append(disk)
    within(10, lambda: here.inside(vm, here.host, "test -b /dev/vdb && echo there") == "there")
    here.do(blocks.resize(disk, pool, 48))
    disk.size_mib = 48
    within(5, lambda: here.inside(vm, here.host, "cat /sys/block/vdb/size") == str(48 * 2048))

    here.inside(vm, here.host, WRITE.format("one"))
    kept = here.records.snapshot(vm, memory=with_memory)
    here.do(hypervisor.snapshot(vm, kept, here.host))
    here.inside(vm, here.host, WRITE.format("two"))
    here.do(hypervisor.migrate(vm, here.host, here.other))
    vm.host = here.other
    assert here.inside(vm, here.other, READ) == "twotwotwo"
    here.do(hypervisor.revert(vm, kept, here.other))
    if not with_memory:
        here.do(hypervisor.start(vm, here.other))
        here.wait_for(vm, here.other)
        within(10, lambda: here.inside(vm, here.other, "test -b /dev/vdb && echo there") == "there")
    assert here.inside(vm, here.other, READ) == ("oneoneone" if with_memory else "oneone")
    for _ in range(2):
        here.do(hypervisor.drop_snapshot(vm, kept, here.other))
    here.do(hypervisor.detach(vm, disk, here.other))
    vm.volumes.remove(disk)
    assert here.inside(vm, here.other, "cat /mnt/word") == "one"


def test_a_disk_that_nothing_runs_on(
    here: Lab, running: Running, pool: StoragePool, tmp_path: Path
) -> None:
    """It grows, goes back to its snapshot, and moves to a folder and back with what is on it."""
    vm, blocks, hypervisor = here.records.vm(), here.blocks, here.hypervisor
    disk = vm.volumes[0]
    disk.id, disk.pool, disk.template, disk.size_mib = 300, pool, None, 32
    here.do(blocks.create(disk, pool))
    poke(here, disk, "write -q -P 7 0 1M")
    here.do(blocks.resize(disk, pool, 48))
    disk.size_mib = 48
    poke(here, disk, "write -q -P 7 40M 1M")
    with pytest.raises(DriverFault, match="is 48 MiB large and cannot shrink"):
        here.do(blocks.resize(disk, pool, 47))

    kept = here.records.snapshot(vm)
    here.do(hypervisor.snapshot(vm, kept, here.host))
    with pytest.raises(DriverFault, match=f"snapshots snapshot-{kept.id} inside"):
        here.do(blocks.copy(disk, pool, here.pool))
    poke(here, disk, "write -q -P 8 0 1M")
    here.do(hypervisor.revert(vm, kept, here.other))
    here.do(hypervisor.drop_snapshot(vm, kept, here.other))
    assert poke(here, disk, "read -q -P 7 0 1M", "read -q -P 7 40M 1M") == ""

    here.do(blocks.copy(disk, pool, here.pool))
    here.do(blocks.delete(disk, pool))
    here.do(blocks.copy(disk, here.pool, pool))
    here.do(blocks.delete(disk, here.pool))
    assert poke(here, disk, "read -q -P 7 0 1M", "read -q -P 7 40M 1M") == ""
    here.do(blocks.download(disk, pool, tmp_path / "local.qcow2"))
    here.do(blocks.delete(disk, pool))
    here.do(blocks.create(disk, pool))
    here.do(blocks.upload(disk, pool, tmp_path / "local.qcow2"))
    assert poke(here, disk, "read -q -P 7 0 1M", "read -q -P 7 40M 1M") == ""
    assert here.on(here.host, "find", "/var/tmp", "-name", "*.part") == ""
    here.do(blocks.delete(disk, pool))
    assert running.left() == notes(running)


def test_what_others_made_is_left_alone(here: Lab, pool: StoragePool) -> None:
    """Neither overwritten nor removed, by a lab that has the same name."""
    disk, blocks = here.records.volume(here.records.vm()), here.blocks
    disk.pool = pool
    here.do(blocks.create(disk, pool))
    poke(here, disk, "write -q -P 7 0 1M")
    here.do(blocks.create(disk, here.pool))
    for again in (blocks.create(disk, pool), blocks.copy(disk, here.pool, pool)):
        with pytest.raises(DriverFault, match="already"):
            here.do(again)
        here.do(blocks.delete(disk, pool))
        assert poke(here, disk, "read -q -P 7 0 1M") == ""
    disk.size_mib = 4096
    with pytest.raises(DriverFault):  # no LUN is so large
        here.do(blocks.create(disk, pool))
    here.do(blocks.delete(disk, pool))
    assert poke(here, disk, "read -q -P 7 0 1M") == ""
    here.do(blocks.delete(disk, here.pool))


def test_a_server_says_what_is_wrong(here: Lab, running: Running) -> None:
    """No answer, or nothing of that name: the message has both, and the host."""
    wrong = [f"{running.url}-not-there"]
    if running.kind != "rbd":  # it would be waited for
        wrong.append(running.url.replace(here.dc.layout.manager_address, "10.77.0.250"))
    for url in wrong:
        lost = here.records.another_pool(url, type=PoolType.PRE_SETUP)
        with pytest.raises(DriverFault, match="reaching pool second from host h1: "):
            here.do(here.blocks.attach_pool(lost, here.host))
