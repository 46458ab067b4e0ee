"""Typing `cloudlab` answers at once, and says what can be typed next."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cloudlab import __version__
from cloudlab.cli.failures import EXTRAS
from cloudlab.plugins import names
from tests.cli.terminal import answer, environment, process, typed

HEAVY = {*EXTRAS, "numpy", "simpy", "networkx", "tqdm", "yaml"}


@pytest.mark.parametrize("words", ["--help", "plan --help", "version"])
def test_help_loads_nothing_heavy(words: str) -> None:
    """Help and version need neither numbers nor tables, plots, YAML or compilers."""
    program = (
        "import sys\n"
        "from cloudlab.cli import main\n"
        f"sys.argv = ['cloudlab', *{words.split()!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    print('loaded:', *sys.modules)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    loaded = {name.partition(".")[0] for name in done.stdout.rpartition("loaded:")[2].split()}
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_version_is_printed_both_ways() -> None:
    """`version` and `--version` print the same line."""
    assert answer("version") == answer("--version") == f"cloudlab {__version__}\n"


def test_algorithms_are_listed_by_cloudstacks_names() -> None:
    """Every algorithm that a design can name is listed, one a line."""
    assert answer("algorithms").split() == list(names("allocation"))


def test_nothing_typed_shows_what_can_be() -> None:
    """Without a command the help is shown, and the shell is told that nothing was done."""
    result = typed()
    assert result.exit_code == 2
    assert "Commands:" in result.output


def test_a_mistyped_command_is_guessed() -> None:
    """A command that does not exist is answered with the one that was meant."""
    result = typed("design", "nwe")
    assert result.exit_code == 2
    assert "Did you mean 'new'?" in result.stderr


def test_help_is_plain_text() -> None:
    """No boxes, no colours: help can be piped, searched and read aloud."""
    help_ = process("--help", FORCE_COLOR="1", TERM="xterm-256color").stdout
    assert help_.isascii()
    assert b"\x1b" not in help_
