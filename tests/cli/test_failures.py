"""What can be corrected is told in a message; a defect keeps its traceback."""

from __future__ import annotations

import tomllib
from importlib import import_module
from typing import Any

import pytest
import typer

from cloudlab.cli.codes import ExitCode
from cloudlab.cli.failures import EXTRAS, explained, said_as_options
from cloudlab.errors import Conflict, InputError, InvalidParameter
from tests.support.places import ROOT


def ending(error: BaseException) -> int:
    """Return the exit code with which a command ends that raises `error`."""

    def command() -> None:
        with explained():
            raise error

    with pytest.raises(typer.Exit) as caught:
        command()
    return caught.value.exit_code


def test_every_refusal_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the library refuses ends as its message and exit code 2."""
    assert ending(InputError("d.yaml:3: one\nd.yaml:9: two")) == ExitCode.REFUSED
    assert ending(Conflict("host h1 is busy")) == ExitCode.REFUSED
    assert capsys.readouterr() == ("", "d.yaml:3: one\nd.yaml:9: two\nhost h1 is busy\n")


@pytest.mark.parametrize("package", EXTRAS)
def test_a_missing_extra_is_named(package: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An optional package that is not there is one line with the command that installs it."""
    assert ending(ModuleNotFoundError(f"No module named {package!r}", name=package)) == 2
    command = f"pip install 'cloudlab[{EXTRAS[package]}]'"
    assert capsys.readouterr().err == f"this needs {package}, which is not installed: {command}\n"


def test_extras_are_those_of_the_distribution() -> None:
    """The extra that a message names does install the package."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    for package, extra in EXTRAS.items():
        names = {line.partition(">=")[0].lower().removesuffix("-python") for line in extras[extra]}
        assert package in names


def test_ctrl_c_ends_with_the_shells_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is neither a refusal nor a defect."""
    assert ending(KeyboardInterrupt()) == ExitCode.STOPPED == 130
    assert capsys.readouterr().err == "stopped by Ctrl-C; no file was written\n"


def test_a_defect_is_not_hidden() -> None:
    """An error that nobody meant to raise goes on as it is, and so does a module of our own."""

    def missing() -> None:
        with explained():
            import_module("cloudlab.no_such_module")

    def wrong() -> None:
        with explained():
            raise ZeroDivisionError

    with pytest.raises(ModuleNotFoundError):
        missing()
    with pytest.raises(ZeroDivisionError):
        wrong()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("growth is -200; allowed: above -100", "--growth is -200; allowed: above -100"),
        ("zones[0].pods[1].hosts[0].count is 0; it must", "--hosts is 0; it must"),
        ("a[0].count is 0\na[1].count is 0\n... and 9 more", "--hosts is 0"),
        ("d.yaml:3: growth is -200", "d.yaml:3: growth is -200"),
        ("nothing of ours", "nothing of ours"),
        ("growth", "growth"),
    ],
)
def test_fields_are_called_by_their_option(message: str, told: str) -> None:
    """A message about a field that an option filled names the option, once."""

    def check() -> None:
        with said_as_options({"growth": "--growth", "count": "--hosts"}):
            raise InputError(message)

    with pytest.raises(InvalidParameter) as caught:
        check()
    assert str(caught.value) == told
