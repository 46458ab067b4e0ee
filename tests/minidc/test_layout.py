"""Names, addresses and places of a mini data centre."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from cloudlab.errors import InvalidParameter, NotFound
from drivers.minidc.layout import HOME, NICS, Layout, host_uuid, mac, up_command
from tests.support.places import ROOT


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """Nobody's own setting changes what these tests see."""
    monkeypatch.delenv("CLOUDLAB_MINIDC_DIR", raising=False)


def test_without_a_name_it_is_the_usual_one():
    """The usual data centre has the short prefix and the usual directory."""
    assert Layout.named() == Layout()
    assert (Layout().prefix, Layout().directory) == ("cl-", HOME / "minidc")


def test_a_name_changes_prefix_and_directory():
    """Two names share neither namespaces nor files."""
    one, other = Layout.named("a"), Layout.named("b")
    assert set(one.namespaces).isdisjoint(other.namespaces)
    assert one.directory != other.directory


def test_a_directory_gives_the_prefix():
    """Two directories never share namespaces; the same one has the same names again."""
    one, other = Layout.named(directory=Path("/x")), Layout.named(directory=Path("/y"))
    assert one.prefix != other.prefix
    assert one == Layout.named(directory=Path("/z/../x"))


def test_the_environment_says_where_unless_a_name_does(monkeypatch):
    """CLOUDLAB_MINIDC_DIR stands for the directory that nobody typed."""
    monkeypatch.setenv("CLOUDLAB_MINIDC_DIR", "/x")
    assert Layout.named() == Layout.named(directory=Path("/x"))
    assert Layout.named("a").directory == HOME / "minidc-a"


def test_the_command_that_brings_it_up_names_it(monkeypatch):
    """By nothing, name or directory, as it was named; so do the messages of what is not there."""
    assert Layout().up == "cloudlab minidc up"
    assert Layout.named("b").up == "cloudlab minidc up --name b"
    assert Layout.named(directory=Path("/x")).up == "cloudlab minidc up --dir /x"
    assert up_command(HOME / "minidc-B") == f"cloudlab minidc up --dir {HOME}/minidc-B"
    assert up_command(Path("/x y")) == "cloudlab minidc up --dir '/x y'"
    monkeypatch.setenv("CLOUDLAB_MINIDC_DIR", "/x")
    assert Layout.named().up == "cloudlab minidc up"
    assert Layout().up == f"cloudlab minidc up --dir {HOME}/minidc"


def test_the_page_looks_into_a_host_where_it_is():
    """Door, key and known hosts that docs/minidc.md gives to preflight are the usual ones."""
    usual = Layout()
    page = (ROOT / "docs" / "minidc.md").read_text()
    command = page.partition("cloudlab preflight h1 ")[2].partition("```")[0]
    assert command.replace("\\", "").split() == [
        *("--door", str(usual.doors / "h1-ssh.sock")),
        *("--key", str(usual.key)),
        *("--known-hosts", str(usual.known_hosts)),
    ]


@pytest.mark.parametrize("name", ["A", "a b", "a/b", "..", "elevenchars"])
def test_a_name_is_short_and_plain(name):
    """What would not do in the name of a namespace or folder is refused, with what is allowed."""
    with pytest.raises(InvalidParameter, match="1 to 10 lower-case letters and digits"):
        Layout.named(name)


def test_a_name_and_a_directory_are_too_much():
    """Of two ways to say which one, one is enough."""
    with pytest.raises(InvalidParameter, match="give one of them"):
        Layout.named("a", Path("/x"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefix": "cl"},
        {"prefix": "../-"},
        {"directory": Path("relative")},
        {"directory": Path("/" + "x" * 80)},
        {"directory": Path("/with space")},
        {"directory": Path("/with?socket=other")},
        {"public": ipaddress.IPv4Network("10.0.0.0/16")},
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_done(wrong):
    """Prefixes, directories and subnets that lead nowhere never make a layout."""
    with pytest.raises(InvalidParameter, match="must be"):
        Layout(**wrong)


def test_addresses_follow_the_number_of_the_host():
    """h3 is .13 on the management network and on the underlay."""
    layout = Layout(management=ipaddress.IPv4Network("192.168.5.0/24"))
    assert layout.address("h3") == "192.168.5.13"
    assert layout.underlay_address("h3") == "10.77.1.13"
    assert layout.manager_address == "192.168.5.1"
    assert layout.public_range == ("10.77.2.100", "10.77.2.199")


@pytest.mark.parametrize("name", ["h0", "h10", "x", "../h1", ""])
def test_hosts_are_called_h1_to_h9(name):
    """A name that no host can have is refused wherever an address is asked for."""
    with pytest.raises(NotFound, match="h1 to h9"):
        Layout().address(name)


def test_every_nic_has_an_address_of_its_own_for_ever():
    """MACs are local, unicast, stable and all different."""
    macs = [mac(f"cl-h{number}", nic) for number in range(1, 10) for nic in NICS]
    assert len(set(macs)) == len(macs)
    assert all(each.startswith("02:") and len(each) == 17 for each in macs)
    assert mac("cl-h1", "eth0") == macs[0]


def test_every_host_has_an_identity_of_its_own():
    """Hosts of two data centres may meet in one libvirt client: their identities differ."""
    layouts = (Layout(), Layout.named("b"))
    assert len({host_uuid(layout, host) for layout in layouts for host in ("h1", "h2")}) == 4
