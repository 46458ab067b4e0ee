"""What a lab needs of the world its cloud is in, simulated or real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.design import Design
    from cloudlab.engine import Engine
    from cloudlab.model import Host
    from cloudlab.state import Journal
    from cloudlab.tracing import Stopwatch
    from cloudlab.views.sent import Commands


class World(Protocol):
    """A cloud with its clock; a `simulator.simulation.Simulation` is one."""

    design: Design
    seed: int
    engine: Engine
    cloud: Cloud

    @property
    def log(self) -> Commands:
        """What was sent to hosts."""

    @property
    def stopwatch(self) -> Stopwatch:
        """What hears how long every step takes; in a simulation from when it is first asked for."""

    @property
    def is_simulated(self) -> bool:
        """Whether time is virtual and nothing is real."""

    def play(self, demand: object) -> object:
        """Let `demand` come from now on.

        Raises:
            InvalidParameter: this world is real: demand comes by itself.
        """

    def start(self, *names: str) -> None:
        """Start what the cloud does by itself."""

    def settle(self) -> None:
        """Run until all work under way has ended."""

    def break_host(self, host: Host) -> None:
        """Kill `host`."""

    def repair_host(self, host: Host) -> None:
        """Make `host` able to answer again."""

    def cut_management(self, host: Host) -> None:
        """Unplug the management cable of `host`: its guests run on."""

    def mend_management(self, host: Host) -> None:
        """Plug the management cable of `host` in again."""

    def keep(self) -> None:
        """Write down what the books say now, where they outlive the process."""

    def close(self) -> None:
        """Leave the world; one that is real goes on by itself."""

    def state(self) -> dict[str, Any]:
        """Return everything as plain data."""


class Opener(Protocol):
    """What a plug-in of the family `world` provides."""

    def __call__(self, design: Design, *, seed: int, latency: object, journal: Journal) -> World:
        """Return a new world for `design`."""

    def restored(self, state: dict[str, Any], *, latency: object, demand: object) -> World:
        """Return the world that `state` was taken of."""
