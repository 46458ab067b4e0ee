"""`cloudlab design`: write a design, check one, and the schema that editors check with."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cloudlab.cli.console import say
from cloudlab.cli.failures import said_as_options
from cloudlab.cli.options import DesignFile, Force
from cloudlab.cli.outputs import check_target, keep_what_is_there, write_text
from cloudlab.cli.shipped import design_path, shipped_designs
from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from cloudlab.design import Totals

app: Final = typer.Typer(
    help="Write a design, check one, list those that are shipped.", no_args_is_help=True
)

_OPTIONS: Final[Mapping[str, str]] = {
    "zones": "--zones",
    "pods": "--pods",
    "clusters": "--clusters",
    "count": "--hosts",
    "cpus": "--cpus",
    "mhz": "--mhz",
    "ram_gib": "--ram-gib",
    "capacity_gib": "--primary-gib",
    "cpu_overcommit": "--cpu-overcommit",
    "ram_overcommit": "--ram-overcommit",
    "hypervisor": "--hypervisor",
    "network_type": "--network-type",
    "cloud": "--name",
}
"""Field of a document -> the option of `design new` that fills it."""

_MOST_PLACES: Final = 1000
_MOST_CLUSTERS: Final = 10_000
"""Far more than there are networks to generate for, and quickly said to be too many."""

_MOST_GIB: Final = 1_000_000_000

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to write it; default: print it."),
]


@app.command()
def new(
    *,
    zones: Annotated[int, typer.Option(metavar="N", help="How many zones.")] = 1,
    pods: Annotated[int, typer.Option(metavar="N", help="How many in each zone.")] = 1,
    clusters: Annotated[int, typer.Option(metavar="N", help="How many in each pod.")] = 1,
    hosts: Annotated[int, typer.Option(metavar="N", help="How many in each cluster.")] = 2,
    cpus: Annotated[int, typer.Option(metavar="N", help="Cores of a host.")] = 64,
    mhz: Annotated[int, typer.Option(metavar="N", help="Speed of a core, MHz.")] = 2000,
    ram_gib: Annotated[float, typer.Option(metavar="GIB", help="Memory of a host.")] = 256,
    primary_gib: Annotated[
        float | None,
        typer.Option(
            metavar="GIB", help="Primary storage of a cluster.", show_default="10 x its RAM"
        ),
    ] = None,
    cpu_overcommit: Annotated[
        float, typer.Option(metavar="X", help="How many times CPU may be allocated.")
    ] = 1,
    ram_overcommit: Annotated[
        float, typer.Option(metavar="X", help="How many times RAM may be allocated.")
    ] = 1,
    hypervisor: Annotated[str, typer.Option(metavar="NAME", help="Of every cluster.")] = "KVM",
    network_type: Annotated[
        str, typer.Option(metavar="Basic|Advanced", help="Of every zone.")
    ] = "Advanced",
    name: Annotated[str, typer.Option(help="What the cloud is called.")] = "my cloud",
    output: Output = None,
    force: Force = False,
) -> None:
    """Write the design of a cloud of equal hosts, ready to be edited."""
    from cloudlab.design import new_design

    if output is not None:
        check_target("--output", output)
        keep_what_is_there("--output", output, force=force)
    with said_as_options(_OPTIONS):
        _check_counts({"zones": zones, "pods": pods, "clusters": clusters})
        _check_sizes({"ram_gib": ram_gib, "capacity_gib": primary_gib})
        made = new_design(
            zones=zones,
            pods=pods,
            clusters=clusters,
            hosts=hosts,
            cpus=cpus,
            mhz=mhz,
            ram_gib=ram_gib,
            primary_gib=primary_gib,
            cpu_overcommit=cpu_overcommit,
            ram_overcommit=ram_overcommit,
            hypervisor=hypervisor,
            network_type=network_type,
            cloud=name,
        )
    if output is None:
        say(made.to_yaml())
        return
    write_text(output, made.to_yaml())
    say(f"{output}: {_size(made.totals())}")


@app.command()
def check(design: DesignFile) -> None:
    """Say what is wrong with a design, a line for each mistake with file, line and field."""
    from cloudlab.design import read_design

    path = design_path(design)
    read = read_design(path)
    say(f"{path}: sound; {_size(read.totals())}")
    for name, value in read.without_effect().items():
        say(f"settings.{name} is {value}: nothing obeys it yet")


@app.command()
def schema(*, output: Output = None) -> None:
    """Print the JSON Schema of designs, by which editors complete and check as you type."""
    from cloudlab.design.published import json_schema_text

    if output is None:
        say(json_schema_text())
        return
    check_target("--output", output)
    write_text(output, json_schema_text())


@app.command("list")
def list_() -> None:
    """List the shipped designs; their names work wherever a design is asked for."""
    from cloudlab.design import read_design

    shipped = shipped_designs()
    width = max(map(len, shipped), default=0)
    for name, path in shipped.items():
        say(f"{name:<{width}}  {_size(read_design(path).totals())}")


def _size(have: Totals) -> str:
    """Return what a cloud holds in a phrase."""
    counts = {
        "zone": have.zones,
        "pod": have.pods,
        "cluster": have.clusters,
        "host": have.hosts,
        "core": have.cores,
    }
    parts = [f"{count:,} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items()]
    return f"{', '.join(parts)}, {have.ram_mib.raw / 1024:,.0f} GiB of RAM"


def _check_counts(counts: Mapping[str, int]) -> None:
    """Refuse numbers of places for which no document is worth making."""
    for field, count in counts.items():
        if not 1 <= count <= _MOST_PLACES:
            allowed = f"a whole number from 1 to {_MOST_PLACES:,}"
            raise InvalidParameter(f"{field} is {count}; it must be {allowed}")
    if math.prod(counts.values()) > _MOST_CLUSTERS:
        product = " x ".join(f"{count:,}" for count in counts.values())
        allowed = f"at most {_MOST_CLUSTERS:,} clusters are written"
        raise InvalidParameter(f"--zones x --pods x --clusters is {product}; {allowed}")


def _check_sizes(sizes: Mapping[str, float | None]) -> None:
    """Refuse sizes that are no sizes, before anything is computed from them."""
    for field, size in sizes.items():
        if size is not None and not 0 < size <= _MOST_GIB:
            allowed = f"a number above 0 up to {_MOST_GIB:,} (GiB)"
            raise InvalidParameter(f"{field} is {size:g}; it must be {allowed}")
