"""A host fails: it is fenced, what should run is restarted, and the host comes back."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, DriverFault, HostFault, IllegalMove, NotFound, TimedOut
from cloudlab.model import HostStatus, Settings, VmState
from cloudlab.workflows import hosts, machines, migration, pools, recovery
from tests.support.clouds import World, build, leaks


def with_ha(world: World, **more: object) -> object:
    """Return the first machine under high availability of `world`."""
    return world.deploy(offering=world.offering(ha=True), **more)


@pytest.mark.book("8.12")
def test_machines_under_ha_run_again_elsewhere(world: World) -> None:
    """The host is fenced, its machines are Stopped, and those under HA run on another host."""
    host = world.hosts[0]
    plain, protected = world.deploy("plain"), with_ha(world, name="safe")
    world.outside.break_host(host)
    assert world.run(recovery.host_down(world.cloud, host)) == [protected]
    assert host.status is HostStatus.DOWN
    assert (plain.state, plain.last_host) == (VmState.STOPPED, host)
    assert (protected.state, protected.host) == (VmState.RUNNING, world.hosts[1])
    assert [step for step, _ in world.wire.log if step.startswith("power")] == ["power.off"]
    assert world.alerts() == ["Host is down, name: c1-h1"]
    (alert,) = world.cloud.inventory.alerts
    assert alert.text == "HA will restart safe"
    assert world.events("HOST.DOWN") == [("Completed", "ERROR")]
    assert world.events("HA.RESTART") == [("Completed", "INFO")]
    assert leaks(world) == []


def test_what_stopped_with_its_host_can_be_started(world: World) -> None:
    """A machine without HA is the owner's to start again; nothing is reserved for it."""
    vm = world.deploy()
    world.outside.break_host(world.hosts[0])
    world.run(recovery.host_down(world.cloud, world.hosts[0]))
    assert world.cloud.ledger.reserved_on(vm) is None
    world.run(machines.start(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


@pytest.mark.book("8.15", "8.20")
@pytest.mark.parametrize("answer", ["no", "DriverFault", "TimedOut"])
def test_without_fencing_nothing_is_restarted(world: World, answer: str) -> None:
    """A host that may still run its machines keeps them; fenced later, they are restarted."""
    host, vm = world.hosts[0], with_ha(world)
    if answer == "no":
        world.outside.unfenceable.add(host.id)
    else:
        world.fail("power.off", {"DriverFault": DriverFault, "TimedOut": TimedOut}[answer]("?"))
    world.outside.break_host(host)
    with pytest.raises(Conflict, match="could not be fenced; its machines are not restarted"):
        world.run(recovery.host_down(world.cloud, host))
    assert host.status is HostStatus.DOWN
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert "Unable to fence off host c1-h1" in world.alerts()
    assert leaks(world) == []
    world.outside.unfenceable.clear()
    assert world.run(recovery.fence(world.cloud, host)) == [vm]
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_a_host_is_down_once(world: World) -> None:
    """What is Down is not declared down again."""
    world.outside.break_host(world.hosts[0])
    world.run(recovery.host_down(world.cloud, world.hosts[0]))
    with pytest.raises(IllegalMove, match="from Down via HostDown"):
        world.run(recovery.host_down(world.cloud, world.hosts[0]))


@pytest.mark.book("8.21", "8.25")
def test_a_restart_that_fails_is_tried_again() -> None:
    """Every `restart.retry.interval`, `max.retries` times in all; then it is given up."""
    world = build()
    vm = with_ha(world)
    world.fail("hypervisor.start", DriverFault("no"), times=2)
    world.outside.break_host(world.hosts[0])
    assert world.run(recovery.host_down(world.cloud, world.hosts[0])) == [vm]
    assert world.cloud.now == 1200
    assert vm.state is VmState.RUNNING
    assert world.alerts() == ["Host is down, name: c1-h1"]
    assert leaks(world) == []

    other = vm.host
    world.fail("hypervisor.start", DriverFault("no"), times=5)
    world.outside.break_host(other)
    assert world.run(recovery.host_down(world.cloud, other)) == []
    assert world.cloud.now == 1200 + 4 * 600
    assert vm.state is VmState.STOPPED
    assert world.alerts().count("Unable to restart vm-1 after its host failed") == 5
    assert leaks(world) == []


@pytest.mark.book("8.18")
def test_whoever_is_handled_by_somebody_else_is_left_alone() -> None:
    """A machine destroyed or started between two tries is not restarted."""
    world = build()
    cloud, engine = world.cloud, world.cloud.engine
    vms = [with_ha(world) for _ in range(2)]
    world.fail("hypervisor.start", DriverFault("no"), times=2)
    world.outside.break_host(world.hosts[0])
    recovering = engine.spawn(recovery.host_down(cloud, world.hosts[0]))
    engine.run(until=300)
    world.run(machines.destroy(cloud, vms[0]))
    world.run(machines.start(cloud, vms[1]))
    assert engine.run(recovering) == [vms[1]]
    assert [vm.state for vm in vms] == [VmState.DESTROYED, VmState.RUNNING]
    assert world.events("HA.RESTART") == []
    assert leaks(world) == []


def test_one_machine_that_does_not_start_keeps_no_other_waiting() -> None:
    """Restarts go side by side, the oldest first."""
    world = build()
    vms = [with_ha(world) for _ in range(3)]
    world.outside.faults.plan("hypervisor.start", DriverFault("no"), hits=lambda vm: vm is vms[0])
    world.outside.break_host(world.hosts[0])
    engine = world.cloud.engine
    recovering = engine.spawn(recovery.host_down(world.cloud, world.hosts[0]))
    engine.run(until=1)
    assert [vm.state for vm in vms] == [VmState.STOPPED, VmState.RUNNING, VmState.RUNNING]
    assert engine.run(recovering) == vms
    assert leaks(world) == []


@pytest.mark.book("6.04")
def test_hosts_with_the_ha_tag_take_the_restarts() -> None:
    """A host that `ha.tag` keeps free is where machines run again."""
    settings = Settings.of({"vm.allocation.algorithm": "firstfit", "ha.tag": "ha"})
    world = build(settings=settings)
    size = {"cpus": 4, "mhz": 1000, "ram_mib": 8192}
    work = hosts.add(world.cloud, world.clusters[0], "spare", tags=frozenset({"ha"}), **size)
    spare = world.run(work)
    vm = with_ha(world)
    world.outside.break_host(world.hosts[0])
    world.run(recovery.host_down(world.cloud, world.hosts[0]))
    assert vm.host is spare
    assert leaks(world) == []


def test_a_host_comes_back_empty(world: World) -> None:
    """Power, contact and storage return; the host takes machines again."""
    host = world.hosts[0]
    world.outside.break_host(host)
    world.run(recovery.host_down(world.cloud, host))
    assert world.deploy().host is world.hosts[1]
    assert world.run(recovery.host_back(world.cloud, host)) is host
    assert host.status is HostStatus.UP
    assert world.states(host)[-3:] == ["Down", "Connecting", "Up"]
    assert world.alerts() == []
    assert world.events("HOST.UP") == [("Completed", "INFO")]
    assert world.deploy().host is host
    assert leaks(world) == []


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("step", ["power.on", "hypervisor.connect", "blocks.attach_pool"])
def test_a_host_that_does_not_come_back_stays_down(world: World, step: str, lost: bool) -> None:
    """Whatever fails on the way, the host is Down, and the next try succeeds."""
    host = world.hosts[0]
    world.outside.break_host(host)
    world.run(recovery.host_down(world.cloud, host))
    (world.wire.lose if lost else world.fail)(step, HostFault("no answer"))
    with pytest.raises(HostFault):
        world.run(recovery.host_back(world.cloud, host))
    assert host.status is HostStatus.DOWN
    assert host.id not in world.outside.connected
    assert leaks(world) == []
    world.run(recovery.host_back(world.cloud, host))
    assert leaks(world) == []


def test_a_host_that_was_away_unnoticed_is_compared_with_the_books(world: World) -> None:
    """It restarted before anybody saw it was gone: its machines are found off."""
    host = world.hosts[0]
    plain, protected = world.deploy(), with_ha(world)
    world.outside.break_host(host)
    world.outside.repair_host(host)
    world.run(recovery.host_back(world.cloud, host))
    assert host.status is HostStatus.UP
    assert plain.state is VmState.STOPPED
    assert protected.state is VmState.RUNNING
    assert leaks(world) == []


def test_a_host_that_could_not_be_fenced_comes_back(world: World) -> None:
    """Its machines, left alone until then, are compared with what it runs."""
    host, vm = world.hosts[0], with_ha(world)
    world.outside.unfenceable.add(host.id)
    world.outside.break_host(host)
    with pytest.raises(Conflict):
        world.run(recovery.host_down(world.cloud, host))
    world.run(recovery.host_back(world.cloud, host))
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_a_host_that_never_left_is_asked_and_nothing_changes(world: World) -> None:
    """Taking back a host that is up finds its machines running."""
    vm = world.deploy()
    world.run(recovery.host_back(world.cloud, world.hosts[0]))
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert world.events("HOST.UP") == []
    assert leaks(world) == []


def test_what_its_owner_was_stopping_is_not_restarted(slow_world: World, scale: float) -> None:
    """The host dies in the middle of a stop: the machine is Stopped, as was wanted."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = with_ha(world)
    stopping = engine.spawn(machines.stop(cloud, vm))
    engine.run(until=engine.now + 2 * scale)
    assert vm.state is VmState.STOPPING
    world.outside.break_host(world.hosts[0])
    assert world.run(recovery.host_down(cloud, world.hosts[0])) == []
    engine.run(stopping)
    assert vm.state is VmState.STOPPED
    assert leaks(world) == []


@pytest.mark.parametrize("dying", ["source", "target"])
def test_a_host_that_goes_down_during_a_migration(
    slow_world: World, scale: float, dying: str
) -> None:
    """With the source the machine falls and is restarted; with the target it runs on."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = with_ha(world)
    source, target = world.hosts[:2]
    moving = engine.spawn(migration.migrate(cloud, vm, target))
    engine.run(until=engine.now + 3 * scale)
    broken = source if dying == "source" else target
    world.outside.break_host(broken)
    recovering = engine.spawn(recovery.host_down(cloud, broken))
    with pytest.raises(HostFault):
        engine.run(moving)
    assert engine.run(recovering) == ([vm] if dying == "source" else [])
    assert vm.state is VmState.RUNNING
    assert vm.host is (target if dying == "source" else source)
    assert leaks(world) == []


def test_what_is_being_started_there_starts_elsewhere(slow_world: World, scale: float) -> None:
    """A deployment whose host dies finds out by itself and takes the next host."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    deploying = engine.spawn(machines.deploy(cloud, world.asked()))
    engine.run(until=engine.now + 8 * scale)
    world.outside.break_host(world.hosts[0])
    world.run(recovery.host_down(cloud, world.hosts[0]))
    vm = engine.run(deploying)
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_routers_forget_what_fell(world: World) -> None:
    """The network's services know only NICs of machines that run, however they ended."""
    vm = world.deploy()
    world.outside.break_host(world.hosts[0])
    world.run(recovery.host_down(world.cloud, world.hosts[0]))
    assert not world.outside.admitted
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert leaks(world) == []


def test_a_host_that_is_up_and_answers_is_left_alone(slow_world: World) -> None:
    """Taking back what was never away disturbs nothing, even when it is broken off."""
    world, engine = slow_world, slow_world.cloud.engine
    vm = world.deploy()
    returning = engine.spawn(recovery.host_back(world.cloud, world.hosts[0]))
    engine.run(returning)
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[0])
    assert world.wire.log[-1] == ("hypervisor.ping", world.hosts[0])
    assert leaks(world) == []


def test_a_host_that_was_removed_does_not_come_back(world: World) -> None:
    """There is nothing to take back."""
    host = world.hosts[0]
    world.outside.break_host(host)
    world.run(recovery.host_down(world.cloud, host))
    world.run(hosts.remove(world.cloud, host))
    with pytest.raises(NotFound, match="host c1-h1 was removed"):
        world.run(recovery.host_back(world.cloud, host))
    assert leaks(world) == []


def test_a_host_forgets_pools_that_went_out_of_service_meanwhile(world: World) -> None:
    """A host that lost contact, but not its mounts, comes back without the pool in Maintenance."""
    (pool,), host = world.pools, world.hosts[0]
    for each in world.hosts[1:]:
        world.run(hosts.remove(world.cloud, each))
    world.outside.unfenceable.add(host.id)
    world.outside.connected.discard(host.id)
    with pytest.raises(Conflict):
        world.run(recovery.host_down(world.cloud, host))
    world.run(pools.enter_maintenance(world.cloud, pool))
    assert world.outside.mounted == {(pool.id, host.id)}
    world.run(recovery.host_back(world.cloud, host))
    assert not world.outside.mounted
    assert leaks(world) == []


def test_a_host_that_will_not_say_what_it_runs_is_not_back(world: World) -> None:
    """While the books may be wrong about it, contact is ended again and it stays Down."""
    host, vm = world.hosts[0], world.deploy()
    world.outside.unfenceable.add(host.id)
    world.outside.break_host(host)
    with pytest.raises(Conflict):
        world.run(recovery.host_down(world.cloud, host))
    world.fail("hypervisor.guests", HostFault("no answer"))
    with pytest.raises(HostFault, match="no answer"):
        world.run(recovery.host_back(world.cloud, host))
    assert host.status is HostStatus.DOWN
    assert host.id not in world.outside.connected
    world.run(recovery.host_back(world.cloud, host))
    assert vm.state is VmState.STOPPED
    assert leaks(world) == []
