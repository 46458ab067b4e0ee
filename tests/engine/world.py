"""A small world for the engine's tests: hosts that take time, fail, and show what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cloudlab.engine import Interrupted, LiveEngine, Rollback
from cloudlab.errors import HostFault, InsufficientCapacity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cloudlab.engine import Engine

SCALE = 0.01
"""Wall seconds of one second on the live clock of the tests."""


async def killed(engine: Engine, work: Awaitable[object], *moments: float) -> object:
    """Interrupt `work` at each of `moments`; return the cause it ends with, or its result."""

    async def verdict() -> object:
        try:
            return await engine.wait(victim)
        except Interrupted as stop:
            return stop.cause

    victim = engine.spawn(work)
    watcher = engine.spawn(verdict())
    for moment in moments:
        await engine.sleep_until(moment)
        engine.interrupt(victim, f"interrupt at {moment}")
    return await engine.wait(watcher)


def no_fault(step: str, vm: str, host: int) -> None:
    """Let every step succeed."""


class World:
    """What exists outside, where a leak would show: NICs, disks and domains, by VM."""

    def __init__(self, engine: Engine, fault: Callable[[str, str, int], None] = no_fault) -> None:
        """Build three hosts with room for two VMs each; `fault` may raise at any step."""
        self.engine = engine
        self.fault = fault
        self.free = [2, 2, 2]
        self.claims: dict[str, int] = {}
        self.nics: set[str] = set()
        self.disks: set[str] = set()
        self.domains: set[str] = set()
        self.running: set[str] = set()

    def claim(self, vm: str, avoid: set[int]) -> int:
        """Take room for `vm` on the first host that has some; no time passes."""
        for host, room in enumerate(self.free):
            if room and host not in avoid:
                self.free[host] -= 1
                self.claims[vm] = host
                return host
        raise InsufficientCapacity(f"no host has room for {vm}")

    def release(self, vm: str) -> None:
        """Give the room of `vm` back."""
        self.free[self.claims.pop(vm)] += 1

    async def act(self, step: str, vm: str, seconds: float, effect: Callable[[str], None]) -> None:
        """Do something that takes time and then shows: in a thread if the clock is live."""
        host = self.claims.get(vm, -1)

        def work() -> None:
            if isinstance(self.engine, LiveEngine):
                time.sleep(seconds * SCALE)
            self.fault(step, vm, host)
            effect(vm)

        if not isinstance(self.engine, LiveEngine):
            await self.engine.sleep(seconds)
        await self.engine.call(work)

    def leftovers(self, *kept: str) -> list[str]:
        """Return what is there without belonging to one of `kept`, or is missing to it."""
        wanted = set(kept)
        parts = {
            "claim": set(self.claims),
            "nic": self.nics,
            "disk": self.disks,
            "domain": self.domains,
            "running": self.running,
        }
        odd = [f"{part} of {vm}" for part, vms in parts.items() for vm in sorted(vms ^ wanted)]
        if sum(self.free) != 6 - len(wanted):
            odd.append(f"{self.free} free for {len(wanted)} VMs")
        return odd


async def deploy(world: World, vm: str) -> int:
    """Start `vm` on the first host that manages to, and return that host."""
    avoid: set[int] = set()
    async with world.engine.lock(("vm", vm)):
        while True:
            try:
                return await boot(world, vm, avoid)
            except HostFault as fault:
                avoid.add(fault.args[1])


async def boot(world: World, vm: str, avoid: set[int]) -> int:
    """Start `vm` on one host, or leave nothing behind."""
    async with Rollback(world.engine) as undo:
        host = world.claim(vm, avoid)
        undo(world.release, vm)
        await world.engine.all(plug(world, vm, undo), provision(world, vm, undo))
        undo(world.act, "destroy", vm, 1, world.domains.discard)
        await world.engine.within(20, world.act("start", vm, 8, world.domains.add))
        world.running.add(vm)
        return host


async def plug(world: World, vm: str, undo: Rollback) -> None:
    """Give `vm` a NIC."""
    undo(world.act, "unplug", vm, 0.1, world.nics.discard)
    await world.act("plug", vm, 0.2, world.nics.add)


async def provision(world: World, vm: str, undo: Rollback) -> None:
    """Give `vm` a disk."""
    undo(world.act, "delete", vm, 0.5, world.disks.discard)
    await world.act("create", vm, 2, world.disks.add)
