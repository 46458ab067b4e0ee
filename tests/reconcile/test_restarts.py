"""A restart under high availability outlives the process that began it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import DriverFault
from cloudlab.model import Settings, VirtualMachine, VmState
from cloudlab.workflows import hosts, machines, recovery, services
from cloudlab.workflows.reconcile import reconcile
from tests.reconcile.crash import Crash, Fuse, taken_up
from tests.support.clouds import World, build, leaks, slow

RULES = Settings.of(
    {
        "vm.allocation.algorithm": "firstfit",
        "max.retries": 3,
        "restart.retry.interval": 30.0,
        "ping.interval": 10.0,
        "kvm.heartbeat.timeout": 20.0,
    }
)


class Broken:
    """A port that is not even there."""


def protected() -> World:
    """Return a world with a machine under high availability on the first host, and another."""
    world = build(VirtualEngine(), slow(), RULES)
    world.deploy("safe", offering=world.offering(ha=True))
    world.deploy("plain")
    return world


def crashed(world: World, steps: int, *, taken: bool, removing: bool = False) -> World | None:
    """Let the first host die, or be removed, and the process in the middle of what follows."""
    host, cloud = world.hosts[0], world.cloud
    if not removing:
        world.outside.break_host(host)
    fuse = Fuse(world, steps, taken=taken)
    try:
        if removing:
            world.run(hosts.remove(cloud, host, forced=True))
        else:
            world.run(recovery.host_down(cloud, host))
    except Crash:
        assert fuse.kept is not None
        return taken_up(world, fuse.kept, cloud.engine.now)
    return None


def watched(world: World, seconds: float = 200.0) -> None:
    """Let the monitor watch for a while after the reconciliation."""
    watching = services.start(world.cloud, "host monitor")
    world.cloud.engine.run(until=world.cloud.now + seconds)
    for service in watching:
        world.cloud.engine.interrupt(service)
    world.quiet()


def the(world: World, name: str) -> VirtualMachine:
    """Return the machine of this name."""
    return world.cloud.inventory.vms.named(name)


def fallen(steps: int = 6) -> World:
    """Return a world taken up again in the middle of a restart."""
    world = crashed(protected(), steps, taken=False)
    assert world is not None
    assert the(world, "safe").restart_wanted_since is not None
    return world


@pytest.mark.parametrize("taken", [False, True], ids=["before", "after"])
def test_it_runs_again_whenever_the_process_dies(taken: bool) -> None:
    """At every step between the death of its host and its end; what is not under HA stays off."""
    for steps in range(100):
        world = crashed(protected(), steps, taken=taken)
        if world is None:
            assert steps > 5, "it had no step to end at"
            return
        world.run(reconcile(world.cloud))
        watched(world)
        safe, plain = the(world, "safe"), the(world, "plain")
        assert safe.state is VmState.RUNNING, f"after step {steps}"
        assert safe.restart_wanted_since is None
        assert plain.state is VmState.STOPPED
        assert leaks(world) == [], f"after step {steps}"
    pytest.fail("it never came to its end")


def test_it_runs_again_without_any_service() -> None:
    """The reconciliation itself takes it up, and says so."""
    world = fallen()
    world.run(reconcile(world.cloud))
    world.quiet()
    assert the(world, "safe").state is VmState.RUNNING
    assert world.events("HA.RESTART") == [("Completed", "INFO")]
    assert leaks(world) == []


def test_no_host_may_still_be_starting_it() -> None:
    """What the dead process asked a host for may come late: nobody else begins before."""
    world = fallen()
    safe = the(world, "safe")
    assert safe.state is VmState.STARTING
    world.run(reconcile(world.cloud))
    assert safe.state is VmState.STOPPED
    settled = world.cloud.now
    world.quiet()
    again = [move for move in world.cloud.journal.story(safe) if move.after == "Starting"][-1]
    assert again.at == pytest.approx(settled + 10.0)
    assert safe.state is VmState.RUNNING


def test_tries_are_counted_anew_and_given_up() -> None:
    """After `max.retries` nobody wants it any more, neither now nor in another process."""
    world = fallen()
    world.fail("hypervisor.start", DriverFault("no"), times=9)
    world.run(reconcile(world.cloud))
    watched(world, 500)
    safe = the(world, "safe")
    assert safe.state is VmState.STOPPED
    assert safe.restart_wanted_since is None
    assert world.alerts().count("Unable to restart safe after its host failed") == 3


@pytest.mark.parametrize("verb", ["stop", "destroy", "start"])
def test_what_its_owner_did_meanwhile_is_what_counts(verb: str) -> None:
    """Stopped, destroyed or started by hand, it is nobody's to restart."""
    world = fallen()
    world.fail("hypervisor.start", DriverFault("no"))
    world.run(reconcile(world.cloud))
    world.cloud.engine.run(until=world.cloud.now + 25)
    safe = the(world, "safe")
    world.run(getattr(machines, verb)(world.cloud, safe))
    assert safe.restart_wanted_since is None
    watched(world)
    wanted = {"stop": VmState.STOPPED, "destroy": VmState.DESTROYED, "start": VmState.RUNNING}
    assert safe.state is wanted[verb]
    assert world.events("HA.RESTART") == []
    assert leaks(world) == []


def test_the_monitor_takes_up_what_nobody_restarts() -> None:
    """A restart that was broken off is begun again after an interval, once."""
    world = protected()
    cloud, engine = world.cloud, world.cloud.engine
    world.outside.break_host(world.hosts[0])
    world.fail("hypervisor.start", DriverFault("no"))
    restarting = engine.spawn(recovery.host_down(cloud, world.hosts[0]))
    engine.run(until=engine.now + 20)
    engine.interrupt(restarting)
    world.outside.faults.clear()
    restarting.defused = True
    watched(world)
    assert the(world, "safe").state is VmState.RUNNING
    assert world.events("HA.RESTART") == [("Completed", "INFO")]
    assert leaks(world) == []


def test_a_machine_whose_host_was_removed_runs_again() -> None:
    """Forced off its host, it was promised to run elsewhere."""
    ended = set()
    for steps in range(100):
        world = crashed(protected(), steps, taken=True, removing=True)
        if world is None:
            break
        world.run(reconcile(world.cloud))
        watched(world)
        gone = "c1-h1" not in {host.name for host in world.hosts}
        ended.add((gone, the(world, "safe").state))
    assert (True, VmState.RUNNING) in ended
    assert (True, VmState.STOPPED) not in ended


def test_a_host_that_can_be_asked_later_says_what_became_of_it() -> None:
    """Until then the machine is Starting; a defect on the way is told, and it is asked again."""
    world = fallen()
    safe, engine = the(world, "safe"), world.cloud.engine
    host, ports = safe.host, world.cloud.ports
    assert host is not None
    world.outside.cut_management(host)
    world.run(reconcile(world.cloud))
    assert safe.state is VmState.STARTING
    world.cloud.ports = replace(ports, hypervisor=Broken())
    engine.run(until=engine.now + 25)
    assert "Defect in reconciliation of safe" in world.alerts()
    world.cloud.ports = ports
    world.outside.mend_management(host)
    world.outside.connect(host)
    world.quiet()
    assert safe.state is VmState.RUNNING
    assert safe.restart_wanted_since is None
    assert world.events("HA.RESTART") == [("Completed", "INFO")]
