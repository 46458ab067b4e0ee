"""`cloudlab show`: what a design holds, as a tree for people or as JSON for programs."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from typing import Annotated

import typer

from cloudlab.cli.console import say
from cloudlab.cli.options import DesignFile


def show(
    design: DesignFile,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Print the tree of a design with the capacity of every level."""
    from cloudlab.cli.capacity import capacity_json
    from cloudlab.cli.shipped import design_path
    from cloudlab.design import read_design

    read = read_design(design_path(design))
    say(capacity_json(read) if json else read.tree_text())
