"""`cloudlab plan`: the capacity plan of a design under a demand, as text and as report files."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from cloudlab.cli.codes import ExitCode
from cloudlab.cli.console import complain
from cloudlab.cli.failures import STOPPED_TEXT, said_as_options
from cloudlab.cli.options import (
    DesignFile,
    Format,
    FromFirst,
    RamUnit,
    Seed,
    Sort,
    TimeUnit,
    TrustUnits,
    Writing,
)
from cloudlab.cli.reports import Reports
from cloudlab.cli.shipped import demand_path, design_path

_OPTIONS: Final[Mapping[str, str]] = {
    "scale": "--scale",
    "growth": "--growth",
    "horizon_days": "--horizon-days",
    "algorithm": "--algorithm",
    "cpu_overcommit": "--cpu-overcommit",
    "replications": "--replications",
    "seed": "--seed",
    "fidelity": "--fidelity",
}
"""Figure of a question -> the option that it came from."""

Demand = Annotated[
    str,
    typer.Option(
        "--demand", "-d", metavar="DEMAND", help="A demand file, or the name of a shipped demand."
    ),
]


def plan(
    design: DesignFile,
    *,
    demand: Demand,
    scale: Annotated[float, typer.Option(metavar="X", help="How many times as many requests.")] = 1,
    growth: Annotated[
        float, typer.Option(metavar="PERCENT", help="How much more frequent they get in a month.")
    ] = 0,
    horizon_days: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Play the demand up to here, growing.",
            show_default="to its own end, as it is",
        ),
    ] = None,
    algorithm: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How VMs are placed (see: cloudlab algorithms).",
            show_default="the design's",
        ),
    ] = "",
    cpu_overcommit: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="How many times CPU may be allocated, in all clusters.",
            show_default="the design's",
        ),
    ] = None,
    replications: Annotated[
        int, typer.Option(metavar="N", help="Seeds that intervals are taken over, 1 to 1000.")
    ] = 5,
    seed: Seed = 0,
    fidelity: Annotated[
        str,
        typer.Option(
            metavar="workflow|capacity",
            help="Play every deploy as a workflow, or only its capacity, which is faster.",
        ),
    ] = "workflow",
    format: Format = "auto",  # noqa: A002  (the word of the command line)
    sort: Sort = False,
    trust_units: TrustUnits = False,
    time_unit: TimeUnit = "s",
    ram_unit: RamUnit = "mib",
    from_first: FromFirst = False,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the plan for programs; - prints it instead."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report that opens offline.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a workbook, a sheet a table.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print neither the plan nor how far it is.")
    ] = False,
) -> None:
    """Say whether a design holds a demand, when it runs out, what breaks it, and what to buy."""
    from cloudlab.cli.planned import planned
    from cloudlab.design import read_design
    from simulator.planning import Question

    with said_as_options(_OPTIONS):
        question = Question(
            scale=scale,
            growth=growth,
            horizon_days=horizon_days,
            algorithm=algorithm,
            cpu_overcommit=cpu_overcommit,
            replications=replications,
            seed=seed,
            fidelity=fidelity,
        )
    reports, files = Reports(json, html, xlsx), (design_path(design), demand_path(demand))
    reports.check(inputs=files)
    cloud = read_design(files[0])
    writing = Writing(format, seed, sort, trust_units, time_unit, ram_unit, from_first)
    requests = writing.read(files[1])
    with said_as_options(_OPTIONS):
        made = planned(cloud, requests, question, bars=not quiet)
    reports.show(made.plan, quiet=quiet)
    if made.was_stopped:
        complain(STOPPED_TEXT)
        raise typer.Exit(ExitCode.STOPPED)
    reports.write(made.plan)
