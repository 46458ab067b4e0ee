"""Snapshots of real machines: with memory and without, running and off, here and elsewhere."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from cloudlab.errors import DriverFault, HostFault
from drivers import naming

if TYPE_CHECKING:
    from pathlib import Path

    from cloudlab.model import Host, VirtualMachine
    from tests.real.kvm.lab import Lab

pytestmark = [pytest.mark.real, pytest.mark.slow]

WRITE = "echo {0} > /mnt/word; echo {0} > /tmp/word; sync"
READ = "cat /mnt/word /tmp/word 2>/dev/null | tr '\\n' ' '"


def kept(path: Path) -> list[str]:
    """Return the names of the snapshots inside an image."""
    argv = ["qemu-img", "snapshot", "-U", "-l", path]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[1] for line in lines[2:]]


def notes(here: Lab, vm: VirtualMachine, host: Host) -> list[str]:
    """Return the snapshots of which libvirt on `host` has notes."""
    return here.on(host, "virsh", "-q", "snapshot-list", vm.instance_name, "--name").split()


def test_a_machine_goes_back_with_its_memory(here) -> None:
    """To what was on its disks and in its memory; after a move, and on another host, too."""
    vm, hypervisor = here.booted(), here.hypervisor
    disk = here.data(vm)
    here.do(hypervisor.attach(vm, disk, here.host))
    vm.volumes.append(disk)
    snapshot = here.records.snapshot(vm, memory=True)
    here.inside(vm, here.host, WRITE.format("one") + "; echo one > /dev/vdb; sync")
    here.do(hypervisor.snapshot(vm, snapshot, here.host))
    here.inside(vm, here.host, WRITE.format("two") + "; echo two > /dev/vdb; sync")
    assert here.inside(vm, here.host, READ) == "two two"

    here.do(hypervisor.revert(vm, snapshot, here.host))
    assert here.inside(vm, here.host, READ) == "one one"
    assert here.inside(vm, here.host, "head -c 3 /dev/vdb") == "one"

    here.inside(vm, here.host, WRITE.format("three"))
    here.do(hypervisor.migrate(vm, here.host, here.other))
    here.do(hypervisor.revert(vm, snapshot, here.other))
    assert here.inside(vm, here.other, READ) == "one one"
    here.do(hypervisor.stop(vm, here.other))
    here.do(hypervisor.revert(vm, snapshot, here.host))
    assert here.inside(vm, here.host, READ) == "one one"

    for _ in range(2):
        here.do(hypervisor.drop_snapshot(vm, snapshot, here.host))
        assert [kept(here.folder() / naming.volume_file(each)) for each in vm.volumes] == [[], []]
    assert not list(here.folder().glob("*.xml"))
    assert here.inside(vm, here.host, READ) == "one one", "it goes on after that"
    with pytest.raises(DriverFault, match="has no vm snapshot before to go back to"):
        here.do(hypervisor.revert(vm, snapshot, here.host))
    assert here.inside(vm, here.host, "echo still here") == "still here"


def test_notes_that_stayed_behind_are_no_obstacle(here) -> None:
    """Whoever ended before libvirt's notes were dropped left them; all goes on as if not."""
    vm, hypervisor = here.booted(), here.hypervisor
    root = here.folder() / naming.volume_file(vm.volumes[0])
    first, second = (here.records.snapshot(vm, memory=True) for _ in range(2))

    here.on(here.host, "virsh", "snapshot-create-as", vm.instance_name, f"snapshot-{first.id}")
    assert notes(here, vm, here.host) == [f"snapshot-{first.id}"]
    here.do(hypervisor.drop_snapshot(vm, first, here.host))
    assert (kept(root), notes(here, vm, here.host)) == ([], [])

    here.on(here.host, "virsh", "snapshot-create-as", vm.instance_name, "snapshot-7")
    here.do(hypervisor.snapshot(vm, second, here.host))
    assert notes(here, vm, here.host) == []
    assert kept(root) == ["snapshot-7", f"snapshot-{second.id}"]

    here.on(here.host, "virsh", "snapshot-create-as", vm.instance_name, "snapshot-8")
    here.do(hypervisor.migrate(vm, here.host, here.other))
    assert here.domains(here.host) == {}

    here.on(here.other, "virsh", "snapshot-create-as", vm.instance_name, "snapshot-9")
    here.do(hypervisor.revert(vm, second, here.other))
    assert notes(here, vm, here.other) == []
    here.do(hypervisor.drop_snapshot(vm, second, here.other))
    assert kept(root) == ["snapshot-7", "snapshot-8", "snapshot-9"]


