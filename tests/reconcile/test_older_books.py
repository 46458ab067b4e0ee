"""Books that were restored from an earlier day: what runs meanwhile is taken over, never ended."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import CloudError, DriverFault, HostFault
from cloudlab.model import VmState
from cloudlab.workflows import hosts, machines, migration
from cloudlab.workflows.reconcile import reconcile
from tests.reconcile.crash import taken_up
from tests.support.clouds import World, build, leaks, slow


def restored(*, moved: bool = False, crowded: bool = False) -> World:
    """Return a world whose books say that a machine is off, which was started since."""
    world = build(VirtualEngine(), slow())
    vm = world.deploy("web")
    cloud, there = world.cloud, vm.host
    world.run(machines.stop(cloud, vm))
    if crowded:
        world.run(hosts.disable(cloud, there))
    kept = cloud.state()
    if crowded:
        world.run(hosts.enable(cloud, there))
    world.run(machines.start(cloud, vm))
    if moved:
        world.run(migration.migrate(cloud, vm, world.hosts[1]))
    return taken_up(world, kept, cloud.engine.now)


@pytest.mark.parametrize("moved", [False, True], ids=["where it was", "elsewhere"])
def test_what_runs_is_taken_over(moved: bool) -> None:
    """It is Running where it runs, with its address and its place, and nothing is left over."""
    world = restored(moved=moved)
    running = dict(world.outside.running)
    world.run(reconcile(world.cloud))
    (vm,) = world.vms
    assert (vm.state, vm.host) == (VmState.RUNNING, world.hosts[int(moved)])
    assert world.outside.running == running
    assert world.alerts() == []
    assert leaks(world) == []


def test_what_cannot_be_taken_over_is_told_and_runs_on() -> None:
    """The alert names machine, host and reason, and what to do; put right, a start takes it."""
    world = restored(crowded=True)
    running = dict(world.outside.running)
    world.run(reconcile(world.cloud))
    (vm,) = world.vms
    assert (vm.state, world.outside.running) == (VmState.STOPPED, running)
    (told,) = world.cloud.inventory.alerts
    assert told.name == f"web runs on {world.hosts[0]} and is Stopped in the books"
    assert "it was left alone: end it on the host, or make room" in told.text
    world.run(hosts.enable(world.cloud, world.hosts[0]))
    world.run(machines.start(world.cloud, vm))
    assert (vm.state, world.outside.running) == (VmState.RUNNING, running)
    assert leaks(world) == []


@pytest.mark.parametrize("error", [HostFault, DriverFault])
@pytest.mark.parametrize("step", ["router.admit", "fabric.plug", "hypervisor.power_state"])
def test_whatever_fails_it_is_not_ended(step: str, error: type[CloudError]) -> None:
    """Nor cut off: what its host cannot say now, another start will find."""
    world = restored()
    running, plugged = dict(world.outside.running), set(world.outside.plugged)
    world.wire.refuse(step, error("no answer"), times=6)
    world.run(reconcile(world.cloud))
    (vm,) = world.vms
    assert (world.outside.running, world.outside.plugged) == (running, plugged)
    world.wire.cut.planned.clear()
    if vm.state is VmState.STOPPED:
        world.run(machines.start(world.cloud, vm))
    assert (vm.state, world.outside.running) == (VmState.RUNNING, running)
    assert leaks(world) == []
