"""What a machine has to do with NFS: mounts, exports, the trial of its root, its domain."""

from __future__ import annotations

import os
import subprocess

import pytest

from drivers.site import Done
from drivers.ssh.facts.nfs import TRIAL, Export, Nfs, Share, exports_in, mounts_in, nfs
from tests.ssh.test_network_facts import written

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
s:/primary /mnt/primary nfs4 rw,relatime,vers=4.2,hard,sec=sys 0 0
10.0.0.20:/iso\\040images /mnt/iso nfs ro,vers=3 0 0
10.0.0.20:/archive /mnt/archive nfs ro,vers=3 0 0
"""

EXPORTFS = """\
/export/primary
\t\t10.0.0.0/24(async,wdelay,hide,no_subtree_check,sec=sys,rw,secure,no_root_squash)
/export/primary
\t\th2.example.org(sync,ro,root_squash)
/home         \t<world>(sync,wdelay,rw,root_squash)
"""


class Answering:
    """A machine that answers what a word of the command stands for, and nothing else."""

    name = "h1"

    def __init__(self, **answers: str | Done) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def run(self, argv, *, input=None, timeout=30.0):  # noqa: A002  (as subprocess calls it)
        """Answer."""
        command = " ".join(argv)
        self.asked.append(command)
        told = next((text for word, text in self.answers.items() if word in command), "")
        return told if isinstance(told, Done) else Done(0, told.encode(), b"", 0.0)


def test_mounts_are_read() -> None:
    """Only those of NFS, with spaces as they are."""
    primary, iso, _ = mounts_in(MOUNTS)
    assert (primary.source, primary.folder, primary.kind) == ("s:/primary", "/mnt/primary", "nfs4")
    assert (iso.source, "ro" in iso.options) == ("10.0.0.20:/iso images", True)


@pytest.mark.book("2.26")
def test_exports_are_read() -> None:
    """As exportfs tells them, and as /etc/exports has them written."""
    primary, second, home = exports_in(EXPORTFS)
    assert (primary.path, primary.client) == ("/export/primary", "10.0.0.0/24")
    assert {"rw", "async", "no_root_squash"} <= set(primary.options)
    assert second == Export("/export/primary", "h2.example.org", ("sync", "ro", "root_squash"))
    assert home.client == "<world>"
    text = '# all\n/export -rw,async h1 h2(no_root_squash) \\\n  h3(ro)\n"/a b" (rw)\n/none\nx\n'
    assert list(exports_in(text)) == [
        Export("/export", "h1", ("rw", "async")),
        Export("/export", "h2", ("rw", "async", "no_root_squash")),
        Export("/export", "h3", ("rw", "async", "ro")),
        Export("/a b", "*", ("rw",)),
    ]


@pytest.mark.book("2.28")
def test_the_domain_and_what_is_on_version_4_are_read(host, tmp_path) -> None:
    """From the machine's own files; a line that is commented out is none."""
    files = {"proc/mounts": MOUNTS, "etc/idmapd.conf": "[General]\nDomain = lab.org\n"}
    files["etc/exports"] = "/export *(rw)\n"
    found = nfs(host, root=written(tmp_path, files))
    assert found == Nfs((), (Export("/export", "*", ("rw",)),), ("s:/primary",), "lab.org")
    (tmp_path / "etc/idmapd.conf").write_text("[General]\n# Domain = localdomain\n")
    assert nfs(host, root=str(tmp_path)).domain == ""


@pytest.mark.book("2.26")
def test_root_writes_a_file_into_what_is_mounted_and_leaves_none(host, tmp_path) -> None:
    """A folder is tried that lies on NFS; where nothing can be written it is told why."""
    shared = tmp_path / "mnt"
    shared.mkdir()
    mounts = f"s:/p {shared} nfs4 rw 0 0\ns:/proc /proc nfs ro 0 0\n"
    root = written(tmp_path, {"proc/mounts": mounts})
    fine, stuck = nfs(host, [shared.as_uri(), "file:///proc/sys"], root).shares
    assert (fine.source, fine.mount, fine.is_writable) == ("s:/p", str(shared), True)
    assert list(shared.iterdir()) == []
    assert (stuck.is_writable, stuck.mount) == (False, "/proc")
    assert stuck.trouble
    assert nfs(host, [tmp_path.as_uri()], root).shares == ()


@pytest.mark.book("2.26")
def test_roots_file_that_is_somebody_elses_shows_that_root_is_squashed() -> None:
    """The server's other name is known by its address, and the trial's complaint is passed on."""
    denied = Done(1, b"", b"mktemp: failed to create file: Permission denied\n", 0.0)
    machine = Answering(
        **{"/proc/mounts": MOUNTS, "getent": "10.0.0.20 STREAM s\n", "mktemp": denied}
    )
    (share,) = nfs(machine, ["nfs://s/primary/"]).shares
    assert share == Share(
        "nfs://s/primary/", "s:/primary", "/mnt/primary", True, "Permission denied"
    )
    (other,) = nfs(machine, ["nfs://s.example.org/archive"]).shares
    assert (other.mount, other.is_writable) == ("/mnt/archive", False)


@pytest.mark.book("2.26")
def test_a_file_that_the_server_gives_to_nobody_shows_it_as_well(tmp_path) -> None:
    """The trial sees whose its file became, says so, and removes it all the same."""
    shared, server = tmp_path / "mnt", tmp_path / "bin"
    shared.mkdir()
    fakes = {"bin/stat": "echo 65534\n", "bin/sudo": 'shift; exec "$@"\n'}
    written(tmp_path, {name: f"#!/bin/sh\n{text}" for name, text in fakes.items()})
    for each in server.iterdir():
        each.chmod(0o755)
    path = {"PATH": f"{server}:{os.environ['PATH']}"}
    words = ["sh", "-c", TRIAL, "sh", str(shared)]
    done = subprocess.run(words, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "a file of root's belongs to user 65534 there\n"
    assert list(shared.iterdir()) == []


def test_what_is_not_mounted_may_be_offered() -> None:
    """The server is asked what it exports; one that does not say leaves that open."""
    for listing, is_offered in (("/export *\n/iso h1\n", True), ("/iso *\n", False), ("", None)):
        machine = Answering(showmount=listing)
        (share,) = nfs(machine, ["nfs://s/export", "iscsi://s/x"]).shares
        assert share == Share("nfs://s/export", "s:/export", is_offered=is_offered)
        assert not any("mktemp" in each for each in machine.asked)
