"""Opening a store: one process at a time, and one clear message for whatever is not a store."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cloudlab.errors import Conflict, InputError, InvalidParameter
from cloudlab.store import VERSION, Store
from tests.store.labs import lab
from tests.support.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from cloudlab.store import Store
store = Store(sys.argv[1])
print("open", flush=True)
input()
"""


def holder(where: Path) -> subprocess.Popen[str]:
    """Return a process that has the store open."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(where)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def set_version(where: Path, version: int) -> None:
    """Make the store one of another version."""
    with sqlite3.connect(where) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(version),))
    connection.close()


def test_a_store_that_is_open_elsewhere_cannot_be_opened(where: Path) -> None:
    """The refusal names process, host and time; once that process is killed, it opens."""
    process = holder(where)
    try:
        expected = f"already open by process {process.pid} on host {socket.gethostname()} since"
        with pytest.raises(Conflict, match=expected):
            Store(where)
    finally:
        process.kill()
        process.communicate()
    Store(where).close()


def test_it_cannot_be_opened_twice_by_one_process(where: Path) -> None:
    """Not even the process that has it open may open it again, until it is closed."""
    with Store(where), pytest.raises(Conflict, match=f"process {os.getpid()}"):
        Store(where)
    Store(where).close()


def test_nobody_else_may_read_its_files(where: Path) -> None:
    """Database, log and lock are for their owner alone."""
    _, mirror = lab(where)
    files = list(where.parent.iterdir())
    assert where in files
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    mirror.close()


@pytest.mark.parametrize(
    ("version", "what_to_do"), [(VERSION + 1, "newer cloudlab"), (0, "the cloudlab that wrote it")]
)
def test_another_version_is_refused(where: Path, version: int, what_to_do: str) -> None:
    """A store of a newer or older version is not touched; the message says what opens it."""
    lab(where)[1].close()
    set_version(where, version)
    with pytest.raises(InputError, match=f"version {version}.*version {VERSION}.*{what_to_do}"):
        Store(where)
    set_version(where, VERSION)
    Store(where).close()


def test_a_file_that_is_no_database_is_refused(where: Path) -> None:
    """Whatever else it is, it stays as it is."""
    where.write_text("zones: []\n" * 500, encoding="utf-8")
    with pytest.raises(InputError, match="is not a store of cloudlab, or it is damaged"):
        Store(where)
    assert where.read_text(encoding="utf-8").startswith("zones")


def test_a_damaged_store_is_refused(where: Path) -> None:
    """Pages that were overwritten are found on opening, not in the middle of the work."""
    lab(where)[1].close()
    with where.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 8)
    with pytest.raises(InputError, match=r"damaged.*put a copy of it back"):
        Store(where)


def test_a_record_that_cannot_be_read_is_refused(where: Path) -> None:
    """Somebody edited it: loading says that it is damaged."""
    lab(where)[1].close()
    with sqlite3.connect(where) as connection:
        connection.execute("UPDATE hosts SET data = '{' WHERE id = 1")
    connection.close()
    with Store(where) as store, pytest.raises(InputError, match="it is damaged"):
        store.load()


def test_a_database_of_something_else_is_refused(where: Path) -> None:
    """No table is added to a database that has others."""
    with sqlite3.connect(where) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER)")
    connection.close()
    with pytest.raises(InputError, match="something else, with the tables songs"):
        Store(where)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("oracle://db/lab", "cannot be kept in oracle: give the path"),
        ("sqlite://", "in memory would not outlive"),
        ("sqlite:///:memory:", "in memory would not outlive"),
        ("/nowhere/at/all/lab.db", "make its folder first"),
        ("/", "is a folder"),
        (
            "postgresql+nodriver://u:secret@h/lab",
            r"no driver for postgresql\+nodriver://u:\*\*\*@h",
        ),
        ("mysql://u:secret@h:port/lab", "the store's URL cannot be read"),
    ],
)
def test_a_place_that_cannot_be_is_refused(given: str, message: str) -> None:
    """The message says what may be given, and never shows a password."""
    with pytest.raises(InvalidParameter, match=message) as refusal:
        Store(given)
    assert "secret" not in str(refusal.value)


def test_a_url_of_a_file_is_that_file(where: Path) -> None:
    """SQLite's URL and the path are the same place."""
    lab(f"sqlite:///{where}")[1].close()
    with Store(where) as store:
        assert store.load() is not None
