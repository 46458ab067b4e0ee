"""A disk comes from a file of one's own, or goes to one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudlab.errors import Conflict, DriverFault, InsufficientCapacity, InvalidParameter
from cloudlab.model import PoolScope, PoolState, VolumeState
from cloudlab.workflows import machines, pools, volumes
from tests.support.clouds import World, leaks

FILE = Path("data.qcow2")


def upload(world: World, **options: Any) -> Any:
    """Upload a file as a volume of 4 GiB."""
    cloud = world.cloud
    return world.run(
        volumes.upload(cloud, cloud.admin, world.zone, "data", world.disk, path=FILE, **options)
    )


def test_an_uploaded_volume_is_built_and_belongs_to_nobody(world: World) -> None:
    """Its space is taken, and it can be attached."""
    vm = world.deploy()
    before = world.cloud.ledger.pool_allocated[0]
    data = upload(world)
    assert (data.state, data.vm, data.pool) == (VolumeState.READY, None, world.pools[0])
    assert world.cloud.ledger.pool_allocated[0] == before + 4096
    assert world.states(data) == ["Creating", "Ready"]
    world.run(volumes.attach(world.cloud, data, vm))
    assert leaks(world) == []


def test_it_goes_where_most_room_is(world: World) -> None:
    """On a pool that hosts share and that is Up; or where it is told to."""
    first = world.pools[0]
    work = pools.create(world.cloud, world.clusters[0], "large", 2_000_000, overprovisioning=1.0)
    large = world.run(work)
    assert upload(world).pool is large
    assert upload(world, pool=first).pool is first
    large.state = PoolState.DISABLED
    assert upload(world).pool is first
    large.state, large.scope = PoolState.UP, PoolScope.HOST
    large.host = world.hosts[0]
    assert upload(world).pool is first


def test_a_pool_that_does_not_take_it_is_refused(world: World) -> None:
    """The message says what it has and what is needed; there is no volume."""
    tiny = world.run(pools.create(world.cloud, world.clusters[0], "tiny", 1024))
    with pytest.raises(InvalidParameter, match=r"pool tiny is Up and has room for .* needs 4 GiB"):
        upload(world, pool=tiny)
    for pool in world.pools:
        pool.state = PoolState.DISABLED
    with pytest.raises(InsufficientCapacity, match=r"no shared pool of zone .* of 4 GiB"):
        upload(world)
    assert len(world.cloud.inventory.volumes) == 0
    assert leaks(world) == []


def test_what_cannot_be_uploaded_is_no_volume(world: World) -> None:
    """The space is free again, and nothing lies on the pool."""
    ports = world.cloud.ports
    refusing = type("Refusing", (), {"upload": staticmethod(refuse)})()
    refusing.create, refusing.delete = ports.blocks.create, ports.blocks.delete
    world.cloud.ports = replace(ports, blocks=refusing)
    with pytest.raises(DriverFault, match="is no qcow2 image"):
        upload(world)
    assert len(world.cloud.inventory.volumes) == 0
    assert world.outside.disks == set()
    assert leaks(world) == []


async def refuse(*_: object) -> None:
    """Be a storage that does not like the file."""
    raise DriverFault("data.qcow2 is no qcow2 image")


def test_a_volume_in_use_or_never_built_is_not_downloaded(world: World) -> None:
    """A machine would write to it meanwhile; nothing is in the other."""
    vm = world.deploy()
    with pytest.raises(Conflict, match=r"vm .* is Running; stop it before volume ROOT-1"):
        world.run(volumes.download(world.cloud, vm.volumes[0], FILE))
    cloud = world.cloud
    work = volumes.create_volume(cloud, cloud.admin, world.zone, "new", world.disk)
    with pytest.raises(Conflict, match="volume new is Allocated; allowed: Ready"):
        world.run(volumes.download(cloud, world.run(work), FILE))
    world.run(machines.stop(cloud, vm))
    world.pools[0].state = PoolState.MAINTENANCE
    with pytest.raises(Conflict, match="which is in Maintenance"):
        world.run(volumes.download(cloud, vm.volumes[0], FILE))


def test_a_simulated_volume_holds_nothing_to_download(world: World) -> None:
    """The message says where it can be done."""
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(InvalidParameter, match=r"ROOT-1 is simulated: .* on real hosts it can"):
        world.run(volumes.download(world.cloud, vm.volumes[0], FILE))
