"""Snapshots of machines that are off, on disks that are here: all of them or none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cloudlab.errors import DriverFault
from drivers.kvm import snapshots
from drivers.kvm.storage.folders import run
from drivers.site import Access
from tests.support.local_hosts import LocalShell

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="no qemu-img")

NAME = "snapshot-1"
UNREACHABLE = "nbd://127.0.0.1:1/volume-9.qcow2"


def do(script: str, *disks: Path | str) -> None:
    """Run a script on disks, the root disk first."""
    access = Access("h1", "127.0.0.1", LocalShell(), "test:///default")
    run(access, "doing it", script, NAME, *map(str, disks))


def io(path: Path, command: str) -> str:
    """Return what `qemu-io` says of a command on an image."""
    argv = ["qemu-io", "-f", "qcow2", "-c", command, path]
    return subprocess.run(argv, check=False, capture_output=True, text=True).stdout


def kept(path: Path) -> list[str]:
    """Return the names of the snapshots inside an image."""
    argv = ["qemu-img", "snapshot", "-l", path]
    lines = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[1] for line in lines[2:]]


@pytest.fixture
def disks(tmp_path: Path) -> list[Path]:
    """A root disk and a data disk that were full of ones when they were kept, and are of twos."""
    made = [tmp_path / name for name in ("volume-1.qcow2", "volume-2.qcow2")]
    for path in made:
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "8M"], check=True)
        io(path, "write -q -P 1 0 64k")
    do(snapshots.TAKE, *made)
    for path in made:
        io(path, "write -q -P 2 0 64k")
    return made


def is_back(path: Path) -> bool:
    """Return whether a disk is what it was when it was kept."""
    return io(path, "read -q -P 1 0 64k") == ""


def test_all_disks_go_back(disks: list[Path], tmp_path: Path) -> None:
    """Those that were there when it was taken; one that was attached later stays."""
    later = tmp_path / "volume-3.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", later, "8M"], check=True)
    io(later, "write -q -P 2 0 64k")
    do(snapshots.GO_BACK, disks[0], later, disks[1])
    assert [is_back(path) for path in (*disks, later)] == [True, True, False]
    with pytest.raises(DriverFault, match=rf"volume-3\.qcow2 has no snapshot {NAME}"):
        do(snapshots.GO_BACK, later, *disks)


@pytest.mark.parametrize("lost", [UNREACHABLE, "/nowhere/volume-9.qcow2"])
def test_no_disk_goes_back_where_another_cannot(disks: list[Path], lost: str) -> None:
    """A disk that cannot be looked at is not one that has no snapshot."""
    for order in ((disks[0], lost, disks[1]), (*disks, lost), (lost, *disks)):
        with pytest.raises(DriverFault, match=r"doing it on host h1 .*volume-9\.qcow2"):
            do(snapshots.GO_BACK, *order)
    assert [is_back(path) for path in disks] == [False, False]


def test_no_disk_goes_back_while_one_is_in_use(disks: list[Path]) -> None:
    """Somebody copies the second one, say: the first stays as it is, too."""
    user = subprocess.Popen(
        ["qemu-io", "-f", "qcow2", disks[1]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert user.stdin is not None
    assert user.stdout is not None
    with user:
        user.stdin.write(b"length\n")
        user.stdin.flush()
        user.stdout.readline()
        with pytest.raises(DriverFault, match="another process using the image"):
            do(snapshots.GO_BACK, *disks)
    assert not is_back(disks[0])


def test_a_snapshot_is_dropped_from_what_is_there(disks: list[Path], tmp_path: Path) -> None:
    """Again, too; a disk that is gone, or a slot that was wiped, is no obstacle."""
    wiped = tmp_path / "wiped"
    wiped.write_bytes(bytes(1 << 20))
    for _ in range(2):
        do(snapshots.DROP, disks[0], tmp_path / "gone", wiped, disks[1])
        assert [kept(path) for path in disks] == [[], []]


def test_a_disk_that_is_not_reached_is_not_gone(disks: list[Path]) -> None:
    """Its snapshot would take space for ever: the message names it."""
    with pytest.raises(DriverFault, match=r"volume-9\.qcow2': Failed to connect"):
        do(snapshots.DROP, *disks, UNREACHABLE)


@pytest.mark.parametrize("lost", [UNREACHABLE, "/nowhere/volume-9.qcow2"])
def test_half_a_snapshot_is_none(tmp_path: Path, lost: str) -> None:
    """The message says why the other disk could not be kept."""
    path = tmp_path / "volume-1.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "8M"], check=True)
    with pytest.raises(DriverFault, match=r"volume-9\.qcow2': .*(Failed to connect|No such file)"):
        do(snapshots.TAKE, path, lost)
    assert kept(path) == []
