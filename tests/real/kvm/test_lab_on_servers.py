"""A lab whose design names servers: root disks on NFS, data disks on iSCSI, by its own verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cloudlab import connect
from cloudlab.model import VmState
from drivers.world.minidc_lab import write_lab
from tests.real.kvm.lab import within
from tests.real.kvm.servers import Running, server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cloudlab import Lab
    from drivers.minidc import MiniDc

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture
def servers(dc: MiniDc) -> Iterator[tuple[Running, Running]]:
    """An NFS server and an iSCSI server."""
    with server(dc, "nfs") as nfs, server(dc, "iscsi") as iscsi:
        yield nfs, iscsi


def designed(dc: MiniDc, nfs: Running, iscsi: Running) -> Path:
    """Return a lab file whose pools are on servers; those for data disks have a tag."""
    lab_file = write_lab(dc)
    path = lab_file.with_name("design.yaml")
    design: dict[str, Any] = yaml.safe_load(path.read_text())
    cluster = design["zones"][0]["pods"][0]["clusters"][0]
    cluster["primary_storage"] = [
        {"name": "nfs", "type": "NetworkFilesystem", "url": nfs.url, "capacity_gib": 8},
        {"name": "san", "type": "Iscsi", "url": iscsi.url, "capacity_gib": 8, "tags": ["san"]},
    ]
    design["disk_offerings"] = [{"name": "San Disk", "size_gib": 0.125, "storage_tags": ["san"]}]
    path.write_text(yaml.safe_dump(design))
    return lab_file


def test_a_lab_lives_on_servers(dc: MiniDc, servers: tuple[Running, Running]) -> None:
    """A machine with a disk on each is deployed, moved, taken back, and leaves nothing."""
    nfs, iscsi = servers
    lab = connect(designed(dc, nfs, iscsi), progress=False)
    try:
        _afternoon(lab, nfs, iscsi)
    finally:
        lab.close()
    assert not [name for name in nfs.left() if "volume" in name]
    assert iscsi.left() == set()


def _afternoon(lab: Lab, nfs: Running, iscsi: Running) -> None:
    vm = lab.deploy("app")
    disk = lab.create_volume("data", "San Disk")
    lab.attach(disk, vm)
    assert (vm.volumes[0].pool.name, disk.pool.name) == ("nfs", "san")
    assert iscsi.left() == {f"lun{disk.id}"}
    lab.migrate(vm)
    kept = lab.snapshot(vm, memory=True)
    lab.revert(vm, kept)
    assert vm.state is VmState.RUNNING
    lab.delete_snapshot(vm, kept)
    within(60, lambda: lab.detach(disk) is disk)
    lab.delete_volume(disk)
    lab.expunge(lab.destroy(vm))
