"""What the cloud does by itself: rounds, monitoring, alerts about capacity."""

from __future__ import annotations

import pytest

from cloudlab.errors import DriverFault, TimedOut
from cloudlab.model import AlertType, HostStatus, Settings, VmState
from cloudlab.workflows import hosts, machines, recovery, services
from simulator.latency import LatencyProfile
from tests.support.clouds import World, build, leaks

PING, TIMEOUT = 60.0, 2.5


def served(*names: str, **settings: object) -> World:
    """Return a world with these services, or all."""
    rules = {"vm.allocation.algorithm": "firstfit"} | settings
    world = build(settings=Settings.of(rules))
    services.start(world.cloud, *names)
    return world


def down_at(world: World, host: object, until: float) -> float | None:
    """Run on to `until` and return when `host` was found to be down."""
    world.cloud.engine.run(until=until)
    moves = (move for move in world.cloud.journal.story(host) if move.after == "Down")
    return next((move.at for move in moves), None)


@pytest.mark.parametrize("died", [0.5, 30.0, 59.9, 60.0, 61.0, 119.0, 1000.0])
def test_a_dead_host_is_found_in_time(died: float) -> None:
    """Not before one interval without an answer, and at the latest after the time-out and one."""
    world = served("host monitor")
    host = world.hosts[1]
    world.cloud.engine.run(until=died)
    world.outside.break_host(host)
    found = down_at(world, host, died + 400)
    assert found is not None
    assert PING <= found - died <= PING * (1 + TIMEOUT)
    assert [each.status for each in world.hosts].count(HostStatus.DOWN) == 1
    assert leaks(world) == []


def test_a_host_that_answers_again_in_time_is_not_down() -> None:
    """Two silent pings are no failure when a third is answered."""
    world = served("host monitor")
    world.fail("hypervisor.ping", DriverFault("lost"), times=2)
    world.cloud.engine.run(until=600)
    assert {host.status for host in world.hosts} == {HostStatus.UP}
    assert world.alerts() == []


def test_a_ping_that_fails_is_no_answer() -> None:
    """Errors of the driver count as silence: contact is lost, and the monitor goes on."""
    world = served("host monitor")
    host = world.hosts[0]
    world.outside.faults.plan(
        "hypervisor.ping", TimedOut("no answer"), hits=lambda each: each is host, times=-1
    )
    assert down_at(world, host, 400) is None
    assert [each.status for each in world.hosts] == ["Alert", "Up", "Up"]
    world.outside.faults.clear()
    world.cloud.engine.run(until=500)
    assert host.status is HostStatus.UP
    assert world.alerts() == []


def test_a_host_that_restarted_unnoticed_is_found_by_the_monitor() -> None:
    """It has lost contact, so it does not answer; asked, it runs nothing: that is restarted."""
    world = served("host monitor")
    host = world.hosts[0]
    vm = world.deploy(offering=world.offering(ha=True))
    world.outside.break_host(host)
    world.outside.repair_host(host)
    assert down_at(world, host, 400) is None
    assert world.states(host)[-3:] == ["Alert", "Connecting", "Up"]
    assert world.states(vm)[-3:] == ["Stopped", "Starting", "Running"]
    assert world.wire.count("power.off") == 0
    assert leaks(world) == []


@pytest.mark.book("8.20")
def test_fencing_is_tried_again() -> None:
    """Every `restart.retry.interval`, until it succeeds; then the machine is restarted."""
    world = served("host monitor")
    host = world.hosts[0]
    vm = world.deploy(offering=world.offering(ha=True))
    world.outside.unfenceable.add(host.id)
    world.outside.break_host(host)
    world.cloud.engine.run(until=1900)
    tries = [taken for taken, _ in world.wire.log if taken == "power.off"]
    assert len(tries) == 4
    assert vm.host is host
    world.outside.unfenceable.clear()
    world.cloud.engine.run(until=2500)
    assert vm.host is world.hosts[1]
    assert leaks(world) == []
    world.cloud.engine.run(until=5000)
    assert world.wire.count("power.off") == 5


def test_a_host_removed_before_it_is_found_down() -> None:
    """The monitor does not stumble over a host that is gone."""
    world = served("host monitor")
    host = world.hosts[0]
    world.outside.break_host(host)
    world.cloud.engine.run(until=100)
    world.run(recovery.host_down(world.cloud, host))
    world.run(hosts.remove(world.cloud, host))
    world.cloud.engine.run(until=600)
    assert host.status is HostStatus.REMOVED
    assert leaks(world) == []


def test_a_slow_host_keeps_no_other_from_being_watched() -> None:
    """With pings that take their time every dead host is found all the same."""
    world = build(latency=LatencyProfile("slow", {"hypervisor.ping": 5.0}), hosts_each=4)
    services.start(world.cloud, "host monitor")
    for host in world.hosts[1:3]:
        world.outside.break_host(host)
    world.cloud.engine.run(until=400)
    assert [host.status for host in world.hosts] == ["Up", "Down", "Down", "Up"]


