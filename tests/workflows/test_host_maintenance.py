"""A host is emptied for maintenance and put back."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, DriverFault, HostFault, IllegalMove, InsufficientCapacity
from cloudlab.model import Command, JobStatus, ResourceState, Settings, VmState
from cloudlab.workflows import hosts, jobs, machines, migration, pools, services
from tests.support.clouds import World, build, leaks


@pytest.mark.book("6.22")
def test_every_machine_moves_away(world: World) -> None:
    """The host runs nothing and is in Maintenance; every machine runs on, without a stop."""
    host = world.hosts[0]
    vms = [world.deploy() for _ in range(3)]
    world.run(hosts.enter_maintenance(world.cloud, host))
    assert host.resource_state is ResourceState.MAINTENANCE
    assert world.states(host)[-2:] == ["PrepareForMaintenance", "Maintenance"]
    assert all(vm.state is VmState.RUNNING and vm.host is not host for vm in vms)
    assert all("Stopped" not in world.states(vm) for vm in vms)
    assert hosts.guests(world.cloud, host) == []
    assert leaks(world) == []


def test_nothing_is_placed_on_it_until_it_is_back(world: World) -> None:
    """Cancelled, it takes machines again; those that left do not come back by themselves."""
    host = world.hosts[0]
    vm = world.deploy()
    world.run(hosts.enter_maintenance(world.cloud, host))
    assert world.deploy().host is world.hosts[1]
    world.run(hosts.cancel_maintenance(world.cloud, host))
    assert host.resource_state is ResourceState.ENABLED
    assert vm.host is world.hosts[1]
    assert world.deploy().host is host
    assert leaks(world) == []


def test_what_was_reserved_on_it_is_free(world: World) -> None:
    """A machine that was stopped a moment ago loses its place there."""
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    world.run(hosts.enter_maintenance(world.cloud, world.hosts[0]))
    assert world.cloud.ledger.reserved_on(vm) is None
    assert leaks(world) == []


def test_without_another_host_machines_are_stopped(engine: object) -> None:
    """Where no other host of the cluster is in service, machines are stopped by force."""
    world = build(engine, hosts_each=1)
    vm = world.deploy()
    world.fail("hypervisor.stop", DriverFault("guest does not react"), times=-1)
    world.run(hosts.enter_maintenance(world.cloud, world.hosts[0]))
    assert world.hosts[0].resource_state is ResourceState.MAINTENANCE
    assert vm.state is VmState.STOPPED
    assert world.cloud.ledger.reserved_on(vm) is None
    assert leaks(world) == []


def test_one_host_of_a_cluster_at_a_time(slow_world: World) -> None:
    """While one is being emptied another of its cluster is refused."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    world.deploy()
    first = jobs.submit(
        cloud,
        Command.PREPARE_MAINTENANCE,
        world.hosts[0],
        hosts.enter_maintenance(cloud, world.hosts[0]),
    )
    engine.step()
    with pytest.raises(Conflict, match="c1-h1 of the same cluster is in PrepareForMaintenance"):
        world.run(hosts.enter_maintenance(cloud, world.hosts[1]))
    assert engine.run(first).status is JobStatus.SUCCEEDED
    world.run(hosts.enter_maintenance(cloud, world.hosts[1]))
    assert leaks(world) == []


def test_hosts_of_two_clusters_at_once() -> None:
    """Another cluster is not concerned."""
    world = build(clusters=2, hosts_each=2)
    for host in (world.hosts[0], world.hosts[2]):
        world.run(hosts.enter_maintenance(world.cloud, host))
        assert host.resource_state is ResourceState.MAINTENANCE


def test_a_machine_with_a_local_disk_keeps_its_host_in_service(world: World) -> None:
    """It cannot move, so the maintenance is refused before anything happens."""
    host = world.hosts[0]
    world.run(pools.create(world.cloud, host, "local", 10_240))
    vm = world.deploy(offering=world.offering(uses_local_storage=True))
    with pytest.raises(Conflict, match="vm-1 on host c1-h1 has a disk on local storage"):
        world.run(hosts.enter_maintenance(world.cloud, host))
    assert host.resource_state is ResourceState.ENABLED
    assert vm.state is VmState.RUNNING


