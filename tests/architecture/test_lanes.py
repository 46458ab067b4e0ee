"""Lanes skip together, loudly, and a run in which nothing ran is no success."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.lanes import Lane, Lanes
from tests.support.places import ROOT

CLOSED = Lane("browser", ("no-such-command",), ("no_such_module",), "apt-get install it")
OPEN = Lane("browser", ("sh",), ("json",), "")


def test_a_lane_names_what_is_missing() -> None:
    """Commands and modules that are not there are named; an open lane misses nothing."""
    assert CLOSED.missing() == ["no-such-command", "Python's no_such_module"]
    assert OPEN.missing() == []


@pytest.mark.parametrize(("count", "words"), [(1, "1 test skipped"), (3, "3 tests skipped")])
def test_the_loud_line_says_how_many_why_and_what_to_do(count: int, words: str) -> None:
    """One line holds the number of tests, what this machine lacks, and the remedy."""
    lanes = Lanes((CLOSED,))
    lanes.skipped["browser"] = count
    line = lanes.line("browser")
    assert line.startswith(f"BROWSER LANE DID NOT RUN: {words}")
    assert line.endswith("no no-such-command, Python's no_such_module (apt-get install it)")


@pytest.mark.parametrize(
    ("body", "code"),
    [("assert True", 0), ("assert False", 1), ("pytest.skip('not here')", 5)],
)
def test_the_exit_code_tells_green_red_and_nothing_ran(tmp_path, body: str, code: int) -> None:
    """A run exits with 0 only if a test passed: with 1 for failures, 5 if all were skipped."""
    (tmp_path / "test_it.py").write_text(f"import pytest\n\n\ndef test_it():\n    {body}\n")
    program = "import pytest, sys; from tests.support.lanes import Lanes; "
    program += "sys.exit(pytest.main(['-q', sys.argv[1]], plugins=[Lanes()]))"
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert run.returncode == code


def test_the_parts_of_an_open_lane_come_first_and_are_told_with_their_times(tmp_path) -> None:
    """By file, the longest first."""
    slow = "import pytest, time\n\n@pytest.mark.real\ndef test_it():\n    time.sleep({})\n"
    (tmp_path / "test_a.py").write_text("def test_it():\n    pass\n")
    (tmp_path / "test_b.py").write_text(slow.format(0.05))
    (tmp_path / "test_c.py").write_text(slow.format(0.2))
    program = "import pytest, sys; from tests.support.lanes import Lane, Lanes; "
    program += "lanes = Lanes((Lane('real', ('sh',), (), ''),)); "
    program += "sys.exit(pytest.main(['-v', '-W', 'ignore', sys.argv[1]], plugins=[lanes]))"
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = run.stdout.splitlines()
    ran = [line.partition("::")[0] for line in lines if "PASSED" in line]
    assert ran == ["test_b.py", "test_c.py", "test_a.py"]
    begin = next(place for place, line in enumerate(lines) if line.startswith("real lane: "))
    assert lines[begin].startswith("real lane: 2 tests, 0 min 0 s from the first to the last; 0 s")
    parts = [line.split()[2:] for line in lines[begin + 1 : begin + 3]]
    assert parts == [["1", "test_c.py"], ["1", "test_b.py"]]
