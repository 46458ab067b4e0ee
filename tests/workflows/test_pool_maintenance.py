"""A pool is taken out of service with the machines that use it, and put back."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, DriverFault, HostFault, IllegalMove
from cloudlab.model import Command, JobStatus, PoolState, VmState
from cloudlab.workflows import hosts, jobs, machines, pools, recovery
from simulator.latency import LatencyProfile
from tests.support.clouds import World, build, leaks


@pytest.mark.book("5.16", "5.17")
def test_users_are_stopped_and_started_again(world: World) -> None:
    """Every machine with a disk there is stopped, and starts when the pool is back."""
    (pool,) = world.pools
    vms = [world.deploy(), world.deploy(disk=world.disk)]
    stopped = world.deploy()
    world.run(machines.stop(world.cloud, stopped))
    world.run(pools.enter_maintenance(world.cloud, pool))
    assert pool.state is PoolState.MAINTENANCE
    assert world.states(pool) == ["Up", "PrepareForMaintenance", "Maintenance"]
    assert {vm.state for vm in vms} == {VmState.STOPPED}
    assert not world.outside.mounted
    assert leaks(world) == []
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert pool.state is PoolState.UP
    assert {vm.state for vm in vms} == {VmState.RUNNING}
    assert stopped.state is VmState.STOPPED
    assert pool.stopped_vms == []
    assert leaks(world) == []


@pytest.mark.book("5.16")
def test_machines_with_their_root_disk_there_go_first(world: World) -> None:
    """First those with their root disk on the pool, then those with a data disk."""
    cloud, first = world.cloud, world.pools[0]
    second = world.run(pools.create(cloud, world.clusters[0], "second", 10_240))
    world.run(pools.disable(cloud, first))
    root_there = world.deploy()
    world.run(pools.disable(cloud, second))
    world.run(pools.enable(cloud, first))
    data_there = world.run(machines.deploy(cloud, world.asked(disk=world.disk, start=False)))
    data_there.volumes[1].tags = second.tags = frozenset({"second"})
    world.run(pools.enable(cloud, second))
    world.run(machines.start(cloud, data_there))
    assert [volume.pool for volume in data_there.volumes] == [first, second]
    third = world.run(machines.deploy(cloud, world.asked(start=False)))
    third.volumes[0].tags = second.tags
    world.run(machines.start(cloud, third))
    assert pools.users_of(cloud, second) == [root_there, third, data_there]
    world.run(pools.enter_maintenance(cloud, second))
    assert second.stopped_vms == [root_there, third, data_there]
    assert leaks(world) == []


def test_a_pool_nobody_can_reach_is_out_at_once() -> None:
    """Without a host that is up there is nobody to stop."""
    world = build(hosts_each=1)
    (pool,), (host,) = world.pools, world.hosts
    world.outside.break_host(host)
    world.run(recovery.host_down(world.cloud, host))
    world.run(pools.enter_maintenance(world.cloud, pool))
    assert world.states(pool) == ["Up", "Maintenance"]
    world.run(pools.cancel_maintenance(world.cloud, pool))
    world.run(recovery.host_back(world.cloud, host))
    assert leaks(world) == []


def test_one_pool_of_a_cluster_at_a_time(slow_world: World) -> None:
    """While one is being prepared another of the cluster is refused."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    other = world.run(pools.create(cloud, world.clusters[0], "other", 10_240))
    world.deploy()
    entering = engine.spawn(pools.enter_maintenance(cloud, world.pools[0]))
    engine.step()
    with pytest.raises(Conflict, match="another pool of cluster c1 is in PrepareForMaintenance"):
        world.run(pools.enter_maintenance(cloud, other))
    with pytest.raises(IllegalMove, match="from PrepareForMaintenance via MaintenanceCancelled"):
        world.run(pools.cancel_maintenance(cloud, world.pools[0]))
    engine.run(entering)
    world.run(pools.enter_maintenance(cloud, other))
    assert leaks(world) == []


@pytest.mark.parametrize("step", ["hypervisor.stop", "blocks.detach_pool"])
def test_a_maintenance_that_fails_is_in_error(world: World, step: str) -> None:
    """ErrorInMaintenance: it can be tried again, or cancelled."""
    (pool,) = world.pools
    vms = [world.deploy(), world.deploy()]
    world.outside.faults.plan(
        step, HostFault("no answer"), hits=lambda what: what in (pool, vms[1]), times=3
    )
    job = world.perform(
        Command.ENABLE_POOL_MAINTENANCE, pool, pools.enter_maintenance(world.cloud, pool)
    )
    assert isinstance(job.error, HostFault)
    assert pool.state is PoolState.ERROR_IN_MAINTENANCE
    assert world.events("MAINT.PREPARE.PS") == [("Started", "INFO"), ("Completed", "ERROR")]
    assert leaks(world) == []
    world.outside.faults.clear()
    world.run(pools.enter_maintenance(world.cloud, pool))
    assert pool.state is PoolState.MAINTENANCE
    assert leaks(world) == []
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert {vm.state for vm in vms} == {VmState.RUNNING}
    assert leaks(world) == []


