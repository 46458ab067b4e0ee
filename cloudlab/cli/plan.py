"""`cloudlab plan`: the capacity plan of a design under a demand, as text and as report files."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

import typer

from cloudlab.cli import plan_options as of
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


def plan(
    design: DesignFile,
    *,
    demand: of.Demand,
    scale: of.Scale = 1,
    growth: of.Growth = 0,
    horizon_days: of.HorizonDays = None,
    algorithm: of.Algorithm = "",
    cpu_overcommit: of.CpuOvercommit = None,
    replications: of.Replications = 5,
    seed: Seed = 0,
    fidelity: of.Fidelity = "workflow",
    format: Format = "auto",  # noqa: A002  (the word of the command line)
    sort: Sort = False,
    trust_units: TrustUnits = False,
    time_unit: TimeUnit = "s",
    ram_unit: RamUnit = "mib",
    from_first: FromFirst = False,
    json: of.JsonFile = None,
    html: of.HtmlFile = None,
    xlsx: of.XlsxFile = None,
    quiet: of.Quiet = False,
) -> None:
    """Say whether a design holds a demand, when it runs out, what breaks it, and what to buy."""
    from cloudlab.cli.planned import planned
    from cloudlab.design import read_design
    from simulator.planning import Question

    with said_as_options(of.OPTIONS):
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
    with said_as_options(of.OPTIONS):
        made = planned(cloud, requests, question, bars=not quiet)
    reports.show(made.plan, quiet=quiet)
    if made.was_stopped:
        complain(STOPPED_TEXT)
        raise typer.Exit(ExitCode.STOPPED)
    reports.write(made.plan)
