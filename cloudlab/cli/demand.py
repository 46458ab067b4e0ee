"""`cloudlab demand`: look at requests for VMs, make some, list what can be read."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from cloudlab.cli.console import say
from cloudlab.cli.failures import said_as_options
from cloudlab.cli.options import (
    DemandFile,
    Force,
    Format,
    FromFirst,
    RamUnit,
    Seed,
    Sort,
    TimeUnit,
    TrustUnits,
    Writing,
)
from cloudlab.cli.outputs import check_target, keep_what_is_there, whole_files
from cloudlab.cli.shipped import demand_path, shipped_demands

app: Final = typer.Typer(
    help="Look at demand, make some, list formats and shipped files.", no_args_is_help=True
)

_OPTIONS: Final[Mapping[str, str]] = {"seed": "--seed", "tenants": "--tenants"}


@app.command()
def show(
    demand: DemandFile,
    *,
    format: Format = "auto",  # noqa: A002  (the word of the command line)
    seed: Seed = 0,
    sort: Sort = False,
    trust_units: TrustUnits = False,
    time_unit: TimeUnit = "s",
    ram_unit: RamUnit = "mib",
    from_first: FromFirst = False,
) -> None:
    """Describe a demand: its rate, its sizes and lifetimes, and what it needs at its peak."""
    writing = Writing(format, seed, sort, trust_units, time_unit, ram_unit, from_first)
    say(_described(writing.read(demand_path(demand))))


@app.command()
def generate(
    *,
    days: Annotated[float, typer.Option(metavar="X", help="How long requests arrive.")] = 7,
    per_hour: Annotated[
        float, typer.Option(metavar="X", help="VMs an hour, on average over a week.")
    ] = 300,
    tenants: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="How many tenants share the batches.", show_default="one a batch"
        ),
    ] = None,
    standing: Annotated[
        int, typer.Option(metavar="N", help="VMs that are there from the start and live on.")
    ] = 0,
    seed: Seed = 0,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it: .csv or .csv.gz."),
    ],
    force: Force = False,
) -> None:
    """Make demand like a public cloud's: batches by day and week, sizes, heavy-tailed lifetimes."""
    from simulator.workload import generate as generated
    from simulator.workload import write_demand

    check_target("--output", output)
    keep_what_is_there("--output", output, force=force)
    name = output.name.partition(".csv")[0]
    with said_as_options(_OPTIONS):
        made = generated(days, per_hour, seed, tenants=tenants, standing=standing, name=name)
    with whole_files(output) as (part,):
        write_demand(made, part)
    say(_described(made))


@app.command()
def formats() -> None:
    """List the formats that can be read, and the columns by which each is known."""
    from simulator.workload import FORMATS

    for name, known in FORMATS.items():
        say(f"{name}: {known.summary}\n    columns: {', '.join(known.columns)}")


@app.command("list")
def list_() -> None:
    """List the shipped demands; their names work wherever a demand is asked for."""
    from cloudlab.units import clock_text
    from simulator.workload import read_demand

    shipped = shipped_demands()
    width = max(map(len, shipped), default=0)
    for name, path in shipped.items():
        read = read_demand(path)
        span = clock_text(read.span_s)
        say(f"{name:<{width}}  {len(read):,} requests for VMs over {span}")


def _described(demand: object) -> str:
    """Return the demand's own description, without its hint to what Python can do next."""
    lines = repr(demand).splitlines()
    return "\n".join(line for line in lines if not line.startswith("Try "))
