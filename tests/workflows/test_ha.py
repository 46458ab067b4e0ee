"""High availability: a silent host is looked into before anything is fenced or restarted."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, DriverFault, HostFault, InvalidParameter, TimedOut
from cloudlab.lab import Lab
from cloudlab.model import HostStatus, Settings, VmState
from cloudlab.policy.health import Health
from cloudlab.workflows import hosts, machines, recovery, services
from simulator.latency import LatencyProfile
from tests.support.clouds import World, build, leaks

LOST = "Host disconnected, name: c1-h1"
CUT = "management network cut, guests run on"


def watched(**settings: object) -> World:
    """Return a world whose hosts are watched, with a machine under HA on the first one."""
    rules = {"vm.allocation.algorithm": "firstfit"} | settings
    world = build(settings=Settings.of(rules))
    world.deploy("safe", offering=world.offering(ha=True))
    services.start(world.cloud, "host monitor")
    return world


def test_a_cut_management_network_fences_nothing() -> None:
    """The heartbeat is fresh: the administrator is told, and for hours nothing else happens."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.outside.cut_management(host)
    world.cloud.engine.run(until=4 * 3600)
    assert host.status is HostStatus.ALERT
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert world.outside.running == {vm.id: host.id}
    assert [(alert.name, alert.text) for alert in world.cloud.inventory.alerts] == [(LOST, CUT)]
    assert world.events("HOST.DISCONNECT") == [("Completed", "WARN")]
    assert world.wire.count("power.off") == 0
    assert leaks(world) == []


def test_what_runs_there_is_left_alone_when_it_answers_again() -> None:
    """Contact is made again, the host is asked what it runs, and nothing is restarted."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.outside.cut_management(host)
    world.cloud.engine.run(until=1000)
    world.outside.mend_management(host)
    world.cloud.engine.run(until=1100)
    assert world.states(host)[-3:] == ["Alert", "Connecting", "Up"]
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert world.states(vm) == ["Starting", "Running"]
    assert world.alerts() == []
    assert world.events("HOST.UP") == [("Completed", "INFO")]
    assert leaks(world) == []


def test_what_fell_meanwhile_is_restarted() -> None:
    """A machine that died while nobody could ask is found missing."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.outside.cut_management(host)
    world.cloud.engine.run(until=500)
    del world.outside.running[vm.id], world.outside.attached[vm.id]
    world.outside.mend_management(host)
    world.cloud.engine.run(until=700)
    assert world.states(vm)[-3:] == ["Stopped", "Starting", "Running"]
    assert leaks(world) == []


def test_what_should_not_run_there_is_ended() -> None:
    """A full sync: what the books say is off does not run on behind their back."""
    world = watched()
    host = world.hosts[0]
    other, stray = world.deploy(), world.deploy(host=world.hosts[1])
    world.run(machines.stop(world.cloud, stray))
    world.outside.cut_management(host)
    world.cloud.engine.run(until=500)
    world.outside.running[stray.id] = host.id
    world.outside.mend_management(host)
    world.cloud.engine.run(until=700)
    assert stray.id not in world.outside.running
    assert (other.state, other.host) == (VmState.RUNNING, host)
    assert leaks(world) == []


def test_a_host_that_dies_while_it_is_cut_off_is_fenced() -> None:
    """Its heartbeat grows old: then it is Down, by way of Disconnected, and HA restarts."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.outside.cut_management(host)
    world.cloud.engine.run(until=500)
    assert host.status is HostStatus.ALERT
    world.outside.break_host(host)
    world.cloud.engine.run(until=700)
    assert world.states(host)[-3:] == ["Alert", "Disconnected", "Down"]
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[1])
    assert leaks(world) == []


@pytest.mark.book("8.15")
def test_a_dead_host_is_fenced_before_anything_is_restarted() -> None:
    """Stale heartbeat, no agent, no ping: power off, then the start elsewhere."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.wire.log.clear()
    world.outside.break_host(host)
    world.cloud.engine.run(until=400)
    steps = [step for step, _ in world.wire.log]
    assert steps.index("power.off") < steps.index("hypervisor.start")
    assert (host.status, vm.host) == (HostStatus.DOWN, world.hosts[1])


def test_nobody_knows_and_nobody_is_restarted() -> None:
    """Without heartbeat and board a silent host is Alert, asked about until somebody knows."""
    world = watched()
    (vm,), host = world.vms, world.hosts[0]
    world.outside.unfenceable.add(host.id)
    world.outside.faults.plan(
        "probe.heartbeat_age", TimedOut("storage"), hits=lambda each: each is host, times=8
    )
    world.outside.break_host(host)
    world.cloud.engine.run(until=500)
    assert host.status is HostStatus.ALERT
    (alert,) = world.cloud.inventory.alerts
    assert alert.text == "nobody can tell whether it lives"
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    world.outside.unfenceable.clear()
    world.cloud.engine.run(until=1000)
    assert host.status is HostStatus.DOWN
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


