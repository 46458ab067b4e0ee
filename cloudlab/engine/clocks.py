"""The two clocks: an engine for simulations and an engine for real hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import simpy

from cloudlab.engine.calls import Call
from cloudlab.engine.engine import Engine
from cloudlab.engine.live import LiveEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Args = TypeVarTuple("Args")


class VirtualEngine(Engine):
    """An engine whose clock jumps from event to event: for simulations and tests."""

    def __init__(self, start: float = 0.0) -> None:
        """Let the clock show `start` seconds: 0, or where a saved run goes on."""
        super().__init__(simpy.Environment(start))


class LiveEngine(Engine):
    """An engine on the wall clock, whose calls to the outside run in threads."""

    env: LiveEnvironment

    def __init__(self, workers: int = 16, scale: float = 1.0, start: float = 0.0) -> None:
        """Start the clock.

        Args:
            workers: How many calls may be under way at once; more of them queue up.
            scale: Wall seconds that one engine second lasts; tests make it small.
            start: What the clock shows at first, seconds: where a lab goes on that was left.
        """
        super().__init__(LiveEnvironment(workers, scale, start))

    @property
    def now(self) -> float:
        """Seconds of engine time since the engine was made; it passes between runs, too."""
        if not self.running:
            self.env.catch_up()
        return super().now

    async def call(self, fn: Callable[[*Args], T], *args: *Args, timeout: float | None = None) -> T:
        """Return `fn(*args)`, run in another thread; see `Engine.call`."""
        return await Call(self, fn, args).result(timeout)

    def close(self) -> None:
        """Drop all open processes where they stand and begin no more calls."""
        super().close()
        self.env.close()

    def _run(self) -> None:
        self.env.catch_up()
        super()._run()

    def _to_come(self, at: float) -> float:
        """Return the moment to run to; one that has just gone by is no mistake here."""
        now = self.env.now
        return now if at < now else super()._to_come(at)
