"""What a dead process had asked for happens after the next one looked: it does not stay."""

from __future__ import annotations

from cloudlab.engine import VirtualEngine
from cloudlab.model import Command, VmState
from cloudlab.workflows import machines
from cloudlab.workflows.machines.request import Deployment
from cloudlab.workflows.reconcile import reconcile
from cloudlab.workflows.reconcile.echoes import ECHO
from tests.reconcile.test_each_step import begun
from tests.support.clouds import World, build
from tests.support.truth import disagreements


def deploy(world: World):
    """A machine of which nothing is there yet."""
    asked = Deployment(world.zone, world.small, world.template, world.tenant, name="late")
    return Command.DEPLOY, "late", machines.deploy(world.cloud, asked)


def test_a_machine_that_appears_after_its_deploy_was_undone_goes() -> None:
    """Its host was still working on it when it was asked; it is looked for once more."""
    world = begun(deploy, 3, taken=False)
    assert world is not None
    number = next(vm.id for vm in world.vms if vm.name == "late")
    host = next(vm.host for vm in world.vms if vm.name == "late")
    assert host is not None
    engine = world.cloud.engine
    engine.run(engine.spawn(reconcile(world.cloud)))
    assert all(vm.id != number for vm in world.vms)
    world.outside.running[number] = host.id
    engine.run(until=engine.now + ECHO + 60)
    assert number not in world.outside.running
    assert disagreements(world.cloud, world.outside) == []


def test_a_machine_that_fell_leaves_nothing_on_a_host_that_lives() -> None:
    """Found off at the next start, it is Stopped, and its NIC plugged nowhere."""
    world = build(VirtualEngine())
    vm = world.deploy("one")
    del world.outside.running[vm.id]
    world.outside.attached.pop(vm.id, None)
    world.run(reconcile(world.cloud))
    assert vm.state is VmState.STOPPED
    assert disagreements(world.cloud, world.outside) == []
