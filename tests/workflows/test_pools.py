"""Primary storage: created, switched on and off, removed."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    CloudError,
    Conflict,
    DriverFault,
    HostFault,
    IllegalMove,
    InsufficientCapacity,
    InvalidParameter,
    TimedOut,
)
from cloudlab.model import (
    Cluster,
    Command,
    DiskOffering,
    JobStatus,
    PoolScope,
    PoolState,
    PoolType,
    Settings,
    StoragePool,
    VolumeState,
)
from cloudlab.workflows import machines, pools
from tests.support.clouds import World, build, leaks


def add_pool(world: World, name: str = "more", size: int = 10_240, **more: object) -> StoragePool:
    """Return a new pool of the first cluster, or of `where`."""
    where = more.pop("where", world.clusters[0])
    assert isinstance(where, Cluster) or hasattr(where, "kind")
    pool = world.run(pools.create(world.cloud, where, name, size, **more))
    assert isinstance(pool, StoragePool)
    return pool


@pytest.mark.book("1.32")
def test_every_host_of_the_cluster_mounts_a_new_pool(world: World) -> None:
    """Creating a pool makes each host of its cluster reach it."""
    pool = add_pool(world)
    assert pool.state is PoolState.UP
    assert pool.scope is PoolScope.CLUSTER
    assert {host for each, host in world.outside.mounted if each == pool.id} == {1, 2, 3}
    assert leaks(world) == []


def test_a_zone_wide_pool_is_for_every_cluster() -> None:
    """Hosts of all clusters reach a pool of the zone, and machines everywhere use it."""
    world = build(clusters=2, hosts_each=1)
    pool = add_pool(world, where=world.zone)
    assert pool.cluster is None
    assert {host for each, host in world.outside.mounted if each == pool.id} == {1, 2}
    for own in world.pools[:2]:
        world.run(pools.disable(world.cloud, own))
    vms = [world.deploy(host=host) for host in world.hosts]
    assert [vm.volumes[0].pool for vm in vms] == [pool, pool]
    assert leaks(world) == []


@pytest.mark.book("1.43", "5.13")
@pytest.mark.parametrize(
    ("kind", "factor"), [(PoolType.NFS, 3.0), (PoolType.ISCSI_LUN, 1.0), (PoolType.RBD, 1.0)]
)
def test_the_over_provisioning_setting_is_for_nfs(kind: PoolType, factor: float) -> None:
    """`storage.overprovisioning.factor` holds for NFS; other pools must be told."""
    world = build(settings=Settings.of({"storage.overprovisioning.factor": 3.0}))
    pool = add_pool(world, kind=kind)
    assert pool.overprovisioning == factor
    assert world.cloud.ledger.pool_total[pool.row] == factor * 10_240
    assert add_pool(world, "told", kind=kind, overprovisioning=1.5).overprovisioning == 1.5


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "c1-pool"}, "already a pool c1-pool in zone z1"),
        ({"size": 0}, "capacity is 0 MiB; allowed: 1 or more"),
        ({"overprovisioning": 0.5}, "over-provisioning is 0.5; allowed: 1 or more"),
        ({"disable_threshold": 0.0}, "the threshold is 0.0; allowed: more than 0"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(world: World, fields: dict, says: str) -> None:
    """The refusal names the field, its value and what is allowed."""
    with pytest.raises(InvalidParameter, match=says):
        add_pool(world, **fields)
    assert len(world.pools) == len(world.clusters[0].pools) == len(world.cloud.ledger.pools) == 1


@pytest.mark.parametrize("error", [HostFault, DriverFault, TimedOut])
@pytest.mark.parametrize("lost", [False, True])
def test_a_pool_that_a_host_cannot_reach_is_not_added(
    world: World, error: type[CloudError], lost: bool
) -> None:
    """When the second host fails, the first forgets the pool again."""
    world.outside.faults.plan(
        "blocks.attach_pool",
        error("refused"),
        hits=lambda _: world.wire.count("blocks.attach_pool"),
    )
    if lost:
        world.outside.faults.clear()
        world.wire.lose("blocks.attach_pool", error("no answer"))
    with pytest.raises(error):
        add_pool(world)
    assert len(world.pools) == 1
    assert leaks(world) == []


def test_pools_of_one_name_are_not_added_side_by_side(slow_world: World) -> None:
    """Whoever comes second waits, and finds the name taken."""
    world, engine = slow_world, slow_world.cloud.engine
    works = [
        engine.spawn(pools.create(world.cloud, world.clusters[0], "twin", 1024), f"adding {number}")
        for number in (1, 2)
    ]
    engine.run(works[0])
    with pytest.raises(InvalidParameter, match="already a pool twin"):
        engine.run(works[1])
    assert leaks(world) == []


def test_a_disabled_pool_keeps_its_volumes_and_gets_no_more(world: World) -> None:
    """Machines with disks on it go on, and may start; new ones find no storage."""
    (pool,) = world.pools
    vm = world.deploy()
    world.run(pools.disable(world.cloud, pool))
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(machines.start(world.cloud, vm))
    world.run(pools.enable(world.cloud, pool))
    assert world.deploy().volumes[0].pool is pool
    assert leaks(world) == []


def test_a_pool_is_enabled_once(world: World) -> None:
    """Enabling what is Up is refused by the transition table."""
    with pytest.raises(IllegalMove, match="from Up via Enable"):
        world.run(pools.enable(world.cloud, world.pools[0]))


@pytest.mark.book("3.29", "5.18")
def test_without_a_pool_of_all_its_tags_a_machine_is_refused(world: World) -> None:
    """Every tag of the offering must be on the pool."""
    add_pool(world, tags=frozenset({"fast"}))
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy(offering=world.offering(storage_tags=frozenset({"fast", "safe"})))
    both = add_pool(world, "both", tags=frozenset({"fast", "safe", "near"}))
    vm = world.deploy(offering=world.offering(storage_tags=frozenset({"fast", "safe"})))
    assert vm.volumes[0].pool is both


@pytest.mark.book("5.14")
def test_a_pool_is_added_when_others_are_full() -> None:
    """A cluster that lacks storage takes machines again once it has another pool."""
    world = build(pool_mib=6144)
    world.deploy()
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy(root_size_mib=4096)
    pool = add_pool(world, kind=PoolType.ISCSI_LUN)
    assert world.deploy(root_size_mib=4096).volumes[0].pool is pool
    assert leaks(world) == []


def test_a_pool_is_removed_from_maintenance_without_volumes(world: World) -> None:
    """Only a pool in Maintenance that holds no volume goes, with its copies of templates."""
    (pool,) = world.pools
    vm = world.deploy()
    with pytest.raises(IllegalMove, match="from Up via Remove"):
        world.run(pools.remove(world.cloud, pool))
    world.run(pools.enter_maintenance(world.cloud, pool))
    with pytest.raises(Conflict, match="still holds 1 volumes"):
        world.run(pools.remove(world.cloud, pool))
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert world.outside.images == {(world.template.id, pool.id)}
    world.run(pools.remove(world.cloud, pool))
    assert pool.state is PoolState.REMOVED
    assert not world.outside.images
    assert not world.template.copies
    assert leaks(world) == []
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy()


def test_a_pool_whose_copies_cannot_be_removed_stays(world: World) -> None:
    """The pool stays in Maintenance and can be removed later."""
    (pool,) = world.pools
    world.run(machines.destroy(world.cloud, world.deploy(), expunge=True))
    world.run(pools.enter_maintenance(world.cloud, pool))
    world.fail("images.evict", DriverFault("busy"), times=3)
    with pytest.raises(DriverFault):
        world.run(pools.remove(world.cloud, pool))
    assert pool.state is PoolState.MAINTENANCE
    assert leaks(world) == []
    world.run(pools.remove(world.cloud, pool))
    assert leaks(world) == []


def test_creating_a_pool_is_a_job(world: World) -> None:
    """The job ends with the pool, and events tell of it."""
    work = pools.create(world.cloud, world.clusters[0], "ps", 1024)
    job = world.perform(Command.CREATE_POOL, "pool ps", work)
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, world.pools[-1])
    assert world.events("POOL.CREATE") == [("Started", "INFO"), ("Completed", "INFO")]


@pytest.mark.book("6.13")
@pytest.mark.parametrize("local", [False, True])
def test_a_data_disk_is_shared_or_local_as_its_offering_says(world: World, local: bool) -> None:
    """A disk of a local offering is on the machine's host, others on storage of the cluster."""
    for host in world.hosts:
        add_pool(world, f"local-{host.name}", where=host)
    disk = DiskOffering(name="other", size_mib=1024, uses_local_storage=local)
    world.cloud.inventory.disk_offerings.add(disk)
    vm = world.deploy(disk=disk)
    root, data = vm.volumes
    assert root.pool is world.pools[0]
    assert data.state is VolumeState.READY
    assert data.pool is not None
    assert data.pool.host is (vm.host if local else None)
    assert leaks(world) == []
