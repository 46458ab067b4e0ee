"""What goes wrong, told to a person: a message without a traceback, and an exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import typer

from cloudlab.cli.codes import ExitCode
from cloudlab.cli.console import complain
from cloudlab.errors import CloudError, InvalidParameter

STOPPED_TEXT: Final = "stopped by Ctrl-C; no file was written"

EXTRAS: Final[Mapping[str, str]] = {
    "jinja2": "plan",
    "matplotlib": "plan",
    "pandas": "plan",
    "xlsxwriter": "plan",
    "numba": "fast",
    "sqlalchemy": "store",
    "libvirt": "drivers",
    "paramiko": "drivers",
}
"""Optional package -> the extra of cloudlab that installs it."""

_PATH: Final = re.compile(r"(?P<path>[\w.\[\]]+) (?P<rest>.*)")


@contextmanager
def explained() -> Iterator[None]:
    """Turn what was refused, is missing or was stopped into a message and an exit code.

    Anything else is a defect and keeps its traceback.
    """
    try:
        yield
    except CloudError as error:
        complain(str(error))
        raise typer.Exit(ExitCode.REFUSED) from None
    except ModuleNotFoundError as error:
        if error.name is None or error.name not in EXTRAS:
            raise
        complain(missing(error.name))
        raise typer.Exit(ExitCode.REFUSED) from None
    except KeyboardInterrupt:
        complain(STOPPED_TEXT)
        raise typer.Exit(ExitCode.STOPPED) from None


def missing(package: str) -> str:
    """Return how to get an optional package that is not installed."""
    return (
        f"this needs {package}, which is not installed: pip install 'cloudlab[{EXTRAS[package]}]'"
    )


@contextmanager
def said_as_options(options: Mapping[str, str]) -> Iterator[None]:
    """Say `--hosts is 0; ...` where a check below says `zones[0] ... .hosts[0].count is 0; ...`.

    What several parts of a design have in common is said once.

    Args:
        options: last name of a path in a message -> the option that it came from.

    Raises:
        InvalidParameter: the same problems, a line each.
    """
    try:
        yield
    except CloudError as error:
        lines = [line for line in str(error).splitlines() if not line.startswith("... and ")]
        told = dict.fromkeys(_renamed(line, options) for line in lines)
        raise InvalidParameter("\n".join(told)) from None


def _renamed(line: str, options: Mapping[str, str]) -> str:
    match = _PATH.match(line)
    name = re.sub(r"\[\d+\]$", "", match["path"]).rpartition(".")[2] if match else ""
    return f"{options[name]} {match['rest']}" if match and name in options else line
