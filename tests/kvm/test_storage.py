"""Volumes and templates in folders: whole or not at all, only one's own, and full disks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import ImageFormat, ImageStore, PoolScope
from drivers.kvm.storage import scripts
from drivers.kvm.storage.places import Templates
from tests.kvm.hosts import here as hosts

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="no qemu-img")

MIB = 1024 * 1024


def image(path: Path, size: str = "64M", kind: str = "qcow2", *more: str) -> Path:
    """Make an image of a size."""
    subprocess.run(["qemu-img", "create", "-q", "-f", kind, *more, path, size], check=True)
    return path


def write(path: Path, byte: int) -> None:
    """Fill the first MiB of an image with a byte."""
    argv = ["qemu-io", "-f", "qcow2", "-c", f"write -q -P {byte} 0 1M", path]
    subprocess.run(argv, check=True)


def reads(path: Path, byte: int) -> bool:
    """Return whether the first MiB of an image is full of a byte."""
    argv = ["qemu-io", "-f", "qcow2", "-c", f"read -q -P {byte} 0 1M", path]
    return subprocess.run(argv, check=False, capture_output=True).stdout == b""


def facts(path: Path) -> dict:
    """Return what `qemu-img` says of an image."""
    argv = ["qemu-img", "info", "--output=json", path]
    return json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)


@pytest.fixture
def volume(here):
    """A root disk that is there, made from a staged template full of ones."""
    write(image(here.secondary / "tiny.qcow2"), 1)
    made = here.records.vm().volumes[0]
    here.do(here.images.stage(here.records.template, here.pool))
    here.do(here.blocks.create(made, here.pool))
    return made


@pytest.fixture
def path(here, volume) -> Path:
    """Where that disk is."""
    return here.primary / "cloudlab-lab1" / f"volume-{volume.id}.qcow2"


def test_a_root_disk_differs_from_its_template_only(here, volume, path) -> None:
    """It reads as the template does, is as large as asked for, and takes next to no space."""
    assert reads(path, 1)
    assert facts(path)["virtual-size"] == volume.size_mib * MIB
    assert path.stat().st_blocks * 512 < MIB
    assert here.do(here.blocks.volumes(here.pool)) == {volume.id}
    assert here.do(here.images.copies(here.pool)) == {here.records.template.id}


def test_a_data_disk_is_empty(here) -> None:
    """It has no template behind it."""
    disk = here.records.volume(here.records.vm())
    here.do(here.blocks.create(disk, here.pool))
    assert here.names() == {".lab", f"volume-{disk.id}.qcow2"}


def test_nobody_else_may_read_a_volume(path) -> None:
    """Files are for root, or whom libvirt gives them to."""
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_volume_outlives_its_templates_copy(here, volume, path) -> None:
    """Evicted, even staged anew with other content: what was made from it stays as it was."""
    here.do(here.images.evict(here.records.template, here.pool))
    assert here.do(here.images.copies(here.pool)) == set()
    write(image(here.secondary / "tiny.qcow2"), 2)
    here.do(here.images.stage(here.records.template, here.pool))
    assert reads(path, 1)
    newer = here.records.vm().volumes[0]
    here.do(here.blocks.create(newer, here.pool))
    assert reads(path.with_name(f"volume-{newer.id}.qcow2"), 2)


def test_the_last_volume_takes_the_templates_data_along(here, volume) -> None:
    """After an eviction and a deletion nothing of either is left."""
    here.do(here.images.evict(here.records.template, here.pool))
    for _ in range(2):
        here.do(here.blocks.delete(volume, here.pool))
        assert here.names() == {".lab"}


def test_deleting_one_volume_leaves_the_others(here, volume) -> None:
    """Volume 1 is not volume 11."""
    other = here.records.volume(here.records.vm())
    other.id = int(f"{volume.id}1")
    here.do(here.blocks.create(other, here.pool))
    here.do(here.blocks.delete(volume, here.pool))
    assert here.do(here.blocks.volumes(here.pool)) == {other.id}


def test_without_a_staged_template_there_is_no_volume(here) -> None:
    """The message names volume, pool and what is missing; nothing half-made stays."""
    volume = here.records.vm().volumes[0]
    with pytest.raises(DriverFault, match=r"making volume ROOT-1 on pool primary.*template-1"):
        here.do(here.blocks.create(volume, here.pool))
    assert here.names() == {".lab"}


def test_a_volume_is_not_smaller_than_its_template(here, volume) -> None:
    """The message says how large that is."""
    small = here.records.vm().volumes[0]
    small.size_mib = 63
    with pytest.raises(DriverFault, match="the template is 64 MiB large"):
        here.do(here.blocks.create(small, here.pool))
    assert f"volume-{small.id}.base.qcow2" not in here.names()


def test_a_disk_grows_and_never_shrinks(here, volume, path) -> None:
    """The same size is no error; the content stays."""
    for size in (128, 128):
        here.do(here.blocks.resize(volume, here.pool, size))
        assert facts(path)["virtual-size"] == size * MIB
    with pytest.raises(DriverFault, match="128 MiB large and cannot shrink"):
        here.do(here.blocks.resize(volume, here.pool, 127))
    assert reads(path, 1)


def test_what_is_not_there_is_not_resized(here) -> None:
    """The message names it."""
    volume = here.records.vm().volumes[0]
    with pytest.raises(DriverFault, match=r"volume-1\.qcow2 is not there"):
        here.do(here.blocks.resize(volume, here.pool, 128))


def test_a_copy_is_whole(here, volume, path) -> None:
    """It needs nothing of the pool it came from."""
    second = here.records.another_pool(f"file://{here.folder / 'second'}")
    (here.folder / "second").mkdir()
    here.do(here.blocks.attach_pool(second, here.host))
    here.do(here.blocks.copy(volume, here.pool, second))
    assert here.do(here.blocks.volumes(second)) == {volume.id}
    shutil.rmtree(here.primary)
    copy = here.folder / "second" / "cloudlab-lab1" / path.name
    assert reads(copy, 1)


def test_what_is_not_there_is_not_copied(here) -> None:
    """And nothing of it appears at the target."""
    second = here.records.another_pool(f"file://{here.folder / 'second'}")
    (here.folder / "second").mkdir()
    here.do(here.blocks.attach_pool(second, here.host))
    with pytest.raises(DriverFault, match=r"volume-1\.qcow2 is not there"):
        here.do(here.blocks.copy(here.records.vm().volumes[0], here.pool, second))
    assert here.do(here.blocks.volumes(second)) == set()


def test_a_volume_travels_whole(here, volume, path, tmp_path: Path, monkeypatch) -> None:
    """Down with all of its template, a piece at a time, and up as another that needs none."""
    monkeypatch.setattr(scripts, "PIECE_MIB", 1)
    write(path, 3)
    local, before = tmp_path / "local.qcow2", here.names()
    here.do(here.blocks.download(volume, here.pool, local))
    assert here.names() == before
    assert local.stat().st_size > MIB
    assert reads(local, 3)
    other = here.records.volume(here.records.vm())
    other.size_mib = 100
    here.do(here.blocks.upload(other, here.pool, local))
    arrived = path.with_name(f"volume-{other.id}.qcow2")
    assert reads(arrived, 3)
    assert facts(arrived)["virtual-size"] == 100 * MIB
    assert here.names() == {*before, arrived.name}


def test_a_download_is_whole_or_not_there(here, volume, tmp_path: Path, monkeypatch) -> None:
    """What is in its place stays; one that fails half-way leaves nothing, here or there."""
    mine = tmp_path / "mine"
    mine.write_text("mine")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(DriverFault, match=r"downloading volume ROOT-1 .*mine cannot be written"):
        here.do(here.blocks.download(volume, here.pool, mine))
    with pytest.raises(DriverFault, match="none/x cannot be written: No such file or directory"):
        here.do(here.blocks.download(volume, here.pool, tmp_path / "none" / "x"))
    assert mine.read_text() == "mine"
    there = here.names()
    monkeypatch.setattr(scripts, "PIECE", "echo broken >&2; exit 1")
    with pytest.raises(DriverFault, match=r"downloading volume ROOT-1 .* broken"):
        here.do(here.blocks.download(volume, here.pool, tmp_path / "new"))
    assert here.names() == there
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: path.write_bytes(b"no image"), "no qcow2 image"),
        (lambda path: image(path, "33M"), "qcow2 is 33 MiB large, which is more than 32 MiB"),
        (
            lambda path: image(path, "8M", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw"),
            "needs another file",
        ),
    ],
    ids=["garbage", "large", "linked"],
)
def test_what_does_not_fit_is_not_taken_up(here, make, complaint: str) -> None:
    """Nothing half-made stays, and what was there before is untouched."""
    disk = here.records.volume(here.records.vm())
    here.do(here.blocks.create(disk, here.pool))
    before = here.names()
    make(here.folder / "local.qcow2")
    with pytest.raises(DriverFault, match=f"uploading volume DATA-2 to pool primary.*{complaint}"):
        here.do(here.blocks.upload(disk, here.pool, here.folder / "local.qcow2"))
    assert here.names() == before


def test_two_labs_share_a_pool(tmp_path: Path) -> None:
    """Neither sees nor touches what is the other's."""
    with hosts(tmp_path, lab_id="lab1") as mine:
        mine.open()
        disk = mine.records.volume(mine.records.vm())
        mine.do(mine.blocks.create(disk, mine.pool))
        for host in (mine.host, mine.other):
            mine.do(mine.hypervisor.disconnect(host))
        with hosts(tmp_path, lab_id="lab2") as theirs:
            theirs.open()
            assert theirs.do(theirs.blocks.volumes(theirs.pool)) == set()
            theirs.do(theirs.blocks.delete(disk, theirs.pool))
        assert f"volume-{disk.id}.qcow2" in mine.names()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: path.write_bytes(b"no image at all" * 100), "is no qcow2 image"),
        (lambda path: image(path, "64M", "raw"), "is no qcow2 image"),
        (
            lambda path: image(
                path, "64M", "qcow2", "-b", str(image(path.with_name("base"))), "-F", "qcow2"
            ),
            "needs another file beside it",
        ),
        (lambda path: None, "there is no "),
    ],
    ids=["garbage", "raw", "linked", "missing"],
)
def test_what_is_no_whole_image_is_not_staged(here, make, complaint: str) -> None:
    """The message names template, pool and file; nothing half-made stays."""
    make(here.secondary / "tiny.qcow2")
    with pytest.raises(DriverFault, match=f"copying template tiny to pool primary.*{complaint}"):
        here.do(here.images.stage(here.records.template, here.pool))
    assert here.names() == {".lab"}


