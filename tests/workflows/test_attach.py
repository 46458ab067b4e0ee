"""Data volumes: made by themselves, given to machines on the fly, taken off, moved, deleted."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    CloudError,
    Conflict,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
    NotFound,
)
from cloudlab.model import (
    Command,
    DiskOffering,
    PoolState,
    StoragePool,
    VirtualMachine,
    Volume,
    VolumeState,
)
from cloudlab.workflows import hosts, machines, pools, snapshots, volumes
from cloudlab.workflows.console import console
from tests.support.clouds import World, build, leaks


def made(world: World, name: str = "data", **more: object) -> Volume:
    """Return a data volume of the administrator that belongs to no machine."""
    owner = more.pop("account", world.cloud.admin)
    work = volumes.create_volume(world.cloud, owner, world.zone, name, world.disk, **more)
    volume = world.run(work)
    assert isinstance(volume, Volume)
    return volume


def customized(world: World) -> DiskOffering:
    """Return a disk offering of which users give the size."""
    return world.cloud.inventory.disk_offerings.add(DiskOffering(name="custom", size_mib=None))


def attach(world: World, volume: Volume, vm: VirtualMachine) -> Volume:
    """Attach `volume` to `vm` and return it."""
    return world.run(volumes.attach(world.cloud, volume, vm))


def second_pool(world: World, **more: object) -> StoragePool:
    """Return another pool of the first cluster."""
    return world.run(pools.create(world.cloud, world.clusters[0], "second", 100_000, **more))


def test_a_new_volume_takes_no_space(world: World) -> None:
    """It is Allocated and on no pool until it is attached first."""
    volume = made(world)
    assert (volume.state, volume.pool, volume.vm) == (VolumeState.ALLOCATED, None, None)
    assert world.cloud.ledger.allocations() == {}
    assert made(world, "").name == "DISK-2"
    assert leaks(world) == []


@pytest.mark.parametrize("size_mib", [None, 1023, 1024 * 1024 + 1])
def test_a_size_out_of_range_is_refused(world: World, size_mib: int | None) -> None:
    """A customized disk needs a size, from the smallest to the largest that is allowed."""
    work = volumes.create_volume(
        world.cloud, world.cloud.admin, world.zone, "x", customized(world), size_mib=size_mib
    )
    with pytest.raises(InvalidParameter, match=r"needs a size|allowed: 1 to 1024 GiB"):
        world.run(work)
    assert len(world.cloud.inventory.volumes) == 0


def test_a_running_machine_sees_a_new_disk_at_once(world: World) -> None:
    """It is built where the machine runs and plugged in; the next device is taken."""
    vm, volume = world.deploy(), made(world)
    assert attach(world, volume, vm) is volume
    assert (volume.state, volume.pool) == (VolumeState.READY, world.pools[0])
    assert (volume.vm, volume.device_id) == (vm, 1)
    assert world.outside.attached[vm.id] == {vm.volumes[0].id, volume.id}
    assert leaks(world) == []


def test_a_disk_of_a_stopped_machine_is_there_when_it_starts(world: World) -> None:
    """Nothing is plugged while it is off."""
    vm, volume = world.deploy(), made(world)
    world.run(machines.stop(world.cloud, vm))
    attach(world, volume, vm)
    assert volume.state is VolumeState.READY
    assert world.wire.count("hypervisor.attach") == 0
    world.run(machines.start(world.cloud, vm))
    assert volume.id in world.outside.attached[vm.id]
    assert leaks(world) == []


def test_a_disk_of_a_machine_that_never_ran_is_built_with_it(world: World) -> None:
    """Where nothing decides the cluster yet, the first start does."""
    vm, volume = world.deploy(start=False), made(world)
    attach(world, volume, vm)
    assert (volume.state, volume.pool) == (VolumeState.ALLOCATED, None)
    world.run(machines.start(world.cloud, vm))
    assert volume.state is VolumeState.READY
    assert leaks(world) == []


def test_devices_are_taken_in_order_and_freed(world: World) -> None:
    """The lowest free one, 3 left to the CD; six data volumes and no more."""
    vm = world.deploy()
    disks = [attach(world, made(world), vm) for _ in range(volumes.MAX_DATA_VOLUMES)]
    assert [each.device_id for each in disks] == [1, 2, 4, 5, 6, 7]
    with pytest.raises(Conflict, match="has 6 data volumes; allowed: 6"):
        attach(world, made(world), vm)
    world.run(volumes.detach(world.cloud, disks[1]))
    assert attach(world, made(world), vm).device_id == 2
    assert [each.device_id for each in vm.volumes] == [0, 1, 2, 4, 5, 6, 7]
    assert leaks(world) == []


def test_a_detached_volume_keeps_its_data_for_another_machine(world: World) -> None:
    """It is Ready on its pool and belongs to nobody, then to another."""
    first, other, volume = world.deploy(), world.deploy(), made(world)
    attach(world, volume, first)
    assert world.run(volumes.detach(world.cloud, volume)) is volume
    assert (volume.state, volume.vm, volume.device_id) == (VolumeState.READY, None, None)
    assert volume.id not in world.outside.attached[first.id]
    attach(world, volume, other)
    assert volume.id in world.outside.attached[other.id]
    assert world.wire.count("blocks.create") == 3
    assert leaks(world) == []


def test_what_may_not_be_attached_is_refused(world: World) -> None:
    """Root disks, what somebody has, what is another's; each refusal names both sides."""
    vm, volume = world.deploy(), made(world)
    with pytest.raises(InvalidParameter, match="ROOT volume; allowed: DATADISK"):
        attach(world, vm.volumes[0], vm)
    attach(world, volume, vm)
    with pytest.raises(Conflict, match="belongs to vm vm-1 meanwhile"):
        attach(world, volume, vm)
    with pytest.raises(InvalidParameter, match="account tenant, vm vm-1 of account admin"):
        attach(world, made(world, account=world.tenant), vm)
    with pytest.raises(InvalidParameter, match="ROOT volume; allowed: DATADISK"):
        world.run(volumes.detach(world.cloud, vm.volumes[0]))
    with pytest.raises(Conflict, match="belongs to no machine"):
        world.run(volumes.detach(world.cloud, made(world)))
    world.run(machines.destroy(world.cloud, vm))
    with pytest.raises(Conflict, match="Destroyed; allowed: Running or Stopped"):
        attach(world, made(world), vm)
    assert leaks(world) == []


