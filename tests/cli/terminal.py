"""How tests type commands: in this process, or in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from cloudlab.cli.app import app
from tests.support.places import ROOT

COMMAND = [sys.executable, "-m", "cloudlab.cli"]


def typed(*words: str | Path) -> Result:
    """Return what a command printed and how it ended; a defect raises here as it is."""
    result = CliRunner().invoke(app, [str(word) for word in words], prog_name="cloudlab")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*words: str | Path) -> str:
    """Return what a command printed that went well and had nothing to complain about."""
    result = typed(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def complaint(*words: str | Path) -> str:
    """Return the message of a command that was refused and printed nothing else."""
    result = typed(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.rstrip("\n")


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that finds this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def process(*words: str | Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Return what a command did in a process of its own, with more environment variables."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        check=False,
        env=environment(**more),
        timeout=120,
    )
