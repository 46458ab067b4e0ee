"""Every verb, and what it is done to: for tests that let it fail or break it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudlab.engine import Engine
from cloudlab.model import Settings, VirtualMachine
from cloudlab.workflows import hosts, jobs, machines, migration, pools, recovery, services
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


async def fresh(world: World) -> None:
    """Begin again without machines, on a pool without a copy of the template."""
    await out_and_empty(world)
    await pools.remove(world.cloud, world.pools[0])
    await pools.create(world.cloud, world.clusters[0], "fresh", 10_240)


async def out_and_empty(world: World) -> None:
    """Take the pool out of service and expunge the machine that was on it."""
    await pools.enter_maintenance(world.cloud, world.pools[0])
    await machines.destroy(world.cloud, world.vms[0], expunge=True)


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
        (*STOP, "blocks.detach_pool", "hypervisor.disconnect", *START),
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
        MOVE,
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
        ("power.off", "router.forget", *START),
        waits=True,
        watched=True,
    ),
    Verb(
        "host back",
        lambda world: recovery.host_back(world.cloud, world.hosts[0]),
        ("power.on", "hypervisor.connect", "blocks.attach_pool"),
        lose_host,
    ),
    Verb(
        "host back unnoticed",
        lambda world: recovery.host_back(world.cloud, world.hosts[0]),
        (
            "hypervisor.connect",
            "blocks.attach_pool",
            "hypervisor.power_state",
            "router.forget",
            *START,
        ),
        go_around,
        waits=True,
        watched=True,
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
