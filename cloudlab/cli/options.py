"""Arguments that several commands take, and the question of how a demand file is written."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cloudlab.cli.failures import said_as_options

if TYPE_CHECKING:
    from simulator.workload import Demand

DesignFile = Annotated[
    str,
    typer.Argument(metavar="DESIGN", help="A design file, or the name of a shipped design."),
]
DemandFile = Annotated[
    str,
    typer.Argument(metavar="DEMAND", help="A demand file, or the name of a shipped demand."),
]
Format = Annotated[
    str,
    typer.Option(
        "--format", metavar="NAME", help="Its format (see: cloudlab demand formats), or auto."
    ),
]
Sort = Annotated[
    bool, typer.Option("--sort", help="Put requests in order of arrival instead of refusing.")
]
TrustUnits = Annotated[
    bool, typer.Option("--trust-units", help="Take numbers that look like another unit.")
]
TimeUnit = Annotated[
    str, typer.Option(metavar="us|ms|s|min|h", help="What arrivals and lifetimes count.")
]
RamUnit = Annotated[
    str, typer.Option(metavar="bytes|kib|mib|gib", help="What the column of memory counts.")
]
FromFirst = Annotated[bool, typer.Option("--from-first", help="Count time from the first arrival.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of everything that is drawn, 0 or more.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]

_READING: Final[Mapping[str, str]] = {
    "format": "--format",
    "seed": "--seed",
    "time_unit": "--time-unit",
    "ram_unit": "--ram-unit",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """How a demand file is written, as the options tell; see `simulator.workload.read_demand`."""

    format: str
    seed: int
    sort: bool
    trust_units: bool
    time_unit: str
    ram_unit: str
    from_first: bool

    def read(self, path: Path) -> Demand:
        """Return the demand in the file at `path`.

        Raises:
            InvalidParameter: an option is not one of those allowed, or the file is not sound.
        """
        from simulator.workload import read_demand

        with said_as_options(_READING):
            return read_demand(
                path,
                self.format,
                self.seed,
                sort=self.sort,
                units="as-written" if self.trust_units else "questioned",
                time_unit=self.time_unit,
                ram_unit=self.ram_unit,
                from_first=self.from_first,
            )
