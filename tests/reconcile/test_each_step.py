"""Every verb, ended at every one of its steps, before and after that step was taken."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.model import (
    Command,
    DiskOffering,
    JobStatus,
    Network,
    Protocol,
    PublicIp,
    Record,
    TrafficType,
    VirtualMachine,
    VmState,
)
from cloudlab.workflows import (
    jobs,
    machines,
    migration,
    networks,
    pools,
    snapshots,
    volumes,
    zones,
)
from cloudlab.workflows.reconcile import reconcile
from tests.reconcile.crash import Crash, Fuse, taken_up
from tests.support.clouds import World, build, leaks, slow

Began = tuple[Command, Record | str, Coroutine[Any, Any, Any]]
Work = Callable[[World], Began]


def deploy(world: World) -> Began:
    """A second machine."""
    return Command.DEPLOY, "vm", machines.deploy(world.cloud, world.asked("new", disk=world.disk))


def migrate(world: World) -> Began:
    """The machine that runs, to another host."""
    return Command.MIGRATE, world.vms[0], migration.migrate(world.cloud, world.vms[0])


def stop(world: World) -> Began:
    """The machine that runs."""
    return Command.STOP, world.vms[0], machines.stop(world.cloud, world.vms[0])


def start(world: World) -> Began:
    """The machine that was stopped."""
    return Command.START, world.vms[1], machines.start(world.cloud, world.vms[1])


def expunge(world: World) -> Began:
    """The machine that runs, at once."""
    return Command.DESTROY, world.vms[0], machines.destroy(world.cloud, world.vms[0], expunge=True)


def attach(world: World) -> Began:
    """A new volume, to the machine that runs."""
    volume = world.run(
        volumes.create_volume(world.cloud, world.cloud.admin, world.zone, "more", world.disk)
    )
    return Command.ATTACH_VOLUME, volume, volumes.attach(world.cloud, volume, world.vms[0])


def detach(world: World) -> Began:
    """The data volume of the machine that runs."""
    volume = world.vms[0].volumes[1]
    return Command.DETACH_VOLUME, volume, volumes.detach(world.cloud, volume)


def resize(world: World) -> Began:
    """The root volume of the machine that runs."""
    volume = world.vms[0].volumes[0]
    return Command.RESIZE_VOLUME, volume, volumes.resize(world.cloud, volume, 4096)


def grow(world: World) -> Began:
    """The data volume of the machine that runs, by an offering of another size."""
    volume = world.vms[0].volumes[1]
    large = world.cloud.inventory.disk_offerings.add(DiskOffering(name="large", size_mib=9000))
    return Command.RESIZE_VOLUME, volume, volumes.resize(world.cloud, volume, offering=large)


def move(world: World) -> Began:
    """The root volume of the machine that does not run, to another pool."""
    cluster = world.clusters[0]
    pool = world.run(pools.create(world.cloud, cluster, "other", 100_000, overprovisioning=1.0))
    volume = world.vms[1].volumes[0]
    return Command.MIGRATE_VOLUME, volume, volumes.migrate(world.cloud, volume, pool)


def upload(world: World) -> Began:
    """A volume made of a file."""
    cloud, file = world.cloud, Path("data.qcow2")
    work = volumes.upload(cloud, cloud.admin, world.zone, "data", world.disk, path=file)
    return Command.UPLOAD_VOLUME, "data", work


def snapshot(world: World) -> Began:
    """The machine that runs, with its memory."""
    vm = world.vms[0]
    return Command.CREATE_VM_SNAPSHOT, vm, snapshots.create(world.cloud, vm, memory=True)


def revert(world: World) -> Began:
    """The machine that runs, to a snapshot of its memory."""
    vm = world.vms[0]
    kept = world.run(snapshots.create(world.cloud, vm, memory=True))
    return Command.REVERT_VM_SNAPSHOT, vm, snapshots.revert(world.cloud, kept)


def delete_snapshot(world: World) -> Began:
    """A snapshot of the machine that runs."""
    kept = world.run(snapshots.create(world.cloud, world.vms[0]))
    return Command.DELETE_VM_SNAPSHOT, kept, snapshots.delete(world.cloud, kept)


def place(world: World) -> tuple[Network, VirtualMachine]:
    """Give the world a network with a machine that runs, and return both."""
    cloud, zone = world.cloud, world.zone
    cable = zones.Wire(name="eth0", traffic={TrafficType.GUEST: "br0"}, vlans=(500, 509))
    world.run(zones.add_physical_network(cloud, zone, cable))
    span = zones.Span(start="198.18.0.2", end="198.18.0.9")
    world.run(zones.add_range(cloud, TrafficType.PUBLIC, zone, span))
    network = world.run(networks.create(cloud, world.tenant, zone, "net"))
    return network, world.deploy("web", network=network, account=world.tenant)


def address(world: World) -> tuple[PublicIp, VirtualMachine]:
    """Return a public address of a network, and a machine there."""
    network, vm = place(world)
    return world.run(networks.acquire_ip(world.cloud, network)), vm


def acquire_ip(world: World) -> Began:
    """A public address."""
    network, _ = place(world)
    return Command.ACQUIRE_IP, network, networks.acquire_ip(world.cloud, network)


def release_ip(world: World) -> Began:
    """A public address with a rule on it."""
    ip, vm = address(world)
    ports = (80, 80)
    world.run(networks.add_port_forwarding(world.cloud, ip, vm, public_ports=ports))
    return Command.RELEASE_IP, ip, networks.release_ip(world.cloud, ip)


def forward(world: World) -> Began:
    """A port of a public address."""
    ip, vm = address(world)
    work = networks.add_port_forwarding(world.cloud, ip, vm, public_ports=(80, 80))
    return Command.CREATE_PORT_FORWARDING, ip, work


def forward_no_more(world: World) -> Began:
    """A port of a public address that was forwarded."""
    ip, vm = address(world)
    work = networks.add_port_forwarding(world.cloud, ip, vm, public_ports=(80, 80))
    rule = world.run(work)
    going = networks.remove_port_forwarding(world.cloud, rule)
    return Command.DELETE_PORT_FORWARDING, rule, going


def static_nat(world: World) -> Began:
    """A public address stands for a machine."""
    ip, vm = address(world)
    return Command.ENABLE_STATIC_NAT, ip, networks.enable_static_nat(world.cloud, ip, vm)


def static_nat_no_more(world: World) -> Began:
    """A public address that stood for a machine, with a port open."""
    ip, vm = address(world)
    world.run(networks.enable_static_nat(world.cloud, ip, vm))
    world.run(networks.add_firewall_rule(world.cloud, ip, Protocol.TCP, (22, 22)))
    return Command.DISABLE_STATIC_NAT, ip, networks.disable_static_nat(world.cloud, ip)


def balance(world: World) -> Began:
    """A machine behind a load balancer."""
    ip, vm = address(world)
    rule = world.run(networks.add_load_balancer(world.cloud, ip, "lb", public_port=80))
    return Command.ASSIGN_TO_LOAD_BALANCER, rule, networks.assign(world.cloud, rule, vm)


ON_NETWORKS = (
    acquire_ip,
    release_ip,
    forward,
    forward_no_more,
    static_nat,
    static_nat_no_more,
    balance,
)
ENDS = {
    deploy: {VmState.RUNNING, None},
    migrate: {VmState.RUNNING},
    stop: {VmState.RUNNING, VmState.STOPPED},
    start: {VmState.RUNNING, VmState.STOPPED},
    expunge: {VmState.RUNNING, VmState.STOPPED, None},
    attach: {VmState.RUNNING},
    detach: {VmState.RUNNING},
    resize: {VmState.RUNNING},
    grow: {VmState.RUNNING},
    move: {VmState.STOPPED},
    upload: {VmState.RUNNING},
    snapshot: {VmState.RUNNING},
    revert: {VmState.RUNNING},
    delete_snapshot: {VmState.RUNNING},
    **{verb: {VmState.RUNNING} for verb in ON_NETWORKS},
}
"""How a verb may have ended: done, or never begun; `None`: there is no such machine."""
ABOUT = {deploy: "new", start: "two", move: "two", **dict.fromkeys(ON_NETWORKS, "web")}
"""The machine that a verb is about, where it is not `one`."""


def begun(verb: Work, steps: int, *, taken: bool) -> World | None:
    """Begin `verb` in a world with one machine that runs and one that does not, and crash."""
    world = build(VirtualEngine(), slow())
    world.deploy("one", disk=world.disk)
    world.run(machines.stop(world.cloud, world.deploy("two")))
    command, subject, work = verb(world)
    fuse = Fuse(world, steps, taken=taken)
    try:
        world.run(jobs.perform(world.cloud, command, subject, work))
    except Crash:
        assert fuse.kept is not None
        return taken_up(world, fuse.kept, world.cloud.engine.now)
    return None


def named(world: World, name: str) -> VirtualMachine | None:
    """Return the machine of this name, if there is one."""
    return next((vm for vm in world.vms if vm.name == name), None)


@pytest.mark.parametrize("taken", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", list(ENDS), ids=[verb.__name__ for verb in ENDS])
def test_it_is_done_or_was_never_begun(verb: Work, taken: bool) -> None:
    """Whichever step was the last: books and outside agree, and the machine is in no between."""
    for steps in range(100):
        world = begun(verb, steps, taken=taken)
        if world is None:
            assert steps >= 1, "it had no step to end at"
            return
        jobs_left = world.run(reconcile(world.cloud))
        assert [job.status for job in jobs_left] == [JobStatus.FAILED]
        assert "finished or undone" in jobs_left[0].error_text
        assert leaks(world) == [], f"after step {steps}"
        vm = named(world, ABOUT.get(verb, "one"))
        assert (vm.state if vm is not None else None) in ENDS[verb]
    pytest.fail("it never came to its end")


def test_a_machine_whose_host_does_not_answer_is_left_alone() -> None:
    """It stays Starting until the host can be asked; then it is seen to: it has booted."""
    worlds = [begun(deploy, steps, taken=True) for steps in range(9)]
    world = [each for each in worlds if each is not None][-1]
    vm = named(world, "new")
    assert vm is not None
    assert vm.host is not None
    world.outside.cut_management(vm.host)
    world.cloud.engine.run(world.cloud.engine.spawn(reconcile(world.cloud)))
    assert vm.state is VmState.STARTING
    world.outside.mend_management(vm.host)
    world.outside.connect(vm.host)
    world.quiet()
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []


def test_without_anything_under_way_nothing_changes() -> None:
    """A second reconciliation finds nothing to do."""
    world = build(VirtualEngine())
    world.deploy("one")
    before = world.cloud.state()["inventory"]
    assert world.run(reconcile(world.cloud)) == []
    assert world.cloud.state()["inventory"] == before
    assert leaks(world) == []
