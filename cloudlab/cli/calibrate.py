"""`cloudlab calibrate`: from what a lab on real hosts took to a profile that simulations take."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cloudlab.cli.console import say
from cloudlab.cli.options import Force
from cloudlab.cli.outputs import check_target, keep_what_is_there, write_text


def calibrate(
    timings: Annotated[
        Path, typer.Argument(help="What a lab has noted: the file timings.jsonl beside its store.")
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; default: print it."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="What the profile is called.")] = "measured",
    force: Force = False,
) -> None:
    """Make a latency profile of the durations that a lab on real hosts has noted."""
    from simulator.latency.document import document_text
    from simulator.latency.measured import calibrated

    if output is not None:
        check_target("--output", output, inputs=[timings])
        keep_what_is_there("--output", output, force=force)
    profile = calibrated(timings, name)
    if output is None:
        say(document_text(profile))
        return
    write_text(output, document_text(profile))
    say(f"{output}: {len(profile.steps)} steps; use it: Lab(design, latency={str(output)!r})")
