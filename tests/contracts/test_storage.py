"""What every primary and secondary storage does."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cloudlab.errors import CloudError, HostFault, InvalidParameter
from cloudlab.model import Volume
from simulator.ports.storage import SimulatedBlockStore
from tests.contracts.rig import Rig


def test_a_pool_is_in_reach_until_it_is_detached(rig: Rig) -> None:
    """Both may be done twice, and each is for one host."""
    blocks = rig.ports.blocks
    for _ in range(2):
        rig.do(blocks.detach_pool(rig.pool, rig.host))
        assert not rig.seen.mount(rig.pool, rig.host)
    assert rig.seen.mount(rig.pool, rig.other)
    for _ in range(2):
        rig.do(blocks.attach_pool(rig.pool, rig.host))
        assert rig.seen.mount(rig.pool, rig.host)


def test_a_dead_host_mounts_nothing(rig: Rig) -> None:
    """That is its fault, and another host is not concerned."""
    rig.kill(rig.host)
    with pytest.raises(HostFault):
        rig.do(rig.ports.blocks.attach_pool(rig.pool, rig.host))
    assert not rig.seen.mount(rig.pool, rig.host)
    assert rig.seen.mount(rig.pool, rig.other)


def test_a_volume_is_there_until_it_is_deleted(rig: Rig) -> None:
    """Deleting it again is no error."""
    blocks = rig.ports.blocks
    rig.do(rig.ports.images.stage(rig.template, rig.pool))
    rig.do(blocks.create(rig.volume, rig.pool))
    assert rig.seen.disk(rig.volume, rig.pool)
    for _ in range(2):
        rig.do(blocks.delete(rig.volume, rig.pool))
        assert not rig.seen.disk(rig.volume, rig.pool)


def test_deleting_what_was_never_made_is_no_error(rig: Rig) -> None:
    """It is gone already."""
    rig.do(rig.ports.blocks.delete(rig.volume, rig.pool))
    assert not rig.seen.disk(rig.volume, rig.pool)


def test_a_copy_is_there_until_it_is_evicted(rig: Rig) -> None:
    """Staging and evicting may both be done twice; volumes made from it stay."""
    images = rig.ports.images
    for _ in range(2):
        rig.do(images.stage(rig.template, rig.pool))
        assert rig.seen.image(rig.template, rig.pool)
    rig.do(rig.ports.blocks.create(rig.volume, rig.pool))
    for _ in range(2):
        rig.do(images.evict(rig.template, rig.pool))
        assert not rig.seen.image(rig.template, rig.pool)
    assert rig.seen.disk(rig.volume, rig.pool)


def test_a_volume_gets_the_size_it_is_asked_for(rig: Rig, data: Volume) -> None:
    """Larger, and the same once more; the data volume is made as large as its record says."""
    assert rig.seen.size(data, rig.pool) == 64
    for _ in range(2):
        rig.do(rig.ports.blocks.resize(data, rig.pool, 96))
        assert rig.seen.size(data, rig.pool) == 96


def test_a_volume_that_is_not_there_gets_no_size_and_no_copy(rig: Rig) -> None:
    """Neither made by being resized nor passed over in silence."""
    blocks, target = rig.ports.blocks, replace(rig.pool, id=rig.pool.id + 1)
    with pytest.raises(CloudError):
        rig.do(blocks.resize(rig.volume, rig.pool, 4096))
    with pytest.raises(CloudError):
        rig.do(blocks.copy(rig.volume, rig.pool, target))
    assert not rig.seen.disk(rig.volume, rig.pool)


def test_a_pool_tells_what_lies_on_it(rig: Rig) -> None:
    """Volumes and copies of templates, by id, while they are there."""
    blocks, images = rig.ports.blocks, rig.ports.images
    assert rig.do(blocks.volumes(rig.pool)) == set()
    assert rig.do(images.copies(rig.pool)) == set()
    rig.do(images.stage(rig.template, rig.pool))
    rig.do(blocks.create(rig.volume, rig.pool))
    assert rig.do(blocks.volumes(rig.pool)) == {rig.volume.id}
    assert rig.do(images.copies(rig.pool)) == {rig.template.id}
    rig.do(blocks.delete(rig.volume, rig.pool))
    rig.do(images.evict(rig.template, rig.pool))
    assert rig.do(blocks.volumes(rig.pool)) == set()
    assert rig.do(images.copies(rig.pool)) == set()


def test_a_host_that_is_cut_off_is_told_nothing(rig: Rig) -> None:
    """It keeps its mounts, which its machines may be using."""
    rig.cut(rig.host)
    for work in (
        rig.ports.blocks.attach_pool(rig.pool, rig.host),
        rig.ports.blocks.detach_pool(rig.pool, rig.host),
    ):
        with pytest.raises(HostFault):
            rig.do(work)
    assert rig.seen.mount(rig.pool, rig.host)


def test_a_volume_comes_from_a_file_and_goes_to_one(rig: Rig, data: Volume, tmp_path: Path) -> None:
    """It keeps its size; what nobody can hold, a simulated volume, cannot be downloaded."""
    file, copy = tmp_path / "file.qcow2", tmp_path / "copy.qcow2"
    file.touch()
    if shutil.which("qemu-img") and shutil.which("qemu-io"):
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", file, "32M"], check=True)
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -q -P 7 0 1M", file], check=True)
    rig.do(rig.ports.blocks.upload(data, rig.pool, file))
    assert rig.seen.size(data, rig.pool) == 64
    if isinstance(rig.ports.blocks, SimulatedBlockStore):
        with pytest.raises(InvalidParameter, match="is simulated: nothing is in it"):
            rig.do(rig.ports.blocks.download(data, rig.pool, copy))
        assert not copy.exists()
        return
    rig.do(rig.ports.blocks.download(data, rig.pool, copy))
    read = ["qemu-io", "-f", "qcow2", "-c", "read -q -P 7 0 1M", "-c", "length", str(copy)]
    done = subprocess.run(read, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["64", "MiB"]
