"""Volumes on an NBD server: made in its exports, booted from, moved with, deleted."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import PoolType, StoragePool
from drivers import naming
from tests.real.kvm.lab import Lab, within

pytestmark = [pytest.mark.real, pytest.mark.slow]

PORT = 10809
MIB = 1024 * 1024


def exports(here: Lab, *names: str) -> Path:
    """Let the manager's namespace export empty disks by these names; return the pid's file."""
    folder = here.dc.layout.directory / "nbd"
    folder.mkdir(exist_ok=True)
    address = here.dc.layout.manager_address
    argv = ["qemu-storage-daemon", "--daemonize", "--pidfile", str(folder / "pid")]
    argv += ["--nbd-server", f"addr.type=inet,addr.host={address},addr.port={PORT}"]
    for number, name in enumerate(names):
        path = folder / name
        with path.open("wb") as disk:
            disk.truncate(160 * MIB)
        argv += ["--blockdev", f"driver=file,node-name=n{number},filename={path}"]
        argv += ["--export", f"nbd,id=e{number},node-name=n{number},name={name},writable=on"]
    done = here.dc.run_in("mgmt", argv, timeout=10)
    assert done.returncode == 0, done.stderr
    return folder / "pid"


@pytest.fixture
def pool(here: Lab) -> Iterator[StoragePool]:
    """A pool of two exports, which both hosts reach."""
    names = [f"cloudlab-test-volume-{number}.qcow2" for number in (1, 2)]
    pid = exports(here, *names)
    try:
        url = f"nbd://{here.dc.layout.manager_address}:{PORT}"
        made = here.records.another_pool(url, type=PoolType.PRE_SETUP)
        for host in (here.host, here.other):
            here.do(here.blocks.attach_pool(made, host))
        yield made
    finally:
        number = int(pid.read_text())
        os.kill(number, signal.SIGTERM)
        within(10, lambda: not Path(f"/proc/{number}").exists())


def test_a_guest_lives_on_a_server(here: Lab, pool: StoragePool) -> None:
    """It boots from an export, moves, is kept, grows as far as there is room; then it is wiped."""
    vm, hypervisor, blocks = here.records.vm(), here.hypervisor, here.blocks
    root = vm.volumes[0]
    root.pool = pool
    assert here.do(blocks.volumes(pool)) == set()
    here.do(here.images.stage(here.records.template, pool))
    here.do(blocks.create(root, pool))
    assert here.do(blocks.volumes(pool)) == {root.id}
    try:
        here.do(hypervisor.start(vm, here.host))
        here.wait_for(vm, here.host)
        here.inside(vm, here.host, "echo kept > /mnt/word; sync")
        here.do(hypervisor.migrate(vm, here.host, here.other))
        assert here.inside(vm, here.other, "cat /mnt/word") == "kept"
        with pytest.raises(DriverFault, match="nbd servers have no place; keep the disks alone"):
            here.do(hypervisor.snapshot(vm, here.records.snapshot(vm, memory=True), here.other))
        kept = here.records.snapshot(vm)
        here.do(hypervisor.snapshot(vm, kept, here.other))
        here.do(hypervisor.drop_snapshot(vm, kept, here.other))
        vm.host = here.other
        here.do(blocks.resize(root, pool, 128))
        with pytest.raises(DriverFault, match="is 160 MiB large; make it 201 MiB or more"):
            here.do(blocks.resize(root, pool, 200))
    finally:
        for host in (here.host, here.other):
            here.do(hypervisor.destroy(vm, host))
    root.size_mib = 128
    here.do(blocks.copy(root, pool, here.pool))
    for _ in range(2):
        here.do(blocks.delete(root, pool))
        assert here.do(blocks.volumes(pool)) == set()
    here.do(blocks.copy(root, here.pool, pool))
    assert here.do(blocks.volumes(pool)) == {root.id}


def test_a_volume_in_an_export_comes_from_a_file_and_goes_to_one(
    here: Lab, pool: StoragePool, tmp_path: Path
) -> None:
    """What was uploaded is what is downloaded."""
    volume, blocks = here.records.volume(here.records.vm()), here.blocks
    file, copy = tmp_path / "file.qcow2", tmp_path / "copy.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", file, "16M"], check=True)
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -q -P 7 0 1M", file], check=True)
    here.do(blocks.create(volume, pool))
    here.do(blocks.upload(volume, pool, file))
    here.do(blocks.download(volume, pool, copy))
    read = ["qemu-io", "-f", "qcow2", "-c", "read -q -P 7 0 1M", "-c", "length", str(copy)]
    done = subprocess.run(read, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["32", "MiB"]
    here.do(blocks.delete(volume, pool))


def test_a_disk_in_an_export_goes_back_with_the_memory(here: Lab, pool: StoragePool) -> None:
    """The document lies beside the root disk, which is in a folder."""
    vm, hypervisor = here.booted(), here.hypervisor
    disk = here.records.volume(vm)
    disk.pool = pool
    here.do(here.blocks.create(disk, pool))
    here.do(hypervisor.attach(vm, disk, here.host))
    vm.volumes.append(disk)
    within(10, lambda: here.inside(vm, here.host, "test -b /dev/vdb && echo there") == "there")
    here.inside(vm, here.host, "echo one > /dev/vdb; sync")
    kept = here.records.snapshot(vm, memory=True)
    here.do(hypervisor.snapshot(vm, kept, here.host))
    here.inside(vm, here.host, "echo two > /dev/vdb; sync")
    here.do(hypervisor.revert(vm, kept, here.host))
    drop = "echo 3 > /proc/sys/vm/drop_caches; head -c 3 /dev/vdb"
    assert here.inside(vm, here.host, drop) == "one"
    here.do(hypervisor.drop_snapshot(vm, kept, here.host))
    here.do(hypervisor.destroy(vm, here.host))
    here.do(here.blocks.delete(disk, pool))
    assert here.do(here.blocks.volumes(pool)) == set()


def test_a_volume_without_an_export_is_refused(here: Lab, pool: StoragePool) -> None:
    """The message names the export that the server should have."""
    here.records.vm()
    volume = here.records.volume(here.records.vm())
    name = f"cloudlab-test-{naming.volume_file(volume)}"
    assert volume.id == 3
    with pytest.raises(DriverFault, match=f"has no export {name}; let it export one of 33 MiB"):
        here.do(here.blocks.create(volume, pool))


def test_an_export_that_is_in_use_is_left_alone(here: Lab, pool: StoragePool) -> None:
    """A lab of the same name neither overwrites what it finds there nor wipes it afterwards."""
    volume, blocks = here.records.volume(here.records.vm()), here.blocks
    volume.id = 1
    here.do(blocks.create(volume, pool))
    with pytest.raises(DriverFault, match="an image is in the export cloudlab-test-volume-1"):
        here.do(blocks.create(volume, pool))
    here.do(blocks.delete(volume, pool))
    assert here.do(blocks.volumes(pool)) == {volume.id}


def test_a_server_that_does_not_answer_is_not_attached(here: Lab) -> None:
    """The message names pool and host."""
    url = f"nbd://{here.dc.layout.manager_address}:10999"
    lost = here.records.another_pool(url, type=PoolType.PRE_SETUP)
    with pytest.raises((DriverFault, HostFault), match=r"pool second from host h1.*refused"):
        here.do(here.blocks.attach_pool(lost, here.host))