def test_a_raw_template_becomes_qcow2(here) -> None:
    """If its record says so."""
    image(here.secondary / "tiny.qcow2", "64M", "raw")
    here.records.template.format = ImageFormat.RAW
    here.do(here.images.stage(here.records.template, here.pool))
    assert facts(here.primary / "cloudlab-lab1" / "template-1.qcow2")["format"] == "qcow2"


def test_templates_are_looked_for_in_the_image_store(here) -> None:
    """By name, where the lab file does not say where they are."""
    here.records.template.name = "other"
    with pytest.raises(DriverFault, match="template other is nowhere that hosts can read"):
        here.do(here.images.stage(here.records.template, here.pool))
    store = ImageStore(id=1, name="images", zone=here.records.zone, url=f"file://{here.secondary}")
    here.records.zone.image_stores.append(store)
    image(here.secondary / "other.qcow2")
    here.do(here.images.stage(here.records.template, here.pool))
    assert here.do(here.images.copies(here.pool)) == {1}


def test_a_pool_without_its_folder_is_refused(here) -> None:
    """The message names pool, host and folder: perhaps it is not mounted."""
    lost = here.records.another_pool("/nowhere/at/all")
    with pytest.raises(
        DriverFault, match=r"attaching pool second on host h1.*no folder /nowhere.*mounted"
    ):
        here.do(here.blocks.attach_pool(lost, here.host))