@pytest.mark.parametrize("hours", [3600.0, 1000.0])
def test_reservations_end(hours: float) -> None:
    """After `capacity.skipcounting.hours`, which are seconds, at the next check of capacity."""
    world = served("capacity check", **{"capacity.skipcounting.hours": hours})
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    ledger = world.cloud.ledger
    end = -(-hours // 300) * 300
    world.cloud.engine.run(until=end)
    assert ledger.reserved_on(vm) is world.hosts[0]
    world.cloud.engine.run(until=end + 1)
    assert ledger.reserved_on(vm) is None
    assert leaks(world) == []


def fill(world: World, count: int) -> list:
    """Return `count` new machines of a quarter of a host each."""
    return [world.deploy() for _ in range(count)]


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (AlertType.CPU, "cluster.cpu.allocated.capacity.notificationthreshold"),
        (AlertType.MEMORY, "cluster.memory.allocated.capacity.notificationthreshold"),
        (AlertType.STORAGE_ALLOCATED, "cluster.storage.allocated.capacity.notificationthreshold"),
        (
            AlertType.DIRECT_ATTACHED_PUBLIC_IP,
            "zone.directnetwork.publicip.capacity.notificationthreshold",
        ),
    ],
)
def test_alerts_about_capacity_are_raised_once_and_resolved(kind: AlertType, setting: str) -> None:
    """Over the threshold: one alert, however long; under it again: resolved; over: a new one."""
    off = {
        f"cluster.{what}.allocated.capacity.notificationthreshold": "off"
        for what in ("cpu", "memory", "storage")
    } | {"zone.directnetwork.publicip.capacity.notificationthreshold": "off"}
    shares = {
        AlertType.CPU: 0.5,
        AlertType.MEMORY: 0.25,
        AlertType.STORAGE_ALLOCATED: 14 / 1024,
        AlertType.DIRECT_ATTACHED_PUBLIC_IP: 6 / 200,
    }
    world = served("capacity check", **(off | {setting: shares[kind]}))
    engine, alerts = world.cloud.engine, world.cloud.inventory.alerts
    vms = fill(world, 6)
    engine.run(until=301)
    assert len(alerts) == 0
    vms += fill(world, 1)
    engine.run(until=1000)
    (alert,) = alerts
    assert (alert.type, alert.is_open, alert.sent_count) == (kind, True, 3 - 1)
    assert alert.created == 600
    world.run(machines.destroy(world.cloud, vms[-1], expunge=True))
    engine.run(until=1300)
    assert alert.resolved == 1200
    fill(world, 1)
    engine.run(until=1600)
    assert [each.is_open for each in alerts] == [False, True]


def test_alerts_of_clusters_with_one_name_are_told_apart() -> None:
    """Two clusters c1 in two pods: the empty one does not resolve the alert of the full one."""
    world = build(pods=2, hosts_each=1)
    world.clusters[1].name = "c1"
    world.deploy(offering=world.offering(vcpu=3), host=world.hosts[0])
    world.deploy(host=world.hosts[0])
    services.start(world.cloud, "capacity check")
    world.cloud.engine.run(until=700)
    (alert,) = world.cloud.inventory.alerts
    assert alert.scope == "cluster z1/p1/c1"
    assert alert.is_open


def test_services_are_named_and_interrupted() -> None:
    """Each service can be started by itself, and ends when interrupted, even in its round."""
    world = build(latency=LatencyProfile("slow", {"hypervisor.ping": 5.0}))
    names = [service.name for service in services.services(world.cloud)]
    assert names == ["capacity check", "host monitor", "network check", "expunge"]
    engine = world.cloud.engine
    processes = services.start(world.cloud)
    engine.run(until=62)
    for process in processes:
        engine.interrupt(process, "enough")
    engine.run()
    assert engine.now < 100
    assert all(process.ok for process in processes)


def test_rounds_are_at_whole_multiples_whatever_rounding_does() -> None:
    """A tenth of a second cannot be written exactly; no round is missed or made twice."""
    world = served("capacity check", **{"capacity.check.period": 100.0})
    moments = []
    for _ in range(2000):
        world.cloud.engine.step()
        moments.append(world.cloud.now)
    rounds = sorted(set(moments))
    assert rounds[1:1500] == [count * 0.1 for count in range(1, 1500)]


def test_a_machine_lost_with_its_host_is_restarted_by_itself() -> None:
    """From the failure to the restart nobody has to do anything."""
    world = served()
    vm = world.deploy(offering=world.offering(ha=True))
    world.outside.break_host(world.hosts[0])
    world.cloud.engine.run(until=600)
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[1])
    assert leaks(world) == []
