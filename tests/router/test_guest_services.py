"""The program that answers guests, asked by guests whose addresses are those of this machine."""

from __future__ import annotations

import ast
import http.client
import json
import socket
import threading
from pathlib import Path

import pytest

from drivers.router import guest_services

WEB, DB, STRANGER = "127.0.0.11", "127.0.0.12", "127.0.0.13"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A router's folder that knows two guests."""
    for kind in ("guests", "passwords"):
        (tmp_path / kind).mkdir()
    for nic, (address, name) in enumerate([(WEB, "web"), (DB, "db")], start=1):
        facts = {"local-hostname": name, "public-keys": "ssh-rsa AA\n", "user-data": f"é {name}"}
        (tmp_path / "guests" / f"{nic}@{address}").write_text(json.dumps(facts))
    return tmp_path


@pytest.fixture
def ports(folder):
    """Both services on free ports, in this process."""
    both = guest_services.servers("127.0.0.1", str(folder), (0, 0))
    threads = [threading.Thread(target=each.serve_forever, args=(0.01,)) for each in both]
    for each in threads:
        each.start()
    yield [each.server_port for each in both]
    for server, thread in zip(both, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def ask(port, path="/", guest=WEB, **headers):
    """Return status and body of what a guest gets."""
    link = http.client.HTTPConnection("127.0.0.1", port, 5, source_address=(guest, 0))
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    body = answer.read().decode()
    link.close()
    return answer.status, body


def test_a_guest_gets_its_own_data(ports) -> None:
    """Who asks is told by the address; a stranger learns nothing."""
    assert ask(ports[0], "/latest/user-data") == (200, "é web")
    assert ask(ports[0], "/latest/user-data", DB) == (200, "é db")
    assert ask(ports[0], "/latest/user-data", STRANGER) == (404, "")


@pytest.mark.parametrize("version", ["latest", "2012-12-12"])
def test_metadata_are_listed_and_told(ports, version) -> None:
    """One a path; user data are not among them."""
    base = f"/{version}/meta-data"
    listed = (200, "local-hostname\npublic-keys")
    assert [ask(ports[0], path) for path in (base, f"{base}/")] == [listed, listed]
    assert ask(ports[0], f"{base}/local-hostname", DB) == (200, "db")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/latest",
        "/latest/meta-data/nothing",
        "/latest/meta-data/user-data",
        "/latest/user-data/x",
        "/latest/meta-data/../../passwords",
        "/latest/meta-data/public-keys/0",
    ],
)
def test_other_paths_lead_nowhere(ports, path) -> None:
    """Least of all out of the folder."""
    assert ask(ports[0], path) == (404, "")


def test_a_password_is_told_until_it_is_saved(ports, folder) -> None:
    """Then its file is gone; only its guest may fetch or drop it."""
    kept = folder / "passwords" / f"1@{WEB}"
    kept.write_text("S3cret\n")
    assert ask(ports[1], guest=DB, DomU_Request="send_my_password") == (200, "saved_password")
    assert ask(ports[1], guest=DB, DomU_Request="saved_password") == (200, "saved_password")
    for _ in range(2):
        assert ask(ports[1], DomU_Request="send_my_password") == (200, "S3cret\n")
    for _ in range(2):
        assert ask(ports[1], DomU_Request="saved_password") == (200, "saved_password")
    assert not kept.exists()
    assert ask(ports[1], DomU_Request="send_my_password") == (200, "saved_password")


def test_a_wish_that_is_not_known_is_a_bad_request(ports) -> None:
    """With or without the header."""
    assert ask(ports[1]) == (200, "bad_request")
    assert ask(ports[1], DomU_Request="open") == (200, "bad_request")


def test_no_name_server_is_asked(folder, monkeypatch) -> None:
    """A host without one would not answer guests for many seconds."""

    def refuse(*_words):
        raise AssertionError

    monkeypatch.setattr(socket, "getfqdn", refuse)
    for each in guest_services.servers("127.0.0.1", str(folder), (0, 0)):
        each.server_close()


def test_an_announcement_is_a_gratuitous_arp_request() -> None:
    """To everybody, about one address, from where it is (RFC 826, RFC 5227)."""
    frame = guest_services.announcement(bytes.fromhex("0600000000aa"), "10.1.1.1")
    header = "ffffffffffff 0600000000aa 0806", "0001 0800 06 04 0001"
    sender, target = "0600000000aa 0a010101", "000000000000 0a010101"
    assert frame == bytes.fromhex("".join((*header, sender, target)))


def test_the_program_stands_alone() -> None:
    """It is sent to hosts where nothing of ours is installed."""
    tree = ast.parse(Path(guest_services.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not {name for name in imported if name.startswith(("cloudlab", "drivers"))}
    ast.parse(Path(guest_services.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))
