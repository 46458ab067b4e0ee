"""Terminals without UTF-8 get readable text, not a traceback."""

from __future__ import annotations

import pytest

from tests.cli.terminal import process

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("encoding", ["ascii", "koi8-r"])
def test_the_tree_is_drawn_in_any_encoding(encoding: str) -> None:
    """Branches and signs that the terminal lacks are drawn with those it has."""
    done = process("show", "small-cloud", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert "?" not in text
    assert "zone z1, Advanced" in text
    assert ("├─ pod p1" if encoding == "koi8-r" else "|- pod p1") in text


def test_columns_stay_in_line_in_ascii() -> None:
    """What stands for a sign in the tree is as wide as the sign."""
    plain, full = (
        process("show", "two-zones", PYTHONIOENCODING=encoding).stdout.decode().splitlines()
        for encoding in ("ascii", "utf-8")
    )
    assert [len(line) for line in plain] == [len(line) for line in full]


def test_messages_are_told_in_any_encoding() -> None:
    """An error that quotes an unknown letter is still one line and exit code 2."""
    done = process("show", "ünknöwn", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"?nkn?wn: no such file")


def test_colour_is_never_used() -> None:
    """Nothing that is printed holds an escape code, even when colour is forced."""
    done = process("show", "small-cloud", FORCE_COLOR="1", NO_COLOR="", TERM="xterm-256color")
    assert b"\x1b" not in done.stdout + done.stderr
