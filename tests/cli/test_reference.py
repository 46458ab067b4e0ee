"""docs/cli.md names every command and every option, and none that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cloudlab.cli.app import app
from tests.cli.terminal import typed
from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def commands(words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that help lists, from the top down."""
    below = typed(*words, "--help").stdout.partition("\nCommands:\n")[2]
    names = re.findall(r"^  ([a-z]+)  ", below, re.MULTILINE)
    if not names:
        yield words
    for name in names:
        yield from commands((*words, name))


COMMANDS = list(commands())


def options(words: tuple[str, ...]) -> set[str]:
    """Return the options of a command, as its help shows them."""
    text = typed(*words, "--help").stdout.partition("\nOptions:\n")[2]
    lines = [line for line in text.splitlines() if re.match(r"  -", line)]
    return {option for line in lines for option in OPTION.findall(line.partition("  ")[2][:32])}


def section(words: tuple[str, ...]) -> str:
    """Return the part of the page whose heading names the command."""
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE):
        names = part.partition("\n")[0].replace(",", "").split()
        if names[: len(words)] == ["cloudlab", *words[:-1]] and words[-1] in names:
            return part
    raise AssertionError(f"docs/cli.md has no section for cloudlab {' '.join(words)}")


def test_commands_are_found() -> None:
    """The measure itself sees commands, groups of them, and their options."""
    assert ("plan",) in COMMANDS
    assert ("design", "new") in COMMANDS
    assert {"--hosts", "-o", "--output", "--force"} <= options(("design", "new"))
    assert app.info.name == "cloudlab"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_and_option_is_on_the_page(words: tuple[str, ...]) -> None:
    """The section of a command has a line for each of its options."""
    assert f"`cloudlab {' '.join(words)}`" in PAGE
    named = set(OPTION.findall(section(words)))
    assert options(words) - {"-h", "--help"} - named == set()


def test_options_of_the_program_itself_are_on_the_page() -> None:
    """Version, help and completion belong to no command."""
    assert options(()) <= set(OPTION.findall(PAGE))


def test_the_page_names_no_option_that_does_not_exist() -> None:
    """An option that was renamed is not left behind in the text."""
    known = options(()).union(*map(options, COMMANDS))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) - known == set()


@pytest.mark.parametrize("line", sorted(set(re.findall(r"^cloudlab .*", PAGE, re.MULTILINE))))
def test_examples_use_what_there_is(line: str) -> None:
    """Every example names a command, and only options of that command."""
    words = line.partition(" | ")[0].partition(" && ")[0].split()[1:]
    command = next(each for each in COMMANDS if tuple(words[: len(each)]) == each)
    used = {word for word in words if word.startswith("-") and word != "-"}
    assert used <= options(command)