def test_hosts_that_see_other_storage_are_refused(here) -> None:
    """The same path is not enough; a local pool may differ from host to host."""
    second = here.records.another_pool(str(here.folder / "second"))
    mark = here.folder / "second" / "cloudlab-lab1" / ".lab"
    (here.folder / "second").mkdir()
    here.do(here.blocks.attach_pool(second, here.host))
    mark.write_text("another disk\n")
    with pytest.raises(HostFault, match=r"host h2 sees other storage at .* than host h1"):
        here.do(here.blocks.attach_pool(second, here.other))
    second.scope = PoolScope.HOST
    here.do(here.blocks.attach_pool(second, here.other))


def test_a_host_that_answers_does_the_work(here, volume) -> None:
    """If none of those that reach the pool does, that is the hosts' fault."""
    here.shells["h1"].is_dead = True
    assert here.do(here.blocks.volumes(here.pool)) == {volume.id}
    here.shells["h2"].is_dead = True
    with pytest.raises(HostFault, match="does not answer"):
        here.do(here.blocks.volumes(here.pool))


def test_what_lies_on_a_detached_pool_can_be_removed(here, volume) -> None:
    """A pool in maintenance is detached everywhere; while a host that had it is connected."""
    for host in (here.host, here.other):
        for _ in range(2):
            here.do(here.blocks.detach_pool(here.pool, host))
    assert here.do(here.blocks.volumes(here.pool)) == {volume.id}
    here.do(here.blocks.delete(volume, here.pool))
    for host in (here.host, here.other):
        here.do(here.hypervisor.disconnect(host))
    with pytest.raises(HostFault, match="no connected host reaches pool primary"):
        here.do(here.blocks.volumes(here.pool))