def test_no_pool_with_room_is_a_refusal_with_numbers() -> None:
    """The message names the pool with most room; nothing changed."""
    world = build(pool_mib=6000)
    vm, volume = world.deploy(), made(world)
    with pytest.raises(InsufficientCapacity, match=r"reaches has 4 GiB .* the most is .* c1-pool"):
        attach(world, volume, vm)
    assert (volume.vm, volume.state) == (None, VolumeState.ALLOCATED)
    assert leaks(world) == []


def test_a_volume_out_of_reach_is_not_attached() -> None:
    """A pool of another cluster: the message says what to do."""
    world = build(clusters=2)
    first = world.deploy(host=world.hosts[0])
    other = world.deploy(host=world.hosts[3])
    volume = attach(world, made(world), first)
    world.run(volumes.detach(world.cloud, volume))
    with pytest.raises(Conflict, match="does not reach volume data on pool c1-pool"):
        attach(world, volume, other)
    world.run(machines.stop(world.cloud, other))
    with pytest.raises(Conflict, match="no host that is Up reaches volume data"):
        attach(world, volume, other)
    world.run(volumes.migrate(world.cloud, volume, world.pools[1]))
    attach(world, volume, other)
    assert volume.pool is world.pools[1]
    assert leaks(world) == []


def test_storage_out_of_service_is_left_alone(world: World) -> None:
    """A volume on a pool in maintenance is neither attached nor moved nor resized."""
    vm, volume = world.deploy(), made(world)
    attach(world, volume, vm)
    world.run(volumes.detach(world.cloud, volume))
    world.run(pools.enter_maintenance(world.cloud, world.pools[0]))
    assert world.pools[0].state is PoolState.MAINTENANCE
    for work in (
        volumes.attach(world.cloud, volume, vm),
        volumes.migrate(world.cloud, volume, second_pool(world)),
        volumes.resize(world.cloud, volume, offering=customized(world), size_mib=8192),
    ):
        with pytest.raises(Conflict, match="c1-pool, which is in Maintenance"):
            world.run(work)
    assert leaks(world) == []


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("step", ["blocks.create", "hypervisor.attach"])
def test_an_attachment_that_fails_leaves_nothing(world: World, step: str, lost: bool) -> None:
    """Whether it happened or not, the volume belongs to nobody and can be attached again."""
    vm, volume = world.deploy(), made(world)
    (world.wire.lose if lost else world.fail)(step, DriverFault("no"))
    with pytest.raises(DriverFault):
        attach(world, volume, vm)
    assert volume.vm is None
    assert leaks(world) == []
    attach(world, volume, vm)
    assert leaks(world) == []


