"""Machines are destroyed, recovered and expunged."""

from __future__ import annotations

import pytest

from cloudlab.errors import DriverFault, IllegalMove
from cloudlab.model import Settings, VirtualMachine, VmState, VolumeState, VolumeType
from cloudlab.workflows import machines, services
from tests.support.clouds import World, build, leaks

DAY = 86_400.0


def with_times(delay: float, interval: float) -> World:
    """Return a world that expunges after `delay`, looking every `interval` seconds."""
    settings = {
        "vm.allocation.algorithm": "firstfit",
        "expunge.delay": delay,
        "expunge.interval": interval,
    }
    world = build(settings=Settings.of(settings))
    services.start(world.cloud, "expunge")
    return world


def expunged_at(world: World, vm: VirtualMachine, until: float) -> float | None:
    """Run on to `until` and return when the machine was removed."""
    world.cloud.engine.run(until=until)
    return vm.removed


@pytest.mark.book("1.38", "6.16", "6.21")
def test_a_destroyed_machine_keeps_its_disk_and_comes_back(world: World) -> None:
    """Destroyed gives back CPU and RAM, keeps disk and address, cannot start, is recoverable."""
    vm = world.deploy()
    ip = vm.nics[0].ip
    world.run(machines.destroy(world.cloud, vm))
    assert vm.state is VmState.DESTROYED
    assert world.states(vm)[2:] == ["Stopping", "Stopped", "Destroyed"]
    assert world.cloud.ledger.reserved_on(vm) is None
    assert world.cloud.ledger.cpu(*world.hosts).used == 0
    assert len(world.outside.disks) == 1
    assert vm.nics[0].ip == ip
    with pytest.raises(IllegalMove):
        world.run(machines.start(world.cloud, vm))
    world.run(machines.recover(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    world.run(machines.start(world.cloud, vm))
    assert (vm.state, vm.nics[0].ip) == (VmState.RUNNING, ip)
    assert leaks(world) == []


@pytest.mark.book("1.07", "5.06")
def test_expunging_removes_all_but_the_data_disk(world: World) -> None:
    """Root disk and addresses go back; a data disk lives on by itself, Ready."""
    vm = world.deploy(disk=world.disk)
    data = vm.volumes[1]
    world.run(machines.destroy(world.cloud, vm))
    world.run(machines.expunge(world.cloud, vm))
    assert world.vms == []
    assert list(world.cloud.inventory.volumes) == [data]
    assert (data.state, data.type, data.vm) == (VolumeState.READY, VolumeType.DATADISK, None)
    assert world.outside.disks == {(data.id, world.pools[0].id)}
    assert world.cloud.addresses[0].taken == 0
    assert len(world.cloud.inventory.nics) == 0
    assert leaks(world) == []


def test_destroy_and_expunge_at_once(world: World) -> None:
    """With expunge=True nothing stays, whatever state the machine was in."""
    running, stopped = world.deploy(), world.deploy()
    world.run(machines.stop(world.cloud, stopped))
    for vm in (running, stopped):
        world.run(machines.destroy(world.cloud, vm, expunge=True))
        assert vm.removed is not None
    assert world.vms == []
    assert not world.outside.disks
    assert leaks(world) == []


def test_a_machine_that_never_ran_is_expunged(world: World) -> None:
    """Without a pool and an address there is only a record to remove."""
    vm = world.run(machines.deploy(world.cloud, world.asked(start=False)))
    world.run(machines.expunge(world.cloud, vm))
    assert world.vms == []
    assert len(world.cloud.inventory.volumes) == len(world.cloud.inventory.nics) == 0


def test_a_disk_that_cannot_be_removed_keeps_the_machine_expunging(world: World) -> None:
    """The machine waits in Expunging, and the next try removes it."""
    vm = world.deploy()
    world.run(machines.destroy(world.cloud, vm))
    world.fail("blocks.delete", DriverFault("busy"), times=3)
    with pytest.raises(DriverFault):
        world.run(machines.expunge(world.cloud, vm))
    assert vm.state is VmState.EXPUNGING
    assert vm.volumes[0].state is VolumeState.DESTROY
    assert leaks(world) == []
    world.run(machines.expunge(world.cloud, vm))
    assert vm.removed is not None
    assert leaks(world) == []


def test_a_destroy_that_cannot_stop_the_machine_leaves_it_running(world: World) -> None:
    """What cannot be stopped is not destroyed."""
    vm = world.deploy()
    world.fail("hypervisor.stop", DriverFault("no"))
    with pytest.raises(DriverFault):
        world.run(machines.destroy(world.cloud, vm))
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


@pytest.mark.book("1.39", "5.36", "5.37", "6.17")
@pytest.mark.parametrize(
    ("delay", "interval", "destroyed", "removed"),
    [
        (DAY, DAY, 1000.0, 2 * DAY),
        (DAY, DAY, DAY, 2 * DAY),
        (0.0, 100.0, 250.0, 300.0),
        (0.0, 100.0, 300.0, 300.0),
        (50.0, 100.0, 250.0, 300.0),
        (51.0, 100.0, 250.0, 400.0),
        (50.0, 0.0, 250.0, 300.0),
        (0.1, 0.1, 0.15, 0.1 * 3),
        (0.0, 0.0, 250.0, 250.0),
    ],
)
def test_the_service_expunges_at_the_first_round_after_the_delay(
    delay: float, interval: float, destroyed: float, removed: float
) -> None:
    """Rounds are at whole multiples of the interval; with none, as soon as the delay is over."""
    world = with_times(delay, interval)
    vm = world.deploy()
    world.cloud.engine.run(until=destroyed)
    world.run(machines.destroy(world.cloud, vm))
    assert expunged_at(world, vm, removed + 1) == removed
    assert leaks(world) == []


def test_the_service_leaves_what_was_recovered() -> None:
    """A machine that was brought back in time stays."""
    world = with_times(100.0, 100.0)
    vm = world.deploy()
    world.run(machines.destroy(world.cloud, vm))
    world.cloud.engine.run(until=90)
    world.run(machines.recover(world.cloud, vm))
    assert expunged_at(world, vm, 1000) is None
    assert vm.state is VmState.STOPPED


def test_the_service_tries_again_and_tells() -> None:
    """What could not be removed is tried at the next round, and the administrator is told."""
    world = with_times(100.0, 100.0)
    vm, other = world.deploy(), world.deploy()
    for each in (vm, other):
        world.run(machines.destroy(world.cloud, each))
    world.fail("blocks.delete", DriverFault("busy"), times=3)
    world.cloud.engine.run(until=101)
    assert vm.state is VmState.EXPUNGING
    assert other.removed == 100
    assert world.alerts() == ["Unable to expunge vm-1"]
    assert expunged_at(world, vm, 301) == 200
    assert world.events("VM.EXPUNGE") == [("Completed", "INFO")] * 2
    assert leaks(world) == []


def test_the_service_removes_disks_that_were_left_over() -> None:
    """A disk a failed deployment left behind goes with the next round."""
    world = with_times(100.0, 100.0)
    world.fail("hypervisor.start", DriverFault("no"))
    world.fail("blocks.delete", DriverFault("busy"), times=3)
    with pytest.raises(DriverFault, match="no"):
        world.deploy()
    assert world.vms == []
    (left,) = world.cloud.inventory.volumes
    assert left.state is VolumeState.DESTROY
    assert leaks(world) == []
    world.cloud.engine.run(until=101)
    assert not world.outside.disks
    assert len(world.cloud.inventory.volumes) == 0
    assert leaks(world) == []


def test_error_machines_go_too() -> None:
    """A machine in Error is expunged like a destroyed one."""
    world = with_times(100.0, 100.0)
    with pytest.raises(Exception, match="no place"):
        world.deploy(offering=world.offering(ram_mib=9000))
    assert expunged_at(world, world.vms[0], 101) == 100
    assert world.vms == []


def test_a_machine_is_expunged_once(slow_world: World) -> None:
    """Two who expunge the same machine at once: the second finds it gone."""
    world, engine = slow_world, slow_world.cloud.engine
    vm = world.deploy()
    world.run(machines.destroy(world.cloud, vm))
    first = engine.spawn(machines.expunge(world.cloud, vm), "first")
    second = engine.spawn(machines.expunge(world.cloud, vm), "second")
    engine.run(second)
    assert first.processed
    assert world.vms == []
    assert leaks(world) == []