def test_an_unfinished_file_of_long_ago_is_removed(here) -> None:
    """What a host that died was making is cleared away a day later, younger work is not."""
    folder = here.primary / "cloudlab-lab1"
    old, young = folder / ".volume-1.qcow2.a.part", folder / ".volume-2.qcow2.b.part"
    for path in (old, young):
        path.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    here.do(here.blocks.attach_pool(here.pool, here.host))
    assert (old.exists(), young.exists()) == (False, True)


def test_the_capacity_is_that_of_the_disk_below(here) -> None:
    """In MiB."""
    usage = shutil.disk_usage(here.primary)
    measured = here.do(here.blocks.capacity(here.pool))
    assert measured.total_mib == pytest.approx(usage.total / MIB, rel=0.1)
    assert 0 < measured.free_mib <= measured.total_mib


def test_no_name_is_taken_for_a_command(here, volume, tmp_path: Path) -> None:
    """Whatever stands in a path, it is a path: nothing in it is run, split or expanded."""
    wild = tmp_path / "a $(touch hacked) 'b' ; touch hacked * -rf"
    wild.mkdir()
    here.records.template.name = "x"
    source = str(image(wild / "$(touch hacked).qcow2"))
    here.images.templates = Templates({"x": source})
    second = here.records.another_pool(str(wild))
    here.do(here.blocks.attach_pool(second, here.host))
    here.do(here.images.stage(here.records.template, second))
    here.do(here.blocks.create(here.records.vm().volumes[0], second))
    here.do(here.blocks.resize(volume, here.pool, 128))
    here.do(here.blocks.copy(volume, here.pool, second))
    assert here.do(here.blocks.volumes(second)) == {1, 2}
    here.do(here.blocks.delete(volume, second))
    here.do(here.images.evict(here.records.template, second))
    assert here.do(here.blocks.volumes(second)) == {2}
    assert list(Path.cwd().glob("hacked")) + list(tmp_path.rglob("hacked")) == []