def test_a_disk_that_may_still_be_plugged_stays_the_machines(world: World) -> None:
    """Nobody else may write to it: the administrator is told, and detaching it again helps."""
    vm, volume = world.deploy(), made(world)
    world.wire.lose("hypervisor.attach", DriverFault("lost"))
    world.fail("hypervisor.detach", HostFault("no"), times=3)
    with pytest.raises(DriverFault):
        attach(world, volume, vm)
    assert volume.vm is vm
    assert world.alerts() == ["Unable to clean up after volume data"]
    world.run(volumes.detach(world.cloud, volume))
    assert volume.vm is None
    assert volume.id not in world.outside.attached[vm.id]
    assert leaks(world) == []


def test_a_disk_that_is_not_let_go_stays_attached(world: World) -> None:
    """A detachment that fails for good changes nothing; a lost answer is asked again."""
    vm = world.deploy()
    volume = attach(world, made(world), vm)
    world.fail("hypervisor.detach", DriverFault("busy"), times=3)
    with pytest.raises(DriverFault):
        world.run(volumes.detach(world.cloud, volume))
    assert volume.vm is vm
    assert leaks(world) == []
    world.wire.lose("hypervisor.detach", DriverFault("lost"))
    world.run(volumes.detach(world.cloud, volume))
    assert volume.vm is None
    assert leaks(world) == []


def test_a_volume_is_deleted_when_nobody_has_it(world: World) -> None:
    """Record, disk and space go; an attached one is refused, one that was never built just goes."""
    vm = world.deploy()
    volume = attach(world, made(world), vm)
    with pytest.raises(Conflict, match="detach it first"):
        world.run(volumes.delete(world.cloud, volume))
    world.run(volumes.detach(world.cloud, volume))
    before = len(world.cloud.ledger.allocations())
    world.run(volumes.delete(world.cloud, volume))
    assert volume.state is VolumeState.EXPUNGED
    assert len(world.cloud.ledger.allocations()) == before - 1
    with pytest.raises(NotFound):
        world.run(volumes.delete(world.cloud, volume))
    world.run(volumes.delete(world.cloud, made(world)))
    assert list(world.cloud.inventory.volumes) == vm.volumes
    assert leaks(world) == []


def test_data_disks_outlive_their_machine(world: World) -> None:
    """Expunging a machine lets its data volumes go, whole."""
    vm = world.deploy()
    volume = attach(world, made(world), vm)
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert (volume.state, volume.vm) == (VolumeState.READY, None)
    assert leaks(world) == []


def test_jobs_and_events_tell_of_it(world: World) -> None:
    """Each verb writes the events of CloudStack's type."""
    vm, volume = world.deploy(), made(world)
    cloud = world.cloud
    for command, work in (
        (Command.ATTACH_VOLUME, volumes.attach(cloud, volume, vm)),
        (Command.DETACH_VOLUME, volumes.detach(cloud, volume)),
    ):
        world.perform(command, volume, work)
        assert world.events(command.event_type) == [("Started", "INFO"), ("Completed", "INFO")]


