"""Disks and snapshots by the verbs of a lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab import Lab
from cloudlab.design import new_design
from cloudlab.errors import InvalidParameter, NotFound
from cloudlab.model import VmState


@pytest.fixture
def lab() -> Lab:
    """A lab in which steps take their time, with a disk of any size."""
    made = Lab(new_design(hosts=2, cpus=8, mhz=2000, ram_gib=32), latency="kvm-nfs", progress=False)
    for offering in made.cloud.inventory.disk_offerings:
        offering.size_mib = None
    return made


def test_a_disk_lives_by_itself(lab: Lab) -> None:
    """Made, attached, grown, detached, moved to another machine, deleted: by name or object."""
    lab.deploy("web")
    lab.deploy("db")
    data = lab.create_volume("data", size_gib=2)
    begin = lab.now
    assert lab.attach("data", "web") is data
    assert lab.now > begin
    assert lab.resize("data", 3).size_mib == 3072
    lab.detach(data)
    assert lab.attach(data, "db").vm is lab.cloud.inventory.vms.named("db")
    lab.detach("data")
    lab.delete_volume("data")
    with pytest.raises(NotFound, match="no volume data"):
        lab.attach("data", "web")


def test_a_disk_comes_from_a_file(lab: Lab, tmp_path: Path) -> None:
    """It is there after the time that it takes to send, and is no other volume than it says."""
    file, begin = tmp_path / "disk.qcow2", lab.now
    file.touch()
    data = lab.upload_volume(file, "data", size_gib=2)
    assert lab.now > begin + 5
    assert (data.size_mib, data.pool) == (2048, lab.cloud.inventory.pools.get(1))
    other = lab.upload_volume(str(file), size_gib=1, pool=data.pool)
    lab.deploy("web")
    for each in (data, other):
        lab.attach(each, "web")
    assert sum(row.command == "uploadVolume" for row in lab.jobs) == 2


def test_a_file_is_never_overwritten(lab: Lab, tmp_path: Path) -> None:
    """Nor looked for in a folder that is not there; a simulated volume holds nothing at all."""
    lab.deploy("web")
    lab.stop("web")
    kept = tmp_path / "kept"
    kept.write_text("mine")
    for path in (kept, tmp_path, tmp_path / "none" / "x", "", "a\0b", 5):
        with pytest.raises(InvalidParameter, match=r"path is .*; allowed: "):
            lab.download_volume("ROOT-1", path)  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter, match="ROOT-1 is simulated"):
        lab.download_volume("ROOT-1", tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text() == "mine"
    for path in (tmp_path, tmp_path / "none", 5):
        with pytest.raises(InvalidParameter, match=r"path is .*; allowed: "):
            lab.upload_volume(path, "data", size_gib=1)  # type: ignore[arg-type]
    assert [row.name for row in lab.volumes] == ["ROOT-1"]


def test_wrong_sizes_are_named(lab: Lab) -> None:
    """The message says value and range; the job has failed with it."""
    with pytest.raises(InvalidParameter, match="size is 5000 GiB; allowed: 1 to 1024 GiB"):
        lab.create_volume("data", size_gib=5000)
    assert any("size is 5000 GiB" in row.error for row in lab.jobs)


def test_a_machine_goes_back(lab: Lab) -> None:
    """To the snapshot of a name, or the last; the screen is there while it runs."""
    vm = lab.deploy("web")
    first = lab.snapshot("web", "first", memory=True)
    lab.snapshot(vm, "second", memory=True)
    lab.stop("web")
    assert lab.revert("web").state is VmState.RUNNING
    lab.revert("web", "first")
    assert first.is_current
    assert lab.console("web").startswith("vnc://")
    assert lab.delete_snapshot("web", "first") is first
    assert [each.name for each in lab.snapshots("web")] == ["second"]
    with pytest.raises(NotFound, match="has no snapshot first; there are: second"):
        lab.revert("web", first)


def test_disks_and_snapshots_are_saved_with_the_lab(lab: Lab) -> None:
    """What is attached, how large it is and what was kept is the same after going back."""
    lab.deploy("web")
    lab.attach(lab.create_volume("data", size_gib=2), "web")
    lab.snapshot("web", "kept")
    there = lab.checkpoint("there")
    lab.destroy("web", expunge=True)
    lab.rewind(there)
    lab.delete_snapshot("web")
    assert lab.detach("data").size_mib == 2048
    assert lab.world.state()["outside"]["sizes"][-1][2] == 2048
