"""The machine code is kept wherever something can be written, and never kept too long."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("numba")

MODULE = """
from simulator.kernel.compiled.jit import compiled_and_kept

@compiled_and_kept
def double(number):
    return 2 * number

print(double(21))
"""


def run(folder: Path, **environment: str) -> str:
    """Run a module with one compiled function whose own folder cannot hold a cache."""
    (folder / "doubling.py").write_text(MODULE)
    (folder / "__pycache__").write_text("a file where the cache folder would be")
    search = os.pathsep.join((str(folder), *sys.path))
    command = [sys.executable, "-c", "import doubling"]
    surroundings = os.environ | {"PYTHONPATH": search} | environment
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=surroundings)
    return done.stdout.strip()


def test_a_read_only_package_is_cached_for_the_user(tmp_path: Path) -> None:
    """Where the package cannot be written, the machine code goes to the user's cache."""
    home = tmp_path / "cache"
    assert run(tmp_path, XDG_CACHE_HOME=str(home)) == "42"
    assert list(home.rglob("doubling.double*.nbi"))


def test_without_any_place_to_keep_it_the_code_still_runs(tmp_path: Path) -> None:
    """No folder can be written: the function is compiled for this process alone."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder would be")
    assert run(tmp_path, XDG_CACHE_HOME=str(blocked)) == "42"


def test_a_change_in_any_file_changes_the_key(tmp_path: Path) -> None:
    """The checksum covers every module of the folder, not just the one that is kept."""
    from simulator.kernel.compiled.jit import sources_checksum

    (tmp_path / "loop.py").write_text("import tree\n")
    (tmp_path / "tree.py").write_text("width = 2\n")
    before = sources_checksum(tmp_path)
    (tmp_path / "tree.py").write_text("width = 4\n")
    assert sources_checksum(tmp_path) != before