def test_only_an_enabled_host_is_prepared(world: World) -> None:
    """There is no way from Disabled, or from Maintenance again."""
    host = world.hosts[0]
    world.run(hosts.disable(world.cloud, host))
    with pytest.raises(IllegalMove, match="from Disabled via AdminAskMaintenace"):
        world.run(hosts.enter_maintenance(world.cloud, host))
    world.run(hosts.enable(world.cloud, host))
    with pytest.raises(IllegalMove, match="from Enabled via AdminCancelMaintenance"):
        world.run(hosts.cancel_maintenance(world.cloud, host))


def retries(world: World) -> list[float]:
    """Return the moments at which a migration began."""
    return [move.at for move in world.cloud.journal.moves if move.after == "Migrating"]


@pytest.mark.book("6.25")
def test_a_migration_that_fails_is_tried_again() -> None:
    """Every `migrate.retry.interval` one more time, until it succeeds."""
    world = build()
    world.deploy()
    world.fail("hypervisor.migrate", DriverFault("busy"), times=3)
    world.run(hosts.enter_maintenance(world.cloud, world.hosts[0]))
    assert retries(world) == [0, 120, 240, 360]
    assert world.hosts[0].resource_state is ResourceState.MAINTENANCE
    assert leaks(world) == []


def test_after_all_tries_the_host_is_in_error() -> None:
    """ErrorInMaintenance with an alert; the machine runs on; it can be cancelled."""
    world = build()
    host, vm = world.hosts[0], world.deploy()
    world.fail("hypervisor.migrate", DriverFault("busy"), times=6)
    job = world.perform(
        Command.PREPARE_MAINTENANCE, host, hosts.enter_maintenance(world.cloud, host)
    )
    assert isinstance(job.error, DriverFault)
    assert retries(world) == [0, 120, 240, 360, 480, 600]
    assert host.resource_state is ResourceState.ERROR_IN_MAINTENANCE
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert "Unable to empty host c1-h1" in world.alerts()
    assert world.events("MAINT.PREPARE") == [("Started", "INFO"), ("Completed", "ERROR")]
    assert leaks(world) == []
    with pytest.raises(Conflict, match="is in ErrorInMaintenance"):
        world.run(hosts.enter_maintenance(world.cloud, world.hosts[1]))
    world.run(hosts.cancel_maintenance(world.cloud, host))
    assert host.resource_state is ResourceState.ENABLED
    assert leaks(world) == []


def test_a_host_in_error_that_is_empty_in_the_end_enters_maintenance() -> None:
    """The monitor sees that nothing runs there any more."""
    world = build()
    services.start(world.cloud, "host monitor")
    host, vm = world.hosts[0], world.deploy()
    world.fail("hypervisor.migrate", DriverFault("busy"), times=6)
    with pytest.raises(DriverFault):
        world.run(hosts.enter_maintenance(world.cloud, host))
    world.cloud.engine.run(until=700)
    assert host.resource_state is ResourceState.ERROR_IN_MAINTENANCE
    world.run(machines.stop(world.cloud, vm))
    world.cloud.engine.run(until=800)
    assert host.resource_state is ResourceState.MAINTENANCE
    assert "Migration Complete for host c1-h1" in world.alerts()
    assert leaks(world) == []


def test_when_no_host_has_room_the_maintenance_fails() -> None:
    """Machines that found a place have moved, the one that did not runs on."""
    off = {"cluster.memory.allocated.capacity.disablethreshold": "off"}
    world = build(hosts_each=2, settings=Settings.of({"vm.allocation.algorithm": "firstfit"} | off))
    big = world.offering(ram_mib=6000)
    first = world.deploy()
    second = world.deploy(offering=big)
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    world.deploy(offering=big)
    world.run(hosts.enable(world.cloud, world.hosts[0]))
    with pytest.raises(InsufficientCapacity):
        world.run(hosts.enter_maintenance(world.cloud, world.hosts[0]))
    assert first.host is world.hosts[1]
    assert (second.state, second.host) == (VmState.RUNNING, world.hosts[0])
    assert leaks(world) == []


