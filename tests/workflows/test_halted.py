"""Machines whose storage is full stand still: told, never ended, and let go on with room."""

from __future__ import annotations

from cloudlab.engine import VirtualEngine
from cloudlab.errors import DriverFault
from cloudlab.model import VirtualMachine, VmState
from cloudlab.workflows import machines
from cloudlab.workflows.services.halted import HaltedMachines
from cloudlab.workflows.services.monitor import watch_hosts
from tests.support.clouds import World, build, leaks


def protected() -> tuple[World, VirtualMachine]:
    """Return a world with a machine under high availability, whose pool is full."""
    world = build(VirtualEngine())
    vm = world.deploy("web", offering=world.offering(ha=True))
    world.outside.full.add(world.pools[0].id)
    return world, vm


def rounds(world: World, count: int, halted: HaltedMachines) -> None:
    """Let the monitor make its rounds."""
    for _ in range(count):
        world.run(watch_hosts(world.cloud, None, halted))
        world.quiet()


def told(world: World) -> list[tuple[str, bool]]:
    """Return the subject line of every alert, and whether it is open."""
    return [(each.name, each.is_open) for each in world.cloud.inventory.alerts]


def test_a_machine_on_a_full_pool_is_told_and_left_running() -> None:
    """One alert, however often it is seen, names machine, disk and pool, and what to do."""
    world, vm = protected()
    host, running = vm.host, dict(world.outside.running)
    rounds(world, 3, HaltedMachines())
    assert told(world) == [("web stands still: pool c1-pool is full", True)]
    (alert,) = world.cloud.inventory.alerts
    assert f"{host} paused vm web before it lost what it writes to volume ROOT-1" in alert.text
    assert "make room on pool c1-pool (" in alert.text
    assert "it goes on by itself within 60 s" in alert.text
    assert (vm.state, vm.host, world.outside.running) == (VmState.RUNNING, host, running)
    assert world.wire.count("hypervisor.resume") == 3
    assert world.events("VM.PAUSE") == [("Completed", "WARN")]
    assert leaks(world) == []


def test_with_room_it_goes_on_and_the_alert_is_resolved() -> None:
    """It is noticed at the next round; full again, it is told again."""
    world, _ = protected()
    halted = HaltedMachines()
    rounds(world, 1, halted)
    world.outside.full.clear()
    rounds(world, 2, halted)
    assert told(world) == [("web stands still: pool c1-pool is full", False)]
    assert world.events("VM.RESUME") == [("Completed", "INFO")]
    world.outside.full.add(world.pools[0].id)
    rounds(world, 1, halted)
    assert [is_open for _, is_open in told(world)] == [False, True]


def test_the_next_process_knows_what_was_told() -> None:
    """It tells nothing twice, and resolves what the last one told."""
    world, _ = protected()
    rounds(world, 1, HaltedMachines())
    rounds(world, 1, HaltedMachines())
    assert len(told(world)) == 1
    world.outside.full.clear()
    rounds(world, 1, HaltedMachines())
    assert [is_open for _, is_open in told(world)] == [False]


def test_what_is_stopped_stands_still_no_more() -> None:
    """Its alert is resolved, and nobody resumes it."""
    world, vm = protected()
    halted = HaltedMachines()
    rounds(world, 1, halted)
    world.run(machines.stop(world.cloud, vm, forced=True))
    rounds(world, 1, halted)
    assert [is_open for _, is_open in told(world)] == [False]
    assert world.wire.count("hypervisor.resume") == 1
    assert world.events("VM.RESUME") == []


def test_a_host_that_does_not_say_changes_nothing() -> None:
    """No answer is not the answer that nothing stands still; a resume that fails is tried again."""
    world, vm = protected()
    halted = HaltedMachines()
    world.fail("hypervisor.resume", DriverFault("no"))
    rounds(world, 1, halted)
    world.wire.refuse("hypervisor.halted", DriverFault("lost"), times=3)
    rounds(world, 1, halted)
    assert [is_open for _, is_open in told(world)] == [True]
    rounds(world, 1, halted)
    assert world.wire.count("hypervisor.resume") == 1
    assert vm.state is VmState.RUNNING
