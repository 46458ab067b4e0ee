"""Every verb, and what it is done to: for tests that let it fail or break it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudlab.engine import Engine
from cloudlab.model import Settings, VirtualMachine, VmSnapshot, Volume
from cloudlab.workflows import (
    hosts,
    jobs,
    machines,
    migration,
    pools,
    recovery,
    services,
    snapshots,
    volumes,
)
from simulator.latency import LatencyProfile
from tests.support.clouds import World, build, leaks


@dataclass(frozen=True)
class Verb:
    """Something that is done to a world with one machine, and the steps it takes."""

    name: str
    work: Callable[[World], jobs.Work]
    steps: tuple[str, ...]
    before: Callable[[World], jobs.Work] | None = None
    """What is done first."""
    waits: bool = False
    """Whether it waits before it tries again: then only on the virtual clock."""
    watched: bool = False
    """Whether the host monitor finds what it does not."""


PLUG = ("router.admit", "fabric.plug")
BUILD = ("images.stage", "blocks.create")
START = (*PLUG, "hypervisor.start")
STOP = ("hypervisor.stop", "hypervisor.destroy", "fabric.unplug", "router.forget")
ROUTER_MOVE = ("router.implement", "router.shutdown")
MOVE = ("fabric.plug", "hypervisor.migrate", "hypervisor.destroy", "fabric.unplug")


def first(world: World) -> VirtualMachine:
    """Return the first machine."""
    return world.vms[0]


def add_host(world: World) -> jobs.Work:
    """Return the work that adds a host."""
    return hosts.add(world.cloud, world.clusters[0], "new", cpus=4, mhz=1000, ram_mib=8192)


async def lose_host(world: World) -> None:
    """Break the first host and deal with it."""
    world.outside.break_host(world.hosts[0])
    await recovery.host_down(world.cloud, world.hosts[0])


async def go_around(world: World) -> None:
    """Restart the first host before anybody has noticed that it was gone."""
    world.outside.break_host(world.hosts[0])
    world.outside.repair_host(world.hosts[0])


async def lose_contact(world: World) -> None:
    """Unplug the management cable of the first host and look into it."""
    world.outside.cut_management(world.hosts[0])
    await recovery.look_into(world.cloud, world.hosts[0])


async def find_contact(world: World) -> None:
    """Plug that cable in again and take the host back."""
    world.outside.mend_management(world.hosts[0])
    await recovery.host_back(world.cloud, world.hosts[0])


async def fresh(world: World) -> None:
    """Begin again without machines, on a pool without a copy of the template."""
    await out_and_empty(world)
    await pools.remove(world.cloud, world.pools[0])
    await pools.create(world.cloud, world.clusters[0], "fresh", 10_240)


async def out_and_empty(world: World) -> None:
    """Take the pool out of service and expunge the machine that was on it."""
    await pools.enter_maintenance(world.cloud, world.pools[0])
    await machines.destroy(world.cloud, world.vms[0], expunge=True)


async def with_volume(world: World) -> None:
    """Make a data volume that belongs to nobody."""
    cloud = world.cloud
    await volumes.create_volume(cloud, cloud.admin, world.zone, "data", world.disk)


def data(world: World) -> Volume:
    """Return the data volume."""
    return world.cloud.inventory.volumes.named("data")


async def attached(world: World) -> None:
    """Attach a data volume to the machine."""
    await with_volume(world)
    await volumes.attach(world.cloud, data(world), first(world))


async def detached(world: World) -> None:
    """Leave a data volume that was attached once, and a pool to move it to."""
    await attached(world)
    await volumes.detach(world.cloud, data(world))
    await pools.create(world.cloud, world.clusters[0], "other", 10_240)


def upload(world: World) -> jobs.Work:
    """Return the work that makes a data volume of a file."""
    cloud, file = world.cloud, Path("data.qcow2")
    return volumes.upload(cloud, cloud.admin, world.zone, "data", world.disk, path=file)


async def kept(world: World) -> None:
    """Make a snapshot of the machine, with its memory."""
    await snapshots.create(world.cloud, first(world), memory=True)


async def kept_and_off(world: World) -> None:
    """Make a snapshot of the machine, with its memory, and stop it."""
    await kept(world)
    await machines.stop(world.cloud, first(world))


def snapshot(world: World) -> VmSnapshot:
    """Return the snapshot."""
    return next(iter(world.cloud.inventory.vm_snapshots))


VERBS = [
    Verb(
        "deploy",
        lambda world: machines.deploy(world.cloud, world.asked(disk=world.disk)),
        (*PLUG, *BUILD, "hypervisor.start"),
        fresh,
    ),
    Verb(
        "start",
        lambda world: machines.start(world.cloud, first(world)),
        START,
        lambda world: machines.stop(world.cloud, first(world)),
    ),
    Verb("stop", lambda world: machines.stop(world.cloud, first(world)), STOP),
    Verb(
        "stop by force", lambda world: machines.stop(world.cloud, first(world), forced=True), STOP
    ),
    Verb(
        "reboot", lambda world: machines.reboot(world.cloud, first(world)), ("hypervisor.reboot",)
    ),
    Verb("destroy", lambda world: machines.destroy(world.cloud, first(world)), STOP),
    Verb(
        "destroy and expunge",
        lambda world: machines.destroy(world.cloud, first(world), expunge=True),
        (*STOP, "blocks.delete"),
    ),
    Verb("migrate", lambda world: migration.migrate(world.cloud, first(world)), MOVE),
    Verb("add host", add_host, ("hypervisor.connect", "blocks.attach_pool")),
    Verb(
        "remove host",
        lambda world: hosts.remove(world.cloud, world.hosts[0], forced=True),
        (*STOP, *ROUTER_MOVE, "blocks.detach_pool", "hypervisor.disconnect", *START),
        waits=True,
    ),
    Verb(
        "add pool",
        lambda world: pools.create(world.cloud, world.clusters[0], "new", 1024),
        ("blocks.attach_pool",),
    ),
    Verb(
        "remove pool",
        lambda world: pools.remove(world.cloud, world.pools[0]),
        ("images.evict",),
        out_and_empty,
    ),
    Verb(
        "host maintenance",
        lambda world: hosts.enter_maintenance(world.cloud, world.hosts[0]),
        (*MOVE, *ROUTER_MOVE),
        waits=True,
    ),
    Verb(
        "pool maintenance",
        lambda world: pools.enter_maintenance(world.cloud, world.pools[0]),
        (*STOP, "blocks.detach_pool"),
    ),
    Verb(
        "end of pool maintenance",
        lambda world: pools.cancel_maintenance(world.cloud, world.pools[0]),
        ("blocks.attach_pool", *START),
        lambda world: pools.enter_maintenance(world.cloud, world.pools[0]),
    ),
    Verb(
        "host down",
        lose_host,
        ("power.off", "router.forget", "router.implement", *START),
        waits=True,
        watched=True,
    ),
    Verb(
        "host back",
        lambda world: recovery.host_back(world.cloud, world.hosts[0]),
        ("power.on", "hypervisor.connect", "blocks.attach_pool", "hypervisor.guests"),
        lose_host,
    ),
    Verb(
        "host back unnoticed",
        lambda world: recovery.host_back(world.cloud, world.hosts[0]),
        (
            "hypervisor.connect",
            "blocks.attach_pool",
            "hypervisor.guests",
            "hypervisor.destroy",
            "fabric.unplug",
            "router.forget",
            "router.networks",
            *ROUTER_MOVE,
            *START,
        ),
        go_around,
        waits=True,
        watched=True,
    ),
    Verb(
        "host out of contact",
        lose_contact,
        ("probe.reachable", "probe.heartbeat_age", "power.state"),
    ),
    Verb(
        "host in contact again",
        find_contact,
        ("hypervisor.connect", "blocks.attach_pool", "hypervisor.guests", "router.networks"),
        lose_contact,
        waits=True,
        watched=True,
    ),
    Verb(
        "attach",
        lambda world: volumes.attach(world.cloud, data(world), first(world)),
        ("blocks.create", "hypervisor.attach"),
        with_volume,
    ),
    Verb(
        "detach",
        lambda world: volumes.detach(world.cloud, data(world)),
        ("hypervisor.detach",),
        attached,
    ),
    Verb(
        "resize",
        lambda world: volumes.resize(world.cloud, first(world).volumes[0], 4096),
        ("blocks.resize",),
    ),
    Verb(
        "migrate volume",
        lambda world: volumes.migrate(world.cloud, data(world), world.pools[-1]),
        ("blocks.copy", "blocks.delete"),
        detached,
    ),
    Verb("upload volume", upload, ("blocks.create", "blocks.upload")),
    Verb(
        "delete volume",
        lambda world: volumes.delete(world.cloud, data(world)),
        ("blocks.delete",),
        detached,
    ),
    Verb(
        "snapshot",
        lambda world: snapshots.create(world.cloud, first(world)),
        ("hypervisor.snapshot",),
    ),
    Verb(
        "revert",
        lambda world: snapshots.revert(world.cloud, snapshot(world)),
        ("hypervisor.revert",),
        kept,
    ),
    Verb(
        "revert to memory",
        lambda world: snapshots.revert(world.cloud, snapshot(world)),
        (*PLUG, "hypervisor.revert"),
        kept_and_off,
    ),
    Verb(
        "delete snapshot",
        lambda world: snapshots.delete(world.cloud, snapshot(world)),
        ("hypervisor.drop_snapshot",),
        kept,
    ),
    Verb(
        "destroy and expunge with a snapshot",
        lambda world: machines.destroy(world.cloud, first(world), expunge=True),
        ("hypervisor.drop_snapshot", "blocks.delete"),
        kept_and_off,
    ),
]

QUICK = {
    "vm.allocation.algorithm": "firstfit",
    "vm.ha.migration.max.retries": 1,
    "max.retries": 2,
}


def prepared(engine: Engine, verb: Verb, latency: LatencyProfile | None = None) -> World:
    """Return a world with one machine, ready for `verb`, in which steps take their time."""
    world = build(engine, settings=Settings.of(QUICK))
    world.deploy(offering=world.offering(ha=True))
    if verb.before is not None:
        world.run(verb.before(world))
    assert leaks(world) == [] or verb.before is go_around
    world.wire.log.clear()
    world.outside.latency = latency or world.outside.latency
    return world


def watch(world: World) -> None:
    """Let the host monitor look for half an hour."""
    (monitor,) = services.start(world.cloud, "host monitor")
    world.cloud.engine.run(until=world.cloud.now + 2000)
    world.cloud.engine.interrupt(monitor)