def test_cancelled_on_the_way_it_is_in_service(slow_world: World, scale: float) -> None:
    """Between two migrations the maintenance can be cancelled; what has moved stays away."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    host = world.hosts[0]
    vms = [world.deploy() for _ in range(2)]
    world.fail("hypervisor.migrate", DriverFault("busy"))
    entering = jobs.submit(
        cloud, Command.PREPARE_MAINTENANCE, host, hosts.enter_maintenance(cloud, host)
    )
    engine.run(until=engine.now + 3 * scale)
    assert vms[0].state is VmState.MIGRATING
    with pytest.raises(Conflict, match="vm-1 is migrating"):
        world.run(hosts.cancel_maintenance(cloud, host))
    engine.run(until=engine.now + 10 * scale)
    world.run(hosts.cancel_maintenance(cloud, host))
    assert host.resource_state is ResourceState.ENABLED
    engine.interrupt(entering, "enough")
    assert engine.run(entering).status is JobStatus.FAILED
    assert host.resource_state is ResourceState.ENABLED
    assert [vm.host for vm in vms] == [host, host]
    assert leaks(world) == []


def test_what_is_on_its_way_is_waited_for(slow_world: World, scale: float) -> None:
    """A machine that is still starting there moves as soon as it runs."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    host = world.hosts[0]
    deploying = engine.spawn(machines.deploy(cloud, world.asked()))
    engine.run(until=engine.now + 8 * scale)
    world.run(hosts.enter_maintenance(cloud, host))
    assert deploying.value.host is world.hosts[1]
    assert host.resource_state is ResourceState.MAINTENANCE
    assert leaks(world) == []


def test_a_machine_that_migrates_there_leaves_again(slow_world: World, scale: float) -> None:
    """Who was on the way to the host arrives, and moves on."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = world.deploy()
    target = world.hosts[1]
    moving = engine.spawn(migration.migrate(cloud, vm, target))
    engine.run(until=engine.now + 3 * scale)
    world.run(hosts.enter_maintenance(cloud, target))
    assert moving.processed
    assert vm.host is not target
    assert target.resource_state is ResourceState.MAINTENANCE
    assert leaks(world) == []


def test_a_machine_that_stops_meanwhile_needs_no_move(slow_world: World, scale: float) -> None:
    """Whoever is stopped by its owner is not moved."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vms = [world.deploy() for _ in range(2)]
    entering = engine.spawn(hosts.enter_maintenance(cloud, world.hosts[0]))
    engine.run(until=engine.now + 3 * scale)
    stopping = engine.spawn(machines.stop(cloud, vms[1]))
    engine.run(entering)
    engine.run(stopping)
    assert vms[0].host is world.hosts[1]
    assert vms[1].state is VmState.STOPPED
    assert "Migrating" not in world.states(vms[1])
    assert leaks(world) == []


def test_maintenance_is_a_job_with_cloudstacks_events(world: World) -> None:
    """MAINT.PREPARE and MAINT.CANCEL, each with start and end."""
    cloud, host = world.cloud, world.hosts[0]
    work = hosts.enter_maintenance(cloud, host)
    assert world.perform(Command.PREPARE_MAINTENANCE, host, work).result is host
    work = hosts.cancel_maintenance(cloud, host)
    assert world.perform(Command.CANCEL_MAINTENANCE, host, work).result is host
    for kind in ("MAINT.PREPARE", "MAINT.CANCEL"):
        assert world.events(kind) == [("Started", "INFO"), ("Completed", "INFO")]


def test_a_host_that_dies_while_it_is_emptied(world: World) -> None:
    """Nothing can leave a dead host: the maintenance fails and says so."""
    host = world.hosts[0]
    vm = world.deploy()
    settings = world.cloud.settings
    world.cloud.settings = type(settings).of(
        settings.by_name() | {"vm.ha.migration.max.retries": 0}
    )
    world.outside.break_host(host)
    with pytest.raises(HostFault):
        world.run(hosts.enter_maintenance(world.cloud, host))
    assert host.resource_state is ResourceState.ERROR_IN_MAINTENANCE
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []
