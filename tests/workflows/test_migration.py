"""Live migration: a running machine changes its host and never stops."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    CloudError,
    Conflict,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
    TimedOut,
)
from cloudlab.model import Command, JobStatus, Settings, VmState
from cloudlab.workflows import hosts, machines, migration, pools
from simulator.latency import LatencyProfile
from tests.support.clouds import World, build, leaks


@pytest.mark.book("1.27", "6.22")
def test_a_machine_moves_to_the_host_that_was_named(world: World) -> None:
    """It runs on the target, keeps disk and address, and holds nothing on its old host."""
    vm = world.deploy()
    first, _, third = world.hosts
    ip, pool = vm.nics[0].ip, vm.volumes[0].pool
    world.run(migration.migrate(world.cloud, vm, third))
    assert (vm.state, vm.host, vm.last_host) == (VmState.RUNNING, third, first)
    assert (vm.nics[0].ip, vm.volumes[0].pool) == (ip, pool)
    assert world.states(vm)[2:] == ["Migrating", "Running"]
    assert not world.cloud.ledger.holds(vm, first)
    assert leaks(world) == []


def test_the_planner_chooses_when_no_host_is_named(world: World) -> None:
    """The next fitting host of the cluster, never the one where it runs."""
    vm = world.deploy()
    assert migration.choose(world.cloud, vm) is world.hosts[1]
    world.run(migration.migrate(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_while_it_moves_both_hosts_hold_it(slow_world: World, scale: float) -> None:
    """Capacity is held on both hosts until it has arrived; the NIC is plugged on both."""
    world, engine = slow_world, slow_world.cloud.engine
    vm = world.deploy()
    first, second = world.hosts[:2]
    moving = engine.spawn(migration.migrate(world.cloud, vm, second))
    engine.run(until=engine.now + 3 * scale)
    assert vm.state is VmState.MIGRATING
    ledger = world.cloud.ledger
    assert ledger.holds(vm, first)
    assert ledger.holds(vm, second)
    assert vm.host is first
    assert len(world.outside.plugged) == 2
    engine.run(moving)
    assert not ledger.holds(vm, first)
    assert leaks(world) == []


@pytest.mark.book("6.23")
@pytest.mark.parametrize(
    ("case", "error", "says"),
    [
        ("itself", InvalidParameter, "already runs on host c1-h1"),
        ("other cluster", InvalidParameter, "live migration stays inside a cluster"),
        ("disabled", InvalidParameter, "is Up and Disabled"),
        ("full of guests", InvalidParameter, "takes 0 guests and no more"),
        ("no room", InsufficientCapacity, "free"),
        ("stopped", Conflict, "is Stopped; only a Running machine can migrate"),
        ("local disk", Conflict, "has a disk on local storage and cannot leave host c1-h1"),
    ],
)
def test_what_cannot_move_is_refused(
    engine: object, case: str, error: type[CloudError], says: str
) -> None:
    """The refusal says why, and the machine runs on where it is."""
    world = build(engine, clusters=2)
    cloud, target, offering = world.cloud, world.hosts[1], world.small
    if case == "local disk":
        world.run(pools.create(cloud, world.hosts[0], "local", 10_240))
        offering = world.offering(uses_local_storage=True)
    vm = world.deploy(offering=offering)
    if case == "itself":
        target = world.hosts[0]
    elif case == "other cluster":
        target = world.hosts[3]
    elif case == "disabled":
        world.run(hosts.disable(cloud, target))
    elif case == "full of guests":
        target.max_guests = 0
    elif case == "no room":
        world.deploy(offering=world.offering(ram_mib=8000), host=target)
    elif case == "stopped":
        world.run(machines.stop(cloud, vm))
    job = world.perform(Command.MIGRATE, vm, migration.migrate(cloud, vm, target))
    assert isinstance(job.error, error)
    assert says in job.error_text
    assert vm.state is (VmState.STOPPED if case == "stopped" else VmState.RUNNING)
    assert "Migrating" not in world.states(vm)
    assert leaks(world) == []


def test_without_another_host_it_is_refused() -> None:
    """A cluster of one host moves nothing."""
    world = build(hosts_each=1)
    vm = world.deploy()
    with pytest.raises(InsufficientCapacity):
        world.run(migration.migrate(world.cloud, vm))
    assert leaks(world) == []


STEPS = ["fabric.plug", "hypervisor.migrate"]


@pytest.mark.parametrize("error", [HostFault, DriverFault, TimedOut])
@pytest.mark.parametrize("step", STEPS)
def test_a_migration_that_fails_returns_the_machine(
    world: World, step: str, error: type[CloudError]
) -> None:
    """It runs on where it was, nothing stays on the target, and the administrator is told."""
    vm = world.deploy()
    world.fail(step, error("refused"))
    with pytest.raises(error):
        world.run(migration.migrate(world.cloud, vm))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert world.states(vm)[2:] == ["Migrating", "Running"]
    assert world.alerts() == ["Unable to migrate vm-1 from c1-h1"]
    assert leaks(world) == []


def test_a_machine_that_moved_although_the_answer_was_lost_is_on_the_target(world: World) -> None:
    """The hosts are asked before anything is destroyed, so the machine lives."""
    vm = world.deploy()
    world.wire.lose("hypervisor.migrate", TimedOut("no answer"))
    with pytest.raises(TimedOut):
        world.run(migration.migrate(world.cloud, vm, world.hosts[1]))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[1])
    assert world.outside.running == {vm.id: world.hosts[1].id}
    assert leaks(world) == []


def test_a_machine_that_died_on_the_way_is_stopped(world: World) -> None:
    """When neither host runs it, it is Stopped and can be started again."""
    vm = world.deploy()
    world.outside.faults.plan(
        "hypervisor.migrate",
        DriverFault("guest crashed"),
        hits=lambda vm: world.outside.running.pop(vm.id),  # type: ignore[attr-defined]
    )
    with pytest.raises(DriverFault):
        world.run(migration.migrate(world.cloud, vm))
    assert (vm.state, vm.host, vm.last_host) == (VmState.STOPPED, None, world.hosts[0])
    assert world.alerts() == ["vm-1 stopped while it migrated from c1-h1"]
    assert leaks(world) == []
    world.run(machines.start(world.cloud, vm))
    assert leaks(world) == []


def test_a_machine_whose_host_says_nothing_stays_in_the_books(world: World) -> None:
    """While nobody can say where it is, it is where it was."""
    vm = world.deploy()
    world.fail("hypervisor.migrate", DriverFault("no"))
    world.fail("hypervisor.power_state", HostFault("no answer"), times=6)
    with pytest.raises(DriverFault):
        world.run(migration.migrate(world.cloud, vm))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert leaks(world) == []


@pytest.mark.parametrize("broken", [0, 1])
def test_a_host_that_dies_during_the_move(broken: int) -> None:
    """Whichever of the two hosts dies, the machine is where it was in the books."""
    world = build(latency=LatencyProfile("slow", {"hypervisor.migrate": 10}))
    vm = world.deploy()
    engine = world.cloud.engine
    moving = engine.spawn(migration.migrate(world.cloud, vm, world.hosts[1]))
    engine.run(until=5)
    world.outside.break_host(world.hosts[broken])
    with pytest.raises(HostFault):
        engine.run(moving)
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert leaks(world) == []


@pytest.mark.book("6.26")
def test_migratewait_ends_what_takes_too_long() -> None:
    """After `migratewait` the migration is given up and the machine runs on where it was."""
    settings = {"vm.allocation.algorithm": "firstfit", "migratewait": 60}
    latency = LatencyProfile("slow", {"hypervisor.migrate": 61})
    world = build(latency=latency, settings=Settings.of(settings))
    vm = world.deploy()
    with pytest.raises(TimedOut, match="longer than 60 s"):
        world.run(migration.migrate(world.cloud, vm))
    assert world.cloud.now == 60
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert leaks(world) == []


def test_what_cannot_be_cleared_on_the_old_host_is_told(world: World) -> None:
    """The machine has arrived whatever happens on its old host."""
    vm = world.deploy()
    world.fail("fabric.unplug", DriverFault("switch is busy"), times=3)
    world.run(migration.migrate(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert world.alerts() == ["Unable to clean up after vm vm-1"]


def test_hosts_are_listed_with_whether_the_machine_fits(world: World) -> None:
    """All other hosts of the cluster, whether or not they would take it."""
    vm = world.deploy()
    second, third = world.hosts[1:]
    assert migration.suitable(world.cloud, vm) == [(second, True), (third, True)]
    world.run(hosts.disable(world.cloud, second))
    third.max_guests = 0
    assert migration.suitable(world.cloud, vm) == [(second, False), (third, False)]


def test_a_migration_is_a_job(world: World) -> None:
    """Its result is the machine, and two events tell of it."""
    vm = world.deploy()
    job = world.perform(Command.MIGRATE, vm, migration.migrate(world.cloud, vm))
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, vm)
    assert world.events("VM.MIGRATE") == [("Started", "INFO"), ("Completed", "INFO")]
