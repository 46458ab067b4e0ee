"""Scripts arrive whole, values stay values, and failures say what and where."""

from __future__ import annotations

import pytest

from cloudlab.errors import DriverFault, HostFault, InvalidParameter
from drivers.fabric.script import checked_lab_id, compose
from drivers.site import Access
from tests.fabric.shells import LocalShell, RememberingShell

HERE = Access("h1", "127.0.0.1", LocalShell(), "")


def test_values_are_never_commands() -> None:
    """Quotes, dollars, line ends: a script prints them as they were given."""
    value = 'it\'s "$HOME" `id`; $(id)\n\\n * end'
    script = compose(("show",), {"value": value}, "printf '%s' \"$value\"\n")
    assert script.carry_out(HERE) == value


def test_half_a_script_does_nothing() -> None:
    """The shell reads all before it begins: what is cut off on the way is a mistake."""
    script = compose(("say",), {}, "echo begun\n", "echo ended\n")
    assert script.carry_out(HERE) == "begun\nended"
    done = HERE.shell.run(["sh", "-eu"], input=script.text[:30].encode())
    assert (done.stdout, done.exit_code != 0) == (b"", True)


def test_commands_do_not_eat_the_script() -> None:
    """What reads its input finds it empty."""
    assert compose(("read",), {}, "cat\n", "echo ended\n").carry_out(HERE) == "ended"


def test_the_journal_shows_what_a_script_is_about() -> None:
    """Its words are arguments, its text is not."""
    shell = RememberingShell()
    compose(("plug", "cl7"), {"secret": "hush"}, "true\n").carry_out(Access("h1", "", shell, ""))
    assert shell.asked == [("plug", "cl7")]


@pytest.mark.parametrize(("code", "error"), [(69, HostFault), (1, DriverFault), (2, DriverFault)])
def test_a_failure_names_host_deed_and_last_words(code, error) -> None:
    """With exit code 69 another host may do better."""
    script = compose(("plug", "cl7"), {}, f"echo no bridge >&2\nexit {code}\n")
    with pytest.raises(error, match="host h1 could not plug cl7: no bridge") as caught:
        script.carry_out(HERE)
    assert type(caught.value) is error


def test_the_first_command_that_fails_ends_a_script() -> None:
    """Without a word of its own the exit code is told; a missing variable is a failure, too."""
    with pytest.raises(DriverFault, match="exit code 1"):
        compose(("do",), {}, "false\n", "true\n").carry_out(HERE)
    with pytest.raises(DriverFault, match="nobody"):
        compose(("do",), {}, 'echo "$nobody"\n').carry_out(HERE)


@pytest.mark.parametrize("lab_id", ["", "-a", "a b", "a/b", "../a", "a;b", "é", "a" * 41])
def test_a_lab_id_fits_into_names(lab_id) -> None:
    """Of files, tables and namespaces."""
    assert checked_lab_id("Lab_1-a") == "Lab_1-a"
    with pytest.raises(InvalidParameter, match="letters, digits, hyphens"):
        checked_lab_id(lab_id)
