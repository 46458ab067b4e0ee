"""A crash: the process ends in the middle of a step, and another one takes the cloud up again.

What is kept is what the books said when the last step was begun, as a mirror that writes ahead
keeps it. The outside goes on: the step may have been taken all the same.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cloudlab.cloud import Cloud
from cloudlab.engine import VirtualEngine
from cloudlab.ports import LOOKS
from simulator.ports import simulated_ports
from tests.support.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cloudlab.ports import Ports
    from tests.support.clouds import World


class Crash(BaseException):
    """The end of the process: nothing is undone."""


class Fuse:
    """Ends the process at a step; before or after the step was taken.

    Attributes:
        left: how many steps may still begin; the next one is the last.
        taken: whether that one is still taken.
        kept: what the books said when it began.
    """

    def __init__(self, world: World, left: int, *, taken: bool) -> None:
        """Stand before the ports of `world`."""
        self.world = world
        self.left = left
        self.taken = taken
        self.kept: dict[str, Any] | None = None
        world.cloud.ports = self._through(world.cloud.ports)

    def _through(self, ports: Ports) -> Ports:
        names = [each.name for each in fields(ports) if each.name != "are_instant"]
        return replace(ports, **{name: _Burning(self, getattr(ports, name)) for name in names})

    async def pass_on(self, step: str, act: Callable[..., Awaitable[Any]]) -> Any:
        """Take a step, or end the process; questions do not count, they leave nothing behind."""
        self.left -= step not in LOOKS
        if self.left >= 0:
            return await act()
        if self.kept is None:
            self.kept = self.world.cloud.state()
            if self.taken:
                await act()
        raise Crash


class _Burning:
    """A port with the fuse before it."""

    def __init__(self, fuse: Fuse, port: Any) -> None:
        self._fuse, self._port = fuse, port

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        act = getattr(self._port, method)

        async def stepped(*args: Any, **options: Any) -> Any:
            return await self._fuse.pass_on(method, partial(act, *args, **options))

        return stepped


def taken_up(world: World, kept: dict[str, Any], now: float) -> World:
    """Return `world` in a new process: its books as they were kept, its outside as it is."""
    engine, outside = VirtualEngine(now), world.outside
    outside.engine = engine
    wire = Wire(outside)
    cloud = Cloud.restored(engine, wire.through(simulated_ports(outside)), kept)
    inventory = cloud.inventory
    return replace(
        world,
        cloud=cloud,
        wire=wire,
        zone=next(iter(inventory.zones)),
        small=inventory.compute_offerings.named("small"),
        template=inventory.templates.named("linux"),
        disk=inventory.disk_offerings.named("disk"),
    )
