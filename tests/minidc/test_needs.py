"""Where a mini data centre cannot be, one clear line says so."""

from __future__ import annotations

import os
import subprocess

import pytest

from cloudlab.errors import InvalidParameter, NotPermitted, Refused
from drivers.minidc import Layout, MiniDc
from drivers.minidc.needs import COMMANDS, check_machine, check_root, missing
from tests.cli.terminal import COMMAND, complaint
from tests.support.places import ROOT


def test_anybody_but_root_is_told_so():
    """The message says that it takes root, why, and what to do."""
    with pytest.raises(NotPermitted, match="takes root: run it as root, or with sudo"):
        check_root(1000)
    check_root(0)


# In a user namespace without a mapping root is nobody, who may still read root's files.
AS_NOBODY = ["unshare", "--user"] if os.geteuid() == 0 else []


@pytest.mark.parametrize("words", [["up"], ["status"], ["down"], ["kill", "h1"]], ids=" ".join)
def test_the_command_line_tells_anybody_but_root(words, tmp_path):
    """Exit code 2 and one line, before anything is touched."""
    argv = [*AS_NOBODY, *COMMAND, "minidc", *words, "--dir", str(tmp_path / "dc")]
    if subprocess.run([*AS_NOBODY, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no user namespaces to be nobody in")
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("a mini data centre is made of network namespaces")
    assert len(ended.stderr.splitlines()) == 1


def test_missing_packages_are_named_with_the_command_that_installs_them():
    """One line, ready to be pasted."""
    with pytest.raises(Refused) as refused:
        check_machine(["mtools", "syslinux"])
    assert str(refused.value) == (
        "this machine lacks mtools syslinux; as root: "
        "apt-get install --no-install-recommends mtools syslinux"
    )


def test_what_is_missing_is_looked_for():
    """A machine with no commands at all lacks every package that has one."""
    assert set(COMMANDS.values()) <= set(missing(lambda _command: None))


@pytest.mark.parametrize("count", [0, 10, -1])
def test_a_number_of_hosts_that_cannot_be_is_refused_first(count, tmp_path):
    """Whoever asks, and wherever: nothing is done."""
    with pytest.raises(InvalidParameter, match=f"hosts is {count}; it must be 1 to 9"):
        MiniDc(Layout.named(directory=tmp_path / "dc")).up(count)
    assert not (tmp_path / "dc").exists()


def test_the_command_line_refuses_alike(tmp_path):
    """Exit code 2, one line, no traceback."""
    said = complaint("minidc", "up", "--hosts", "0", "--dir", tmp_path / "dc")
    assert said == "hosts is 0; it must be 1 to 9"
