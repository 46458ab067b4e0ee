"""A cloud on virtual time: engine, outside and books together, ready to be given work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cloudlab.cloud import Cloud
from cloudlab.design import design_from_yaml
from cloudlab.design.build import build, settings_of
from cloudlab.engine import Interrupted, VirtualEngine, quiet_gc
from cloudlab.errors import InputError, InvalidParameter
from cloudlab.state import Journal
from cloudlab.tracing import Stopwatch, timed
from cloudlab.views.sent import NothingSent
from cloudlab.workflows import services
from simulator.latency import LatencyProfile, load_profile
from simulator.outside import Outside
from simulator.ports import simulated_ports
from simulator.scenario import rules_of
from simulator.scenario.play import Player
from simulator.twin import reflect
from simulator.workload import Demand

if TYPE_CHECKING:
    from cloudlab.design import Design
    from cloudlab.engine import Engine, Process
    from cloudlab.model import Host

VERSION: Final = 1
"""Of the saved form."""


class Simulation:
    """A simulated cloud, built from a design.

    Attributes:
        design: what was built.
        seed: of every random choice.
        engine: its time.
        outside: what is true out there, and what goes wrong.
        cloud: its books and rules.
        player: what plays a demand, if one was given.
    """

    is_simulated: Final = True
    log: Final = NothingSent()

    def __init__(
        self,
        design: Design,
        *,
        seed: int = 0,
        latency: LatencyProfile | str | Path = "instant",
        journal: Journal | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Build the cloud of `design`; building takes no simulated time.

        Args:
            design: what to build.
            seed: of every random choice, >= 0.
            latency: how long steps take: a profile, or the name of a shipped one.
            journal: what to keep of what happens.
            engine: another clock, for tests.
        """
        self.design = design
        self.seed = seed
        self.player: Player | None = None
        self._serving: list[Process[None]] = []
        self._playing: Process[None] | None = None
        self._stopwatch: Stopwatch | None = None
        self.engine = engine or VirtualEngine()
        self.outside = Outside(self.engine, LatencyProfile("instant"))
        self.cloud = Cloud(
            self.engine,
            simulated_ports(self.outside),
            settings_of(design),
            name=design.cloud,
            seed=seed,
            journal=journal,
        )
        self.engine.run(self.engine.spawn(build(self.cloud, design), "build"))
        self.outside.latency = _profile(latency, seed)

    @property
    def stopwatch(self) -> Stopwatch:
        """What has heard how long every step took, since it was first asked for."""
        if self._stopwatch is None:
            self._stopwatch = Stopwatch()
            self.cloud.ports = timed(self.cloud.ports, lambda: self.engine.now, self._stopwatch)
        return self._stopwatch

    # --- what goes on by itself ----------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start what the cloud does by itself, these services or all, and the demand if any."""
        if not self._serving:
            self._serving = services.start(self.cloud, *names)
        if self.player is not None and self._playing is None:
            self._playing = self.engine.spawn(self._play(self.player), "demand")

    def play(self, demand: Demand, begin: float | None = None) -> Player:
        """Let `demand` come from now on; return what plays it.

        Args:
            demand: what comes; its time 0 is the present.
            begin: another moment for its time 0, seconds.

        Raises:
            InvalidParameter: it is no demand.
        """
        if not isinstance(demand, Demand):
            raise InvalidParameter(
                f"demand is {demand!r}; allowed: a Demand, as read_demand() and generate() of "
                "simulator.workload return it"
            )
        self.player = Player(
            self.cloud,
            demand,
            begin=self.engine.now if begin is None else begin,
            default_disk_mib=rules_of(self.design, self.seed).default_disk_mib,
        )
        if self._playing is not None:
            self.engine.interrupt(self._playing, "another demand comes")
        self._playing = None
        return self.player

    @staticmethod
    async def _play(player: Player) -> None:
        try:
            await player.play()
        except Interrupted:
            return

    def settle(self) -> None:
        """Run until all work under way has ended; nothing new begins meanwhile."""
        for process in [*self._serving, self._playing]:
            if process is not None:
                self.engine.interrupt(process, "settle")
        self._serving, self._playing = [], None
        with quiet_gc():
            self.engine.run()

    # --- what goes wrong -------------------------------------------------------------------

    def break_host(self, host: Host) -> None:
        """Kill `host`; the cloud finds out by itself."""
        self.outside.break_host(host)

    def repair_host(self, host: Host) -> None:
        """Make `host` able to answer again; the cloud must take it back."""
        self.outside.repair_host(host)

    def cut_management(self, host: Host) -> None:
        """Unplug the management cable of `host`; the cloud finds out by itself."""
        self.outside.cut_management(host)

    def mend_management(self, host: Host) -> None:
        """Plug that cable in again; the cloud must take the host back."""
        self.outside.mend_management(host)

    def keep(self) -> None:
        """Do nothing: a simulation ends with its process, unless it is saved."""

    def close(self) -> None:
        """End its time: nothing happens any more."""
        self.engine.close()

    # --- saved and taken up again ------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return everything as plain data that JSON knows; call `settle` first."""
        latency = self.outside.latency
        return {
            "version": VERSION,
            "design": self.design.to_yaml(),
            "seed": self.seed,
            "now": self.engine.now,
            "cloud": self.cloud.state(),
            "outside": self.outside.state(),
            "latency": latency.state(),
            "player": None if self.player is None else self.player.state(),
        }

    @classmethod
    def restored(
        cls,
        state: dict[str, Any],
        *,
        latency: LatencyProfile | str | Path = "instant",
        demand: Demand | None = None,
        journal: Journal | None = None,
    ) -> Simulation:
        """Return the simulation that `state` was taken of.

        The state of a cloud on real hosts is that of its books: the outside is as they say.
        Where its `latency` is `None` the profile begins anew, and may be another one.

        Args:
            state: what `state` returned, here or of a cloud on real hosts.
            latency: the profile it ran with.
            demand: the demand that was being played, if any.
            journal: an empty one to go on with.

        Raises:
            InputError: the data is of another version, or not what `state` returned.
        """
        if state.get("version") != VERSION:
            raise InputError(
                f"the saved lab is of version {state.get('version')}, this is version {VERSION}"
            )
        seed, engine = state["seed"], VirtualEngine(state["now"])
        found = cls(design_from_yaml(state["design"]), seed=seed, latency=latency, engine=engine)
        known = state.get("outside")
        if known is not None:
            found.outside.restore(known)
            if state["latency"] is not None:
                found.outside.latency.restore(state["latency"])
        ports = simulated_ports(found.outside)
        found.cloud = Cloud.restored(engine, ports, state["cloud"], journal=journal)
        if known is None:
            found.outside.empty()
            reflect(found.cloud, found.outside)
        if demand is not None and state["player"] is not None:
            found.play(demand, state["player"]["begin"]).restore(state["player"])
        return found


def _profile(latency: LatencyProfile | str | Path, seed: int) -> LatencyProfile:
    """Return the profile that is meant, at the beginning of the streams of `seed`.

    Raises:
        InvalidParameter: nothing is meant by it.
        InputError: the file that is meant cannot be read.
    """
    if isinstance(latency, str | Path):
        latency = load_profile(latency)
    if not isinstance(latency, LatencyProfile):
        raise InvalidParameter(
            f"latency is {latency!r}; allowed: a LatencyProfile, a file, or a shipped name"
        )
    return latency.seeded(seed)
