"""Snapshots of machines: made, gone back to, deleted, and CloudStack's rules about them."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    Conflict,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
    NotFound,
)
from cloudlab.model import Settings, VirtualMachine, VmSnapshot, VmSnapshotState, VmState
from cloudlab.workflows import hosts, machines, snapshots, volumes
from tests.support.clouds import World, build, leaks


def take(world: World, vm: VirtualMachine, name: str = "", *, memory: bool = False) -> VmSnapshot:
    """Return a new snapshot of `vm`."""
    snapshot = world.run(snapshots.create(world.cloud, vm, name, memory=memory))
    assert isinstance(snapshot, VmSnapshot)
    return snapshot


def stopped(world: World) -> VirtualMachine:
    """Return a machine that ran and was stopped."""
    return world.run(machines.stop(world.cloud, world.deploy()))


@pytest.mark.parametrize("memory", [False, True])
def test_a_running_machine_is_kept(world: World, memory: bool) -> None:
    """With its memory or without; it runs on."""
    vm = world.deploy()
    snapshot = take(world, vm, "before", memory=memory)
    assert snapshot.state is VmSnapshotState.READY
    assert snapshot.is_current
    assert world.states(snapshot) == ["Creating", "Ready"]
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_each_stands_on_the_one_before(world: World) -> None:
    """The last taken, or gone back to, is the current one and the parent of the next."""
    vm = stopped(world)
    first, second = take(world, vm), take(world, vm)
    assert (first.name, second.parent) == ("vm-1_VS_1", first)
    world.run(snapshots.revert(world.cloud, first))
    third = take(world, vm)
    assert third.parent is first
    assert [each.is_current for each in (first, second, third)] == [False, False, True]
    world.run(snapshots.delete(world.cloud, first))
    assert (second.parent, third.parent) == (None, None)
    world.run(snapshots.delete(world.cloud, third))
    assert not second.is_current
    assert volumes.snapshots_of(world.cloud, vm) == [second]
    assert leaks(world) == []


def test_the_parent_of_the_current_one_takes_its_place(world: World) -> None:
    """When the current snapshot is deleted, the machine stands on the one before."""
    vm = stopped(world)
    first, second = take(world, vm), take(world, vm)
    world.run(snapshots.delete(world.cloud, second))
    assert first.is_current
    with pytest.raises(NotFound, match="vm snapshot vm-1_VS_2 was removed"):
        world.run(snapshots.revert(world.cloud, second))
    assert leaks(world) == []


def test_a_running_machine_goes_back_with_its_memory(world: World) -> None:
    """It runs on where it is, and never stops in the books."""
    vm = world.deploy()
    snapshot = take(world, vm, memory=True)
    host = vm.host
    assert world.run(snapshots.revert(world.cloud, snapshot)) is vm
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert world.states(snapshot)[-2:] == ["Reverting", "Ready"]
    assert leaks(world) == []


def test_a_stopped_machine_with_memory_gets_a_place_first(world: World) -> None:
    """Capacity, address and NIC are its own again before it runs on."""
    vm = world.deploy()
    snapshot = take(world, vm, memory=True)
    world.run(machines.stop(world.cloud, vm))
    world.wire.log.clear()
    world.run(snapshots.revert(world.cloud, snapshot))
    assert vm.state is VmState.RUNNING
    steps = [step for step, _ in world.wire.log]
    assert steps.index("fabric.plug") < steps.index("hypervisor.revert")
    assert "hypervisor.start" not in steps
    assert leaks(world) == []


def test_no_place_leaves_it_stopped() -> None:
    """A cloud that is full meanwhile: refused, the snapshot is Ready."""
    world = build(hosts_each=1, ram_mib=2048)
    vm = world.deploy()
    snapshot = take(world, vm, memory=True)
    world.run(machines.stop(world.cloud, vm))
    world.cloud.ledger.cancel_reservation(vm)
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    with pytest.raises(InsufficientCapacity, match="no place"):
        world.run(snapshots.revert(world.cloud, snapshot))
    assert (vm.state, snapshot.state) == (VmState.STOPPED, VmSnapshotState.READY)
    assert leaks(world) == []


def test_a_host_that_cannot_go_back_hands_on(world: World) -> None:
    """Another host is tried, as at a start."""
    vm = world.deploy()
    snapshot = take(world, vm, memory=True)
    world.run(machines.stop(world.cloud, vm))
    world.fail("hypervisor.revert", HostFault("no"))
    world.run(snapshots.revert(world.cloud, snapshot))
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_disks_alone_go_back_only_while_it_is_off(world: World) -> None:
    """A running machine is refused, a stopped one stays Stopped."""
    vm = world.deploy()
    snapshot = take(world, vm)
    with pytest.raises(Conflict, match="is of its disks alone; stop it first"):
        world.run(snapshots.revert(world.cloud, snapshot))
    world.run(machines.stop(world.cloud, vm))
    world.run(snapshots.revert(world.cloud, snapshot))
    assert vm.state is VmState.STOPPED
    assert world.run(machines.start(world.cloud, vm)).state is VmState.RUNNING
    assert leaks(world) == []


def test_what_may_not_be_kept_is_refused(world: World) -> None:
    """No memory of what is off, no name twice, no disks that were never made."""
    vm = stopped(world)
    with pytest.raises(InvalidParameter, match="only a Running machine has memory to keep"):
        take(world, vm, memory=True)
    take(world, vm, "once")
    with pytest.raises(InvalidParameter, match="has a snapshot once already"):
        take(world, vm, "once")
    with pytest.raises(Conflict, match="is Allocated; it is made at the first start"):
        take(world, world.deploy(start=False))
    world.run(machines.destroy(world.cloud, vm))
    with pytest.raises(Conflict, match="Destroyed; allowed: Running or Stopped"):
        take(world, vm)
    assert leaks(world) == []


def test_there_are_not_too_many() -> None:
    """`vmsnapshot.max` of each machine."""
    world = build(
        settings=Settings.of({"vmsnapshot.max": 2, "vm.allocation.algorithm": "firstfit"})
    )
    vm = world.deploy()
    take(world, vm)
    take(world, vm)
    with pytest.raises(Conflict, match=r"has 2 snapshots; allowed: 2 \(vmsnapshot.max\)"):
        take(world, vm)
    assert take(world, world.deploy()).state is VmSnapshotState.READY


def test_one_at_a_time(slow_world: World, scale: float) -> None:
    """While one is being made, a second, a change of disks and the like are refused."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = world.deploy()
    world.outside.latency = type(world.outside.latency)("s", {"hypervisor.snapshot": 5 * scale})
    making = engine.spawn(snapshots.create(cloud, vm))
    engine.run(until=engine.now + scale)
    with pytest.raises(Conflict, match="is Creating; try again when that has ended"):
        world.run(snapshots.create(cloud, vm))
    snapshot = engine.run(making)
    assert snapshot.state is VmSnapshotState.READY
    assert leaks(world) == []


