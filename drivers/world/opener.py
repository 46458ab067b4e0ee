"""What `connect` loads: it knows a lab file when it sees one, and opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudlab.errors import InvalidParameter, NotFound
from drivers.world.lab_file import is_lab_file, read_lab_file

if TYPE_CHECKING:
    from cloudlab.design import Design
    from cloudlab.state import Journal
    from drivers.world.world import RealWorld


class RealWorlds:
    """Opens the lab of one file, for `Lab`."""

    def __init__(self, path: str | Path) -> None:
        """Read the lab file.

        Raises:
            InputError: it cannot be read, or a field of it is wrong.
        """
        self.lab = read_lab_file(path)

    @property
    def design(self) -> Path:
        """Where the design of the lab is."""
        return self.lab.design

    @staticmethod
    def knows(path: Path) -> bool:
        """Return whether `path` is a lab file rather than a design.

        Raises:
            InputError: it is not there, or is no YAML.
        """
        return is_lab_file(path)

    def __call__(
        self, design: Design, *, seed: int, latency: object, journal: Journal
    ) -> RealWorld:
        """Return the opened lab; real hosts have no seed and take as long as they take.

        Raises:
            NotFound: a package that the drivers need is not installed.
        """
        del design, seed, latency, journal
        try:
            from drivers.world.world import RealWorld  # noqa: PLC0415  (loads libvirt)
        except ModuleNotFoundError as error:
            raise NotFound(
                f"real hosts need the Python package {error.name}: "
                "pip install 'cloudlab[drivers,store]'"
            ) from error
        return RealWorld(self.lab)

    def restored(self, state: dict[str, Any], *, latency: object, demand: object) -> RealWorld:
        """Refuse: what has happened on real hosts has happened.

        Raises:
            InvalidParameter: always.
        """
        del state, latency, demand
        raise InvalidParameter(
            f"the lab {self.lab.lab} is real: it cannot go back; lab.twin() is a simulation of it"
        )
