"""A mini data centre of the tests' own, and what a machine looks like before and after one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from drivers.minidc import Layout, MiniDc


class Machine:
    """What a data centre could leave behind on the machine, listed."""

    def __init__(self, layout):
        self.layout = layout

    def seen(self):
        """Return namespaces, processes, mounts and files of ours, and the root's network."""
        return {
            "namespaces": self._namespaces(),
            "processes": self._processes(),
            "mounts": [line for line in _lines("/proc/self/mounts") if self._ours(line)],
            "files": sorted(str(path) for path in self.layout.directory.parent.rglob("*")),
            "cache": sorted(path.name for path in self.layout.cache.glob(".*")),
            **{" ".join(argv): _said(argv) for argv in ROOT_NETWORK},
        }

    def _namespaces(self):
        return [name for name in _said(["ip", "netns"]).split() if self._ours(name)]

    def _processes(self):
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in (os.getpid(), os.getppid()):
                try:
                    words = (entry / "cmdline").read_text(errors="replace").replace("\0", " ")
                except OSError:
                    continue
                if self._ours(words):
                    found.append(words)
        return found

    def _ours(self, text):
        return self.layout.prefix in text or str(self.layout.directory) in text


ROOT_NETWORK = (
    ["ip", "-o", "link"],
    ["ip", "-o", "address"],
    ["ip", "route", "show", "table", "all"],
    ["nft", "list", "ruleset"],
)


def _said(argv):
    """Return what a command prints, without lifetimes that count down."""
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=10).stdout
    return "\n".join(line.partition(" valid_lft")[0] for line in said.splitlines())


def _lines(path):
    return Path(path).read_text().splitlines()


def within(seconds, question):
    """Return the first answer of `question` that is true, or fail when the time is over."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
    return answer


def _data_centre():
    home = Path(tempfile.mkdtemp(prefix="cl-test-"))
    made = MiniDc(Layout.named(directory=home / "dc"))
    try:
        yield made
    finally:
        made.down()
        shutil.rmtree(home)


fresh = pytest.fixture(_data_centre, name="fresh")
"""A data centre that is not up."""

standing = pytest.fixture(_data_centre, name="standing", scope="module")
"""The same for all tests of a module."""


@pytest.fixture(scope="module")
def dc(standing):
    """A data centre of two hosts that is up; who breaks it mends it."""
    standing.up(2)
    return standing
