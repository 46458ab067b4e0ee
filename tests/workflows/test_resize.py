"""A volume gets another size: larger while its machine runs, smaller only if asked for."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, DriverFault, InsufficientCapacity, InvalidParameter
from cloudlab.model import DiskOffering, VolumeState
from cloudlab.workflows import machines, volumes
from tests.support.clouds import World, build, leaks


def custom(world: World) -> DiskOffering:
    """Return a disk offering of which users give the size."""
    return world.cloud.inventory.disk_offerings.add(DiskOffering(name="custom", size_mib=None))


def test_a_disk_grows_under_a_running_machine(world: World) -> None:
    """Storage and books know the new size; it was Resizing meanwhile."""
    vm = world.deploy()
    root = vm.volumes[0]
    before = world.cloud.ledger.pool_allocated[0]
    assert world.run(volumes.resize(world.cloud, root, 3072)) is root
    assert (root.size_mib, root.state) == (3072, VolumeState.READY)
    assert world.cloud.ledger.pool_allocated[0] == before + 1024
    assert world.states(root)[-2:] == ["Resizing", "Ready"]
    assert leaks(world) == []


def test_a_disk_shrinks_only_if_asked_for_and_unused(world: World) -> None:
    """What lies at its end would be lost: twice refused, then done."""
    vm = world.deploy()
    root = vm.volumes[0]
    with pytest.raises(InvalidParameter, match=r"from 2 GiB to 1 GiB would lose .* shrink=True"):
        world.run(volumes.resize(world.cloud, root, 1024))
    with pytest.raises(Conflict, match="is Running; stop it before it shrinks"):
        world.run(volumes.resize(world.cloud, root, 1024, shrink=True))
    world.run(machines.stop(world.cloud, vm))
    world.run(volumes.resize(world.cloud, root, 1024, shrink=True))
    assert root.size_mib == 1024
    assert leaks(world) == []


def test_the_offering_decides_who_gives_the_size(world: World) -> None:
    """A disk of a fixed offering grows by another offering, and says so."""
    vm = world.deploy(disk=world.disk)
    data, cloud = vm.volumes[1], world.cloud
    large = cloud.inventory.disk_offerings.add(DiskOffering(name="large", size_mib=9000))
    ssd = cloud.inventory.disk_offerings.add(
        DiskOffering(name="ssd", size_mib=9000, storage_tags=frozenset({"ssd"}))
    )
    for size, offering, why in (
        (8192, None, "disk offering disk is 4096 MiB, no other"),
        (8192, large, "disk offering large is 9000 MiB, no other"),
        (None, custom(world), "needs a size"),
        (None, ssd, "asks for the tags ssd; pool c1-pool lacks some"),
    ):
        with pytest.raises(InvalidParameter, match=why):
            world.run(volumes.resize(cloud, data, size, offering=offering))
    with pytest.raises(InvalidParameter, match="ROOT volume; it has no disk offering"):
        world.run(volumes.resize(cloud, vm.volumes[0], offering=large))
    world.run(volumes.resize(cloud, data, offering=large))
    assert (data.size_mib, data.offering) == (9000, large)
    world.fail("blocks.resize", DriverFault("no"), times=3)
    huge = cloud.inventory.disk_offerings.add(DiskOffering(name="huge", size_mib=9500))
    with pytest.raises(DriverFault):
        world.run(volumes.resize(cloud, data, offering=huge))
    assert (data.size_mib, data.offering) == (9000, large)
    assert leaks(world) == []


@pytest.mark.parametrize("size", [None, 0, 512, 2_000_000])
def test_a_size_out_of_range_is_refused(world: World, size: int | None) -> None:
    """From the smallest to the largest that is allowed."""
    root = world.deploy().volumes[0]
    with pytest.raises(InvalidParameter, match=r"needs a size|allowed: 1 to 1024 GiB"):
        world.run(volumes.resize(world.cloud, root, size, shrink=True))
    assert root.size_mib == 2048


def test_a_full_pool_gives_no_more() -> None:
    """The books say the old size, and the volume is Ready."""
    world = build(pool_mib=6000)
    root = world.deploy().volumes[0]
    with pytest.raises(InsufficientCapacity, match="needed are 5 GiB"):
        world.run(volumes.resize(world.cloud, root, 5120))
    assert (root.size_mib, root.state) == (2048, VolumeState.READY)
    assert leaks(world) == []


def test_a_lost_answer_is_asked_for_again(world: World) -> None:
    """The size is what was asked for; after three failures it is the old one."""
    root = world.deploy().volumes[0]
    world.wire.lose("blocks.resize", DriverFault("lost"))
    world.run(volumes.resize(world.cloud, root, 4096))
    assert root.size_mib == 4096
    world.fail("blocks.resize", DriverFault("no"), times=3)
    with pytest.raises(DriverFault):
        world.run(volumes.resize(world.cloud, root, 5120))
    assert (root.size_mib, root.state) == (4096, VolumeState.READY)
    assert leaks(world) == []


def test_a_volume_that_was_never_built_only_changes_its_record(world: World) -> None:
    """It is made with the new size when it is attached."""
    cloud = world.cloud
    work = volumes.create_volume(
        cloud, cloud.admin, world.zone, "data", custom(world), size_mib=2048
    )
    volume = world.run(work)
    world.run(volumes.resize(cloud, volume, 4096))
    assert world.wire.count("blocks.resize") == 0
    world.run(volumes.attach(cloud, volume, world.deploy()))
    assert world.outside.sizes[volume.id, world.pools[0].id] == 4096
    assert leaks(world) == []
