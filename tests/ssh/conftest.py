"""A server in this process, its keys, and a host that is reached through it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paramiko import PKey

from drivers.ssh import SshHost
from tests.ssh.server import SshServer


@pytest.fixture(scope="session")
def new_key(tmp_path_factory) -> Callable[[str], Path]:
    """Return a function that makes a private key of that name and returns its path."""
    folder = tmp_path_factory.mktemp("keys")

    def make(name: str) -> Path:
        path = folder / name
        if not path.exists():
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
            subprocess.run(command, check=True, timeout=30)
        return path

    return make


@pytest.fixture
def server(tmp_path, new_key) -> Iterator[SshServer]:
    """A server that knows our key."""
    folder = tmp_path / "root"
    folder.mkdir()
    keys = (PKey.from_path(new_key(name)) for name in ("host", "ours"))
    server = SshServer(folder, *keys)
    yield server
    server.stop()


@pytest.fixture
def known_hosts(tmp_path, server) -> Path:
    """A file that knows the server's key."""
    path = tmp_path / "known_hosts"
    key = server.host_key
    path.write_text(f"[127.0.0.1]:{server.port} {key.get_name()} {key.get_base64()}\n")
    return path


@pytest.fixture
def reach(server, known_hosts, new_key) -> Iterator[Callable[..., SshHost]]:
    """Return a function that makes a host of the server, some things told otherwise."""
    hosts: list[SshHost] = []

    def make(**more) -> SshHost:
        plain = {"key_path": new_key("ours"), "known_hosts": known_hosts}
        address = {"address": "127.0.0.1", "port": server.port}
        hosts.append(SshHost("h1", **{**address, **plain, **more}))
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def host(reach) -> SshHost:
    """The server as a host."""
    return reach()