@pytest.mark.parametrize("lost", [False, True])
def test_one_that_was_not_made_is_in_error(world: World, lost: bool) -> None:
    """Nothing of it is kept, whether it happened or not; it can be deleted."""
    vm = world.deploy()
    (world.wire.lose if lost else world.fail)("hypervisor.snapshot", DriverFault("no"))
    with pytest.raises(DriverFault):
        take(world, vm, "bad")
    (snapshot,) = volumes.snapshots_of(world.cloud, vm)
    assert (snapshot.state, snapshot.is_current) == (VmSnapshotState.ERROR, False)
    assert not world.outside.snapshots
    world.run(snapshots.delete(world.cloud, snapshot))
    assert volumes.snapshots_of(world.cloud, vm) == []
    assert leaks(world) == []


def test_one_that_is_not_let_go_is_deleted_again(world: World) -> None:
    """It stays Expunging; one lost answer is asked for again."""
    vm = world.deploy()
    snapshot = take(world, vm)
    world.fail("hypervisor.drop_snapshot", DriverFault("no"), times=3)
    with pytest.raises(DriverFault):
        world.run(snapshots.delete(world.cloud, snapshot))
    assert snapshot.state is VmSnapshotState.EXPUNGING
    world.wire.lose("hypervisor.drop_snapshot", DriverFault("lost"))
    world.run(snapshots.delete(world.cloud, snapshot))
    assert snapshot.state is VmSnapshotState.REMOVED
    assert leaks(world) == []


def test_a_revert_that_fails_leaves_the_machine_as_it_is(world: World) -> None:
    """Running where it ran, the snapshot Ready to be tried again."""
    vm = world.deploy()
    snapshot = take(world, vm, memory=True)
    world.fail("hypervisor.revert", DriverFault("no"))
    with pytest.raises(DriverFault):
        world.run(snapshots.revert(world.cloud, snapshot))
    assert (vm.state, snapshot.state) == (VmState.RUNNING, VmSnapshotState.READY)
    assert leaks(world) == []


def test_snapshots_go_with_their_machine(world: World) -> None:
    """Expunged, or lost with the disks where no host reaches them any more."""
    vm = world.deploy()
    take(world, vm)
    take(world, vm, memory=True)
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert len(world.cloud.inventory.vm_snapshots) == 0
    assert leaks(world) == []

    other = stopped(world)
    take(world, other)
    for host in world.hosts:
        world.run(hosts.remove(world.cloud, host))
    world.run(machines.destroy(world.cloud, other, expunge=True))
    assert len(world.cloud.inventory.vm_snapshots) == 0
    assert leaks(world) == []


def test_a_machine_that_is_off_is_kept_by_a_host_in_reach(world: World) -> None:
    """The one of its last run, or else another of the cluster; without any it is refused."""
    vm = stopped(world)
    world.run(hosts.remove(world.cloud, world.hosts[0]))
    assert take(world, vm).state is VmSnapshotState.READY
    for host in world.hosts:
        world.run(hosts.remove(world.cloud, host))
    with pytest.raises(Conflict, match="no host that is Up reaches the disks of vm vm-1"):
        take(world, vm)
    assert leaks(world) == []
