"""The lab: deploy, watch, break, mend; let time pass, go back, save and load."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from cloudlab import plugins
from cloudlab.datasets import dataset
from cloudlab.design import Design, design_from_yaml, read_design
from cloudlab.engine import quiet_gc, stop_on_ctrl_c
from cloudlab.errors import InputError, InvalidParameter, NotFound
from cloudlab.lab.checkpoint import Checkpoint
from cloudlab.lab.looking import Looking
from cloudlab.lab.machine_verbs import MachineVerbs
from cloudlab.lab.network_verbs import NetworkVerbs
from cloudlab.lab.place_verbs import PlaceVerbs
from cloudlab.lab.progress import Report, reporter
from cloudlab.lab.storage_verbs import StorageVerbs
from cloudlab.lab.trial import DryRun
from cloudlab.lab.words import real, text, whole
from cloudlab.state import Journal
from cloudlab.units import DAY, HOUR, MINUTE, clock_text

if TYPE_CHECKING:
    from cloudlab.lab.world import Opener

STRETCHES: Final = 200
"""Into how many parts a run is cut, to tell its progress between them."""


class Lab(MachineVerbs, StorageVerbs, NetworkVerbs, PlaceVerbs, Looking):
    """A cloud to work with.

    Every verb waits until it is done and returns what it made or changed; things are given
    as objects, by name or by id. Time passes only in verbs and in `run`.

    Example:
        lab = Lab("small-cloud")
        web = lab.deploy("web")
        lab.run(hours=1)
        lab.break_host(web.host)

    Attributes:
        design: what was built.
        checkpoints: the moments to go back to, oldest first.
    """

    def __init__(
        self,
        design: Design | str | Path,
        *,
        world: str | Opener = "simulator",
        seed: int = 0,
        latency: object = "instant",
        progress: bool = True,
    ) -> None:
        """Build the cloud of a design.

        Args:
            design: a design, or a file, or the name of a shipped design.
            world: where it happens: `simulator`, a plug-in's name, or what opens it; for real
                hosts call `connect`.
            seed: of every random choice, >= 0.
            latency: how long steps take: a profile, a file, or the name of a shipped one.
            progress: whether long runs show a progress bar.

        Raises:
            InputError: the design cannot be read.
            NotFound: there is no such world.
        """
        self.design = design if isinstance(design, Design) else read_design(located(design))
        self._opener = _opener(world)
        self._latency = latency
        self._demand: object = None
        self._progress = progress
        self.world = self._opener(self.design, seed=seed, latency=latency, journal=Journal())
        self.checkpoints: list[Checkpoint] = []
        self.checkpoint("beginning")

    # --- time --------------------------------------------------------------------------------

    def play(self, demand: object) -> object:
        """Let a demand come from now on, as time passes in `run`; return what plays it.

        Raises:
            InvalidParameter: it is no demand, or the world is real.
        """
        self.check_open()
        player = self.world.play(demand)
        self._demand = demand
        return player

    def run(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        until: float | None = None,
    ) -> float:
        """Let time pass, with a progress bar; return the moment that was reached.

        Interrupting the kernel, Ctrl-C or `cancel` ends the run within a second; what
        happened until then stays, and the next `run` goes on from there.

        Raises:
            InvalidParameter: the moment is past, or no time is given.
        """
        self.check_open()
        begin = self.now
        length = real("days", days) * DAY + real("hours", hours) * HOUR
        length += real("minutes", minutes) * MINUTE + real("seconds", seconds)
        end = begin + length if until is None else real("until", until)
        if not begin < end < inf:
            raise InvalidParameter(
                f"cannot run until {end:g} s: the clock shows {begin:g} s; give days, hours, "
                "minutes or seconds above 0 and finite"
            )
        word = "simulated" if self.world.is_simulated else "passed"
        with reporter(end - begin, word, shown=self._progress) as report:
            self._run_to(begin, end, report)
        return self.now

    def _run_to(self, begin: float, end: float, report: Report) -> None:
        engine = self.world.engine
        self.world.start()
        with quiet_gc(), stop_on_ctrl_c(engine):
            for stretch in range(1, STRETCHES + 1):
                engine.run(until=begin + (end - begin) * stretch / STRETCHES)
                report(min(engine.now, end) - begin)  # a real clock goes on meanwhile
                self.world.keep()
                if engine.stopped:
                    return

    def step(self, events: int = 1) -> float:
        """Let the next `events` things happen; return the moment that was reached."""
        self.check_open()
        self.world.start()
        for _ in range(whole("events", events)):
            if not self.world.engine.step():
                break
        return self.now

    def cancel(self) -> bool:
        """End the run that is under way in another thread; return whether there was one."""
        return self.world.engine.stop()

    # --- back and forth ------------------------------------------------------------------------

    def checkpoint(self, name: str = "") -> Checkpoint:
        """Return this moment, to `rewind` to or to `save`.

        Work under way is ended first: the clock may go on by the length of that.
        """
        self.check_open()
        self.world.settle()
        title = text("name", name) or f"checkpoint {len(self.checkpoints)}"
        made = Checkpoint(title, self.now, self.world.state())
        self.checkpoints.append(made)
        return made

    def rewind(self, to: Checkpoint | str | None = None) -> float:
        """Go back to a checkpoint, the last one if none is given; return its moment.

        Records from before are history afterwards: look things up again by name.

        Raises:
            NotFound: there is no checkpoint of that name.
        """
        self.check_open()
        chosen = to if isinstance(to, Checkpoint) else self._checkpoint(to)
        found = self._opener.restored(chosen.state, latency=self._latency, demand=self._demand)
        self.world.engine.close()
        self.world = found
        return self.now

    def _checkpoint(self, name: str | None) -> Checkpoint:
        if name is None:
            return self.checkpoints[-1]
        for each in reversed(self.checkpoints):
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.checkpoints)
        raise NotFound(f"there is no checkpoint {name!r}; there are: {known}")

    def reset(self) -> float:
        """Go back to the beginning: the cloud as designed, or as it was loaded."""
        return self.rewind(self.checkpoints[0])

    def twin(self, *, latency: object = None, seed: int = 0) -> Lab:
        """Return a simulation that goes on from this moment; what happens there stays there.

        Jobs under way are waited for first. From a lab on real hosts the twin knows what the
        books say; how long steps take there, `cloudlab calibrate` finds out.

        Args:
            latency: how long steps take: a profile, a file or a shipped one's name; as in this
                lab if not given.
            seed: of its random choices.

        Raises:
            InputError: the profile cannot be read.
        """
        self.check_open()
        self.world.settle()
        # It draws anew: by another profile, under another seed.
        future = {"seed": seed, "latency": None}
        moment = Checkpoint("twin", self.now, {**self.world.state(), **future})
        taken = self._latency if latency is None else latency
        other = Lab(self.design, seed=seed, latency=taken, progress=self._progress)
        other.rewind(moment)
        other.checkpoints[:] = [moment]
        return other

    def dry_run(self, *, latency: object = None) -> DryRun:
        """Return a trial of verbs: they run on a twin, which tells what would be done.

        Example:
            with lab.dry_run() as trial:
                trial.lab.deploy("web")
            print(trial)

        Args:
            latency: how long steps take; see `twin`.
        """
        return DryRun(self.twin(latency=latency))

    def close(self) -> None:
        """Leave the lab. On real hosts everything runs on; `connect` takes the lab up again."""
        self.world.close()

    def save(self, path: str | Path) -> Path:
        """Write this moment to a file, packed when its name ends in .gz; return the path."""
        return self.checkpoint(f"saved at {clock_text(self.now)}").write(path)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        world: str = "simulator",
        latency: object = "instant",
        demand: object = None,
        progress: bool = True,
    ) -> Lab:
        """Return the lab that was saved in a file.

        Args:
            path: the file.
            world: where it happens.
            latency: the profile it ran with.
            demand: the demand that was being played, if any: demands are not saved.
            progress: whether long runs show a progress bar.

        Raises:
            InputError: it is not a saved lab, or it was playing a demand and none is given.
        """
        saved = Checkpoint.read(path)
        if saved.is_playing and demand is None:
            raise InputError(f"{path} was playing a demand: give it again as demand=")
        design = design_from_yaml(saved.design, str(path))
        lab = cls(design, world=world, seed=saved.seed, latency=latency, progress=progress)
        lab._demand = demand
        lab.rewind(saved)
        lab.checkpoints[:] = [saved]
        return lab

    def __repr__(self) -> str:
        """Say what it is, and what to do with it."""
        return (
            f"<Lab at {clock_text(self.now)}: {self.cloud!r}; "
            "try lab.deploy(), lab.topology(), lab.run(hours=1)>"
        )


def _opener(world: str | Opener) -> Opener:
    """Return what opens the world that is meant.

    Raises:
        NotFound: there is none of this name.
    """
    return cast("Opener", plugins.load("world", world)) if isinstance(world, str) else world


def located(name: str | Path) -> Path:
    """Return the file that is meant: the path itself, or a shipped design of that name.

    Raises:
        InvalidParameter: it is no name at all.
        InputError: there is neither.
    """
    if not isinstance(name, str | Path):
        raise InvalidParameter(f"design is {name!r}; allowed: a Design, a file, or a shipped name")
    path = Path(name)
    if path.exists() or path.parent != Path():
        return path
    try:
        return dataset("designs", path.name if path.suffix else f"{path.name}.yaml")
    except NotFound as error:
        raise InputError(f"there is no file {name}, and {error}") from None