def test_a_note_of_the_machine_that_was_reverted_is_no_obstacle(here) -> None:
    """The snapshot is dropped all the same; what somebody took by hand stays, note and all."""
    vm, hypervisor = here.booted(), here.hypervisor
    snapshot = here.records.snapshot(vm, memory=True)
    here.do(hypervisor.snapshot(vm, snapshot, here.host))
    document = next(here.folder().glob("*.xml"))
    here.on(here.host, "virsh", "snapshot-create-as", vm.instance_name, "by-hand")
    redefine = ["snapshot-create", vm.instance_name, str(document), "--redefine"]
    here.on(here.host, "virsh", *redefine)
    assert notes(here, vm, here.host) == ["by-hand", f"snapshot-{snapshot.id}"]
    here.do(hypervisor.drop_snapshot(vm, snapshot, here.host))
    assert notes(here, vm, here.host) == ["by-hand"]
    assert kept(here.folder() / naming.volume_file(vm.volumes[0])) == ["by-hand"]


def test_the_disks_of_a_running_machine_go_back(here) -> None:
    """It is off afterwards; started, it has what was on its disks, and nothing in memory."""
    vm, hypervisor = here.booted(), here.hypervisor
    snapshot = here.records.snapshot(vm)
    here.inside(vm, here.host, WRITE.format("one"))
    here.do(hypervisor.snapshot(vm, snapshot, here.host))
    here.inside(vm, here.host, WRITE.format("two"))
    here.do(hypervisor.revert(vm, snapshot, here.host))
    assert here.domains(here.host) == {}
    here.do(hypervisor.start(vm, here.other))
    here.wait_for(vm, here.other)
    assert here.inside(vm, here.other, READ) == "one"


def test_a_machine_that_is_off_goes_back(here) -> None:
    """The disks alone: of memory there is none, and to ask for it changes nothing."""
    vm, hypervisor = here.machine(), here.hypervisor
    disk = here.data(vm)
    vm.volumes.append(disk)
    paths = [here.folder() / naming.volume_file(each) for each in vm.volumes]
    snapshot, with_memory = here.records.snapshot(vm), here.records.snapshot(vm, memory=True)
    here.do(hypervisor.snapshot(vm, snapshot, here.host))
    assert [kept(path) for path in paths] == [["snapshot-1"]] * 2
    with pytest.raises(DriverFault, match="no memory to keep"):
        here.do(hypervisor.snapshot(vm, with_memory, here.host))
    _write(paths[1])
    here.do(hypervisor.revert(vm, snapshot, here.other))
    assert _is_blank(paths[1])

    late = here.data(vm)
    vm.volumes.append(late)
    here.do(hypervisor.revert(vm, snapshot, here.host))  # the disk that came later stays
    for _ in range(2):
        here.do(hypervisor.drop_snapshot(vm, snapshot, here.host))
    assert [kept(path) for path in paths] == [[], []]
    with pytest.raises(DriverFault, match="has no snapshot snapshot-1"):
        here.do(hypervisor.revert(vm, snapshot, here.host))


def test_half_a_snapshot_is_none(here) -> None:
    """If one disk cannot be kept, no other is."""
    vm = here.machine()
    vm.volumes.append(here.records.volume(vm))  # it was never made
    with pytest.raises(DriverFault, match=r"taking vm snapshot before of vm .*No such file"):
        here.do(here.hypervisor.snapshot(vm, here.records.snapshot(vm), here.host))
    assert kept(here.folder() / naming.volume_file(vm.volumes[0])) == []


def test_a_dead_host_keeps_nothing(here) -> None:
    """That is its fault."""
    vm = here.machine()
    here.dc.kill("h1")
    with pytest.raises(HostFault):
        here.do(here.hypervisor.snapshot(vm, here.records.snapshot(vm), here.host))


def _write(path: Path) -> None:
    argv = ["qemu-io", "-f", "qcow2", "-c", "write -q -P 7 0 64k", path]
    subprocess.run(argv, check=True)


def _is_blank(path: Path) -> bool:
    argv = ["qemu-io", "-f", "qcow2", "-c", "read -q -P 0 0 64k", path]
    return subprocess.run(argv, check=True, capture_output=True).stdout == b""
