"""The options of `cloudlab plan`: their words, their hints, what they are called in messages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

OPTIONS: Final[Mapping[str, str]] = {
    "scale": "--scale",
    "growth": "--growth",
    "horizon_days": "--horizon-days",
    "algorithm": "--algorithm",
    "cpu_overcommit": "--cpu-overcommit",
    "replications": "--replications",
    "seed": "--seed",
    "fidelity": "--fidelity",
}
"""Figure of a `simulator.planning.Question` -> the option that it came from."""

Demand = Annotated[
    str,
    typer.Option(
        "--demand", "-d", metavar="DEMAND", help="A demand file, or the name of a shipped demand."
    ),
]
Scale = Annotated[float, typer.Option(metavar="X", help="How many times as many requests.")]
Growth = Annotated[
    float, typer.Option(metavar="PERCENT", help="How much more frequent they get in a month.")
]
HorizonDays = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="Play the demand up to here, growing.",
        show_default="to its own end, as it is",
    ),
]
Algorithm = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="How VMs are placed (see: cloudlab algorithms).",
        show_default="the design's",
    ),
]
CpuOvercommit = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="How many times CPU may be allocated, in all clusters.",
        show_default="the design's",
    ),
]
Replications = Annotated[
    int, typer.Option(metavar="N", help="Seeds that intervals are taken over, 1 to 1000.")
]
Fidelity = Annotated[
    str,
    typer.Option(
        metavar="workflow|capacity",
        help="Play every deploy as a workflow, or only its capacity, which is faster.",
    ),
]
JsonFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the plan for programs; - prints it instead."),
]
HtmlFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a report that opens offline.")
]
XlsxFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a workbook, a sheet a table.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print neither the plan nor how far it is.")
]
