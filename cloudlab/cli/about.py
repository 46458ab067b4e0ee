"""`cloudlab version`, `cloudlab algorithms`: what is installed here."""

# ruff: noqa: PLC0415  (commands load what they use, so that --help stays quick)

from __future__ import annotations

import typer

from cloudlab.cli.console import say


def version() -> None:
    """Print the version of cloudlab."""
    from cloudlab import __version__

    say(f"cloudlab {__version__}")


def told(asked: bool) -> None:  # noqa: FBT001  (typer calls it so)
    """Print the version and end, when `--version` asks for that."""
    if asked:
        version()
        raise typer.Exit


def algorithms() -> None:
    """List the placement algorithms by name, those of plug-ins too."""
    from cloudlab.plugins import names

    for name in names("allocation"):
        say(name)
