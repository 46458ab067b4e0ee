"""A machine's life, on both clocks."""

from __future__ import annotations

import pytest

from cloudlab.errors import HostFault, IllegalMove, InsufficientCapacity
from cloudlab.model import VirtualMachine, VmState
from cloudlab.workflows import machines
from tests.support.clouds import World, build, leaks


def test_deploy_runs_a_machine(world: World) -> None:
    """A deployed machine runs on the first host, with an address, a disk and a claim."""
    vm = world.deploy("web")
    assert vm.state is VmState.RUNNING
    assert vm.host is world.hosts[0]
    assert vm.nics[0].ip == "10.1.0.2"
    assert vm.volumes[0].state == "Ready"
    assert leaks(world) == []


@pytest.mark.parametrize("step", ["router.admit", "fabric.plug", "blocks.create", "hypervisor.start"])
def test_a_host_fault_tries_the_next_host(world: World, step: str) -> None:
    """Whatever step fails on the first host, the machine runs on the second."""
    world.outside.faults.plan(step, HostFault("qemu exited"))
    vm = world.deploy()
    assert vm.host is world.hosts[1]
    assert leaks(world) == []


def test_ten_tries_and_no_more(world: World) -> None:
    """After `start.retry` faults, or when no host is left, nothing stays behind."""
    world.outside.faults.plan("hypervisor.start", HostFault("qemu exited"), times=-1)
    with pytest.raises(InsufficientCapacity):
        world.deploy()
    assert [vm.state for vm in world.cloud.inventory.vms] == [VmState.ERROR]
    assert leaks(world) == []
    assert not world.outside.disks


def test_no_room_leaves_the_machine_in_error(world: World) -> None:
    """A machine that fits nowhere is in Error, holds nothing, and can be expunged."""
    world.small.ram_mib = 9000
    with pytest.raises(InsufficientCapacity, match="would fit"):
        world.deploy("big")
    (vm,) = world.cloud.inventory.vms
    assert vm.state is VmState.ERROR
    assert leaks(world) == []
    world.run(machines.destroy(world.cloud, vm))
    assert len(world.cloud.inventory.vms) == 0


def test_stop_keeps_the_place_and_start_returns_to_it(world: World) -> None:
    """A stopped machine reserves its host for a while, and starts there again."""
    first, second = world.deploy(), world.deploy()
    assert second.host is first.host
    host = second.host
    world.run(machines.stop(world.cloud, second))
    assert world.cloud.ledger.reserved_on(second) is host
    assert second.state is VmState.STOPPED
    world.run(machines.start(world.cloud, second))
    assert second.host is host
    assert leaks(world) == []


def test_destroy_recover_expunge(world: World) -> None:
    """A destroyed machine keeps its disk until it is expunged, and can be recovered before."""
    vm = world.deploy()
    world.run(machines.destroy(world.cloud, vm))
    assert vm.state is VmState.DESTROYED
    assert len(world.outside.disks) == 1
    world.run(machines.recover(world.cloud, vm))
    assert vm.state is VmState.STOPPED
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    assert not world.outside.disks
    assert len(world.cloud.inventory.vms) == len(world.cloud.inventory.volumes) == 0
    assert leaks(world) == []


def test_illegal_moves_say_what_is_possible(world: World) -> None:
    """Starting what runs is refused with the table's own words."""
    vm = world.deploy("web")
    with pytest.raises(IllegalMove, match="unable to transition .* from Running via StartRequested"):
        world.run(machines.start(world.cloud, vm))
    assert vm.state is VmState.RUNNING


AT = [0.0, 0.05, 0.1, 0.25, 0.3, 1.0, 3.2, 3.3, 4.0, 5.3, 6.0, 13.0, 13.29]


@pytest.mark.parametrize("at", AT)
def test_an_interrupted_deploy_leaves_nothing(slow_world: World, scale: float, at: float) -> None:
    """Interrupted at any moment, a deploy leaves no claim, NIC, disk, address or machine."""
    world = slow_world
    engine = world.cloud.engine

    async def story() -> str:
        job = engine.spawn(machines.deploy(world.cloud, world.asked()))

        async def kill() -> None:
            await engine.sleep(at * scale)
            engine.interrupt(job, "user cancelled")

        killer = engine.spawn(kill())
        try:
            await engine.wait(job)
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
        finally:
            await engine.wait(killer)
        return "ran"

    ended = engine.run(engine.spawn(story()))
    assert leaks(world) == []
    if ended != "ran":
        assert len(world.cloud.inventory.vms) == len(world.cloud.inventory.nics) == 0
        assert not (world.outside.running or world.outside.disks or world.outside.plugged)


def test_deploy_is_a_record() -> None:
    """The result of a deploy is the machine itself."""
    assert isinstance(build().deploy(), VirtualMachine)