def test_cancelled_after_a_failure_what_was_stopped_runs_again(world: World) -> None:
    """From ErrorInMaintenance back to Up, with every machine that was stopped."""
    (pool,) = world.pools
    vms = [world.deploy(), world.deploy()]
    world.outside.faults.plan("hypervisor.stop", DriverFault("no"), hits=lambda vm: vm is vms[1])
    with pytest.raises(DriverFault):
        world.run(pools.enter_maintenance(world.cloud, pool))
    assert [vm.state for vm in vms] == [VmState.STOPPED, VmState.RUNNING]
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert [vm.state for vm in vms] == [VmState.RUNNING, VmState.RUNNING]
    assert pool.state is PoolState.UP
    assert leaks(world) == []


def test_one_machine_that_does_not_start_keeps_no_other_from_it(world: World) -> None:
    """The administrator is told of the one, the other runs."""
    (pool,) = world.pools
    vms = [world.deploy(), world.deploy()]
    world.run(pools.enter_maintenance(world.cloud, pool))
    world.fail("hypervisor.start", DriverFault("no"))
    job = world.perform(
        Command.CANCEL_POOL_MAINTENANCE, pool, pools.cancel_maintenance(world.cloud, pool)
    )
    assert job.status is JobStatus.SUCCEEDED
    assert [vm.state for vm in vms] == [VmState.STOPPED, VmState.RUNNING]
    assert world.alerts() == ["Unable to start vm-1 after the maintenance of its storage"]
    assert leaks(world) == []


@pytest.mark.parametrize("lost", [False, True])
def test_a_pool_that_hosts_cannot_reach_again_stays_out(world: World, lost: bool) -> None:
    """It stays in Maintenance, on no host, and its machines stay stopped."""
    (pool,) = world.pools
    vm = world.deploy()
    world.run(pools.enter_maintenance(world.cloud, pool))
    (world.wire.lose if lost else world.fail)("blocks.attach_pool", HostFault("no route"))
    with pytest.raises(HostFault):
        world.run(pools.cancel_maintenance(world.cloud, pool))
    assert pool.state is PoolState.MAINTENANCE
    assert pool.stopped_vms == [vm]
    assert leaks(world) == []
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_what_was_destroyed_meanwhile_is_not_started(world: World) -> None:
    """Only what is still Stopped comes back."""
    (pool,) = world.pools
    vms = [world.deploy() for _ in range(3)]
    world.run(pools.enter_maintenance(world.cloud, pool))
    world.run(machines.destroy(world.cloud, vms[0]))
    world.run(machines.destroy(world.cloud, vms[1], expunge=True))
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert [vm.state for vm in vms] == [VmState.DESTROYED, VmState.EXPUNGING, VmState.RUNNING]
    assert leaks(world) == []


def test_what_is_on_its_way_is_waited_for(slow_world: World, scale: float) -> None:
    """A machine whose disk is being made there is stopped as soon as it runs."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    deploying = engine.spawn(machines.deploy(cloud, world.asked()))
    engine.run(until=engine.now + 1 * scale)
    world.run(pools.enter_maintenance(cloud, world.pools[0]))
    assert deploying.processed
    assert world.vms[0].state is VmState.STOPPED
    assert leaks(world) == []


def test_a_host_that_comes_meanwhile_reaches_the_pool_afterwards(world: World) -> None:
    """A host added during a maintenance gets the pool when that is over."""
    (pool,) = world.pools
    world.run(pools.enter_maintenance(world.cloud, pool))
    size = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
    host = world.run(hosts.add(world.cloud, world.clusters[0], "new", **size))
    assert not world.outside.mounted
    assert leaks(world) == []
    world.run(pools.cancel_maintenance(world.cloud, pool))
    assert (pool.id, host.id) in world.outside.mounted
    assert leaks(world) == []


def test_an_interrupt_leaves_it_in_error(slow_world: World, scale: float) -> None:
    """What is broken off is in ErrorInMaintenance; the machine that was stopping is Stopped."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    (pool,) = world.pools
    vms = [world.deploy(), world.deploy()]
    work = pools.enter_maintenance(cloud, pool)
    entering = jobs.submit(cloud, Command.ENABLE_POOL_MAINTENANCE, pool, work)
    engine.run(until=engine.now + 2 * scale)
    engine.interrupt(entering, "enough")
    job = engine.run(entering)
    assert (job.status, job.error_text) == (JobStatus.FAILED, "cancelled: enough")
    assert pool.state is PoolState.ERROR_IN_MAINTENANCE
    assert [vm.state for vm in vms] == [VmState.STOPPED, VmState.RUNNING]
    assert leaks(world) == []
    world.run(pools.cancel_maintenance(cloud, pool))
    assert vms[1].state is VmState.RUNNING
    assert leaks(world) == []


def test_a_host_that_is_being_added_does_not_keep_the_pool(world: World) -> None:
    """A pool goes out of service while a host mounts it: in the end no host has it."""
    cloud, engine = world.cloud, world.cloud.engine
    (pool,) = world.pools
    world.outside.latency = LatencyProfile("slow", {"blocks.attach_pool": 0.02})
    size = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
    adding = engine.spawn(hosts.add(cloud, world.clusters[0], "new", **size))
    engine.step()
    entering = engine.spawn(pools.enter_maintenance(cloud, pool))
    engine.run(adding)
    engine.run(entering)
    assert not world.outside.mounted
    assert leaks(world) == []
