"""The front door to a cloud, simulated or real: what a file describes decides which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from cloudlab import plugins
from cloudlab.lab.lab import Lab, located

if TYPE_CHECKING:
    from cloudlab.lab.world import Opener


class LabFiles(Protocol):
    """What a plug-in of the family `connect` provides: it opens what a lab file describes."""

    def __call__(self, path: Path) -> Described:
        """Read a lab file."""

    def knows(self, path: Path) -> bool:
        """Return whether `path` is a lab file rather than a design."""


class Described(Protocol):
    """A lab file that was read."""

    @property
    def design(self) -> Path:
        """Where its design is."""


def connect(
    where: str | Path, *, seed: int = 0, latency: object = "instant", progress: bool = True
) -> Lab:
    """Return the lab that a file describes: on real hosts, or a simulation.

    The same verbs, widgets and views work on both. A lab on real hosts goes on where it was
    left; `lab.close()` leaves it, and what runs there runs on.

    Args:
        where: a lab file, for real hosts; a design, or the name of a shipped one, to simulate.
        seed: of every random choice of a simulation.
        latency: how long steps take in a simulation, and in `lab.twin()`; real hosts take as long
            as they take.
        progress: whether long runs show a progress bar.

    Raises:
        InputError: the file cannot be read, or a field of it is wrong.
        Conflict: another process has the lab open.
        HostFault: a host of a new lab cannot be reached; nothing was begun.
        NotFound: the drivers are not installed; `pip install cloudlab[drivers,store]`.
    """
    path = located(where)
    files = cast("LabFiles", plugins.load("connect", "lab file"))
    if not files.knows(path):
        return Lab(path, seed=seed, latency=latency, progress=progress)
    lab = files(path)
    return Lab(lab.design, world=cast("Opener", lab), latency=latency, progress=progress)