@pytest.mark.parametrize("step", ["probe.reachable", "probe.heartbeat_age", "power.state"])
def test_an_investigator_that_fails_does_not_know(world: World, step: str) -> None:
    """The others decide; nothing is raised."""
    world.fail(step, DriverFault("no"))
    assert world.run(recovery.investigate(world.cloud, world.hosts[0])) is Health.UP
    world.outside.break_host(world.hosts[1])
    world.outside.dead_since[world.hosts[1].id] -= 100
    world.fail(step, DriverFault("no"))
    assert world.run(recovery.investigate(world.cloud, world.hosts[1])) is Health.DOWN


def test_a_host_whose_agent_answers_after_all_is_up(world: World) -> None:
    """Looking into it changes nothing."""
    assert world.run(recovery.look_into(world.cloud, world.hosts[0])) is Health.UP
    assert world.hosts[0].status is HostStatus.UP
    assert world.alerts() == []


def test_a_fresh_heartbeat_holds_the_fence_back() -> None:
    """Found early, it is Alert until the heartbeat is too old, then Down: about four seconds."""
    world = watched(
        **{
            "ping.interval": 1.0,
            "ping.timeout": 2.0,
            "kvm.heartbeat.timeout": 3.0,
            "investigate.retry.interval": 1.0,
        }
    )
    (vm,), host = world.vms, world.hosts[0]
    world.cloud.engine.run(until=10.5)
    world.outside.break_host(host)
    world.cloud.engine.run(until=13.4)
    assert host.status is HostStatus.ALERT
    assert vm.host is host
    world.cloud.engine.run(until=14.6)
    assert host.status is HostStatus.DOWN
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_a_host_out_of_service_is_not_investigated_for_a_while() -> None:
    """It is Disconnected, without HA; after `alert.wait` it is looked into like any other."""
    world = watched(**{"alert.wait": 600.0})
    (vm,), host = world.vms, world.hosts[0]
    world.run(hosts.disable(world.cloud, host))
    world.outside.break_host(host)
    world.cloud.engine.run(until=600)
    assert host.status is HostStatus.DISCONNECTED
    assert world.alerts() == [LOST]
    assert vm.host is host
    world.cloud.engine.run(until=1000)
    assert world.states(host)[-4:] == ["Disconnected", "Alert", "Disconnected", "Down"]
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_a_host_that_does_not_say_what_it_runs_is_not_back(world: World) -> None:
    """It stays Alert, its guests run on and keep their storage; the next try succeeds."""
    host, vm = world.hosts[0], world.deploy()
    world.outside.cut_management(host)
    world.run(recovery.look_into(world.cloud, host))
    world.outside.mend_management(host)
    world.fail("hypervisor.guests", HostFault("no answer"))
    with pytest.raises(HostFault):
        world.run(recovery.host_back(world.cloud, host))
    assert host.status is HostStatus.ALERT
    assert (world.pools[0].id, host.id) in world.outside.mounted
    world.run(recovery.host_back(world.cloud, host))
    assert (host.status, vm.state) == (HostStatus.UP, VmState.RUNNING)
    assert world.wire.count("power.on") == 0
    assert leaks(world) == []


@pytest.mark.parametrize("verb", ["stop", "destroy", "reboot"])
def test_nothing_is_done_to_machines_behind_a_cut(world: World, verb: str) -> None:
    """A lost connection is an error, never a machine that is off."""
    host, vm = world.hosts[0], world.deploy()
    world.outside.cut_management(host)
    with pytest.raises(HostFault, match="does not answer"):
        world.run(getattr(machines, verb)(world.cloud, vm))
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert vm.id in world.outside.running
    world.outside.mend_management(host)
    world.run(recovery.host_back(world.cloud, host))
    assert leaks(world) == []


def test_a_host_cut_off_cannot_be_removed_with_its_machines(world: World) -> None:
    """They may run on: it stays, with them."""
    host, vm = world.hosts[0], world.deploy()
    world.outside.cut_management(host)
    world.run(recovery.look_into(world.cloud, host))
    for forced in (False, True):
        with pytest.raises((Conflict, HostFault)):
            world.run(hosts.remove(world.cloud, host, forced=forced))
    assert vm.host is host
    assert host in world.clusters[0].hosts


def test_slow_answers_are_waited_for_side_by_side() -> None:
    """An investigation takes as long as the slowest of those who are asked."""
    world = build(latency=LatencyProfile("slow", {"probe.reachable": 5.0, "power.state": 7.0}))
    world.run(recovery.investigate(world.cloud, world.hosts[0]))
    assert world.cloud.now == 7.0


def test_a_lab_cuts_and_mends_cables() -> None:
    """The cloud finds out, tells you and fences nothing; another cable there is not."""
    lab = Lab("dev-cloud", progress=False)
    web = lab.deploy("web")
    host = web.host
    assert host is not None
    assert lab.unplug(host) is host
    lab.run(minutes=10)
    assert host.status == "Alert"
    assert any(row.subject == f"Host disconnected, name: {host.name}" for row in lab.alerts)
    assert lab.plug(host.name).status == "Up"
    assert web.state is VmState.RUNNING
    with pytest.raises(InvalidParameter, match="'storage'; allowed: management"):
        lab.unplug(host, "storage")