def test_a_volume_moves_to_another_pool(world: World) -> None:
    """Detached, or of a stopped machine: copied, then removed where it was."""
    vm, target = world.deploy(), second_pool(world)
    volume = attach(world, made(world), vm)
    with pytest.raises(Conflict, match="is Running; stop it before its volumes move"):
        world.run(volumes.migrate(world.cloud, volume, target))
    world.run(machines.stop(world.cloud, vm))
    world.run(volumes.migrate(world.cloud, volume, target))
    assert (volume.pool, volume.last_pool) == (target, world.pools[0])
    assert world.states(volume)[-2:] == ["Migrating", "Ready"]
    world.run(volumes.migrate(world.cloud, vm.volumes[0], target))
    world.run(machines.start(world.cloud, vm))
    assert leaks(world) == []


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("step", ["blocks.copy", "blocks.delete"])
def test_a_move_that_fails_leaves_one_copy(world: World, step: str, lost: bool) -> None:
    """Before the copy is whole it stays where it was, afterwards there is no way back."""
    vm, target = world.deploy(), second_pool(world)
    volume = attach(world, made(world), vm)
    world.run(volumes.detach(world.cloud, volume))
    (world.wire.lose if lost else world.fail)(step, DriverFault("no"))
    if step == "blocks.copy":
        with pytest.raises(DriverFault):
            world.run(volumes.migrate(world.cloud, volume, target))
    else:
        world.run(volumes.migrate(world.cloud, volume, target))
    assert volume.pool is (world.pools[0] if step == "blocks.copy" else target)
    assert volume.state is VolumeState.READY
    assert leaks(world) == []


def test_a_pool_that_will_not_do_is_refused() -> None:
    """Its own, another cluster's, one without the tags or the room, a local one."""
    world = build(clusters=2)
    vm = world.deploy(host=world.hosts[0])
    volume = attach(world, made(world), vm)
    world.run(machines.stop(world.cloud, vm))
    local = world.run(pools.create(world.cloud, world.hosts[0], "local", 100_000))
    small = world.run(pools.create(world.cloud, world.clusters[0], "small", 1000))
    volume.tags = frozenset({"ssd"})
    tagged = second_pool(world, tags=frozenset({"ssd"}))
    for target, why in (
        (world.pools[0], "is on pool c1-pool already"),
        (world.pools[1], "no host would reach volume data on pool c2-pool and volume ROOT-1"),
        (local, "between pools that hosts share"),
        (small, "needs one that is Up with tags ssd"),
    ):
        with pytest.raises(InvalidParameter, match=why):
            world.run(volumes.migrate(world.cloud, volume, target))
    world.run(volumes.migrate(world.cloud, volume, tagged))
    volume.tags = frozenset()
    with pytest.raises(InvalidParameter, match="small has no room for 4 GiB"):
        world.run(volumes.migrate(world.cloud, volume, small))
    with pytest.raises(Conflict, match="gets a pool when it is attached first"):
        world.run(volumes.migrate(world.cloud, made(world), small))
    assert leaks(world) == []


def test_a_machine_with_snapshots_keeps_its_disks_as_they_are(world: World) -> None:
    """Nothing is attached, detached, resized or moved before they are deleted."""
    vm, cloud = world.deploy(), world.cloud
    volume, other = attach(world, made(world), vm), made(world)
    target = second_pool(world)
    world.run(machines.stop(cloud, vm))
    snapshot = world.run(snapshots.create(cloud, vm, "before"))
    refused = [
        lambda: volumes.attach(cloud, other, vm),
        lambda: volumes.detach(cloud, volume),
        lambda: volumes.resize(cloud, vm.volumes[0], 4096),
        lambda: volumes.migrate(cloud, volume, target),
    ]
    for work in refused:
        with pytest.raises(Conflict, match="has the snapshots before: delete them before"):
            world.run(work())
    world.run(snapshots.delete(cloud, snapshot))
    for work in refused:
        world.run(work())
    assert leaks(world) == []


def test_only_what_runs_has_a_screen(world: World) -> None:
    """The address is the host's; a stopped machine is refused."""
    vm = world.deploy()
    assert world.run(console(world.cloud, vm)).startswith("vnc://")
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(Conflict, match="only a Running machine has a screen"):
        world.run(console(world.cloud, vm))


def test_a_host_that_dies_while_a_disk_is_plugged_in(slow_world: World, scale: float) -> None:
    """The attachment fails, and the volume belongs to nobody."""
    world, engine = slow_world, slow_world.cloud.engine
    vm, volume = world.deploy(), made(slow_world)
    attaching = engine.spawn(volumes.attach(world.cloud, volume, vm))
    engine.run(until=engine.now + 1 * scale)
    world.outside.break_host(world.hosts[0])
    with pytest.raises(CloudError):
        engine.run(attaching)
    assert volume.vm is None
    world.run(hosts.remove(world.cloud, world.hosts[2]))
    assert leaks(world) == []
