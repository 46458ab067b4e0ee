"""All commands together, and the one rule for what goes wrong in any of them."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from cloudlab.cli import about, calibrate, demand, design, minidc, plan, preflight, show
from cloudlab.cli.failures import explained


class Commands(TyperGroup):
    """The commands; what they refuse ends as a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (typer's own words)
        """Run the command that was typed."""
        with explained():
            return super().invoke(ctx)


app: Final = typer.Typer(
    name="cloudlab",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a defect of cloudlab, 2 something to correct, 130 stopped.",
)


@app.callback()
def cloudlab(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=about.told),
    ] = False,
) -> None:
    """Design a private cloud, feed it demand, and get a capacity plan that can be defended."""


app.command()(plan.plan)
app.command()(show.show)
app.add_typer(design.app, name="design")
app.add_typer(demand.app, name="demand")
app.add_typer(minidc.app, name="minidc")
app.command()(preflight.preflight)
app.command()(calibrate.calibrate)
app.command()(about.algorithms)
app.command()(about.version)
