"""Files to a host and back: whole, with their mode, and named when they cannot go."""

from __future__ import annotations

import os

import pytest

from cloudlab.errors import DriverFault


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_bytes_go_there_and_back(host, server, size) -> None:
    """What is put is what is got, in any size."""
    content = os.urandom(size)
    host.put(content, "/file", 0o640)
    assert (server.folder / "file").read_bytes() == content
    assert host.get("/file") == content


@pytest.mark.parametrize("mode", [0o600, 0o755])
def test_a_local_file_arrives_with_the_mode_asked_for(host, server, tmp_path, mode) -> None:
    """The mode is the one asked for, whatever the local file has."""
    local = tmp_path / "local"
    local.write_text("hello")
    host.put(local, "/script", mode)
    there = server.folder / "script"
    assert (there.read_text(), there.stat().st_mode & 0o777) == ("hello", mode)


def test_a_file_is_private_unless_told_otherwise(host, server) -> None:
    """Without a mode only its owner reads it."""
    host.put(b"secret", "/key")
    assert (server.folder / "key").stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_and_nothing_is_left_beside_it(host, server) -> None:
    """The old content stays until the new is complete; no parts lie around."""
    host.put(b"old" * 1000, "/config")
    host.put(b"new", "/config")
    assert [path.name for path in server.folder.iterdir()] == ["config"]
    assert (server.folder / "config").read_bytes() == b"new"


def test_a_file_that_cannot_be_written_is_named(host, server) -> None:
    """A folder that is not there is a fault of the outside, with host and path in it."""
    with pytest.raises(DriverFault, match=r"h1: put 1 bytes to /nowhere/file .*No such file"):
        host.put(b"x", "/nowhere/file")


def test_a_file_that_is_not_there_is_named(host) -> None:
    """To get what is not there says so."""
    with pytest.raises(DriverFault, match="h1: get /nothing: No such file"):
        host.get("/nothing")


def test_a_local_file_that_is_missing_is_named(host, server, tmp_path) -> None:
    """What we do not have, we cannot send; nothing is left on the host."""
    with pytest.raises(DriverFault, match="No such file"):
        host.put(tmp_path / "missing", "/file")
    assert list(server.folder.iterdir()) == []
