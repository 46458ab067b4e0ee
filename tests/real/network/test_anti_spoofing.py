"""What a guest sends under another's name does not arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.network.guests import Guest

pytestmark = pytest.mark.real

STRANGE_MAC = "02:aa:aa:aa:aa:aa"


@pytest.fixture
def pair(centre, hosts, records, cloth, do) -> Iterator[tuple[Guest, Guest]]:
    """A guest that lies, and one on the same host and network that listens."""
    network = records.shared(5)
    nics = [records.machine(network, last).nics[0] for last in (11, 12)]
    for nic in nics:
        do(cloth.plug(nic, hosts[0]))
    with Guest(centre.shells["h1"], nics[0]) as liar, Guest(centre.shells["h1"], nics[1]) as ear:
        for guest, other in ((liar, ear), (ear, liar)):
            guest.address(guest.nic.ip)
            entry = (other.nic.ip, "lladdr", other.nic.mac, "dev", "eth0", "nud", "permanent")
            guest.run("ip", "neigh", "replace", *entry)
        yield liar, ear


def test_another_ip_address_is_dropped(pair) -> None:
    """The own one arrives."""
    liar, ear = pair
    liar.address("10.2.0.13")
    assert ear.hears(liar, liar.nic.ip)
    assert not ear.hears(liar, "10.2.0.13")


def test_another_mac_is_dropped(pair) -> None:
    """Until the guest uses its own again."""
    liar, ear = pair
    liar.run("ip", "link", "set", "eth0", "address", STRANGE_MAC)
    assert not ear.hears(liar, liar.nic.ip)
    liar.run("ip", "link", "set", "eth0", "address", liar.nic.mac)
    assert ear.hears(liar, liar.nic.ip)


def test_nobody_answers_arp_for_another(pair) -> None:
    """Neighbours go on where they went; an announcement of the own address is believed."""
    liar, ear = pair
    liar.address("10.2.0.13")
    for address, lladdr in ((liar.nic.ip, liar.nic.mac), ("10.2.0.13", STRANGE_MAC)):
        stale = ("lladdr", STRANGE_MAC, "dev", "eth0", "nud", "stale")
        ear.run("ip", "neigh", "replace", address, *stale)
        liar.run("arping", "-c", "2", "-w", "1", "-i", "eth0", "-U", "-S", address, address)
        assert lladdr in ear.run("ip", "neigh", "show", address).text


def test_nobody_but_the_router_offers_addresses(pair) -> None:
    """What looks like the answer of a DHCP server is dropped."""
    liar, ear = pair
    assert ear.hears(liar, liar.nic.ip, port=68, source_port=6700)
    assert not ear.hears(liar, liar.nic.ip, port=68, source_port=67)


def test_ipv6_is_not_spoken(pair) -> None:
    """No rule would hold there: it is dropped whole."""
    liar, ear = pair
    ear.run("ip", "addr", "add", "fd00::2/64", "dev", "eth0", "nodad")
    liar.run("ip", "addr", "add", "fd00::1/64", "dev", "eth0", "nodad")
    assert liar.reaches("fd00::1")
    assert not liar.reaches("fd00::2")


def test_guests_do_not_reach_their_host(centre, pair) -> None:
    """Even one that knows the MAC of the bridge, and an address of the host."""
    liar, _ear = pair
    bridge = centre.on("h1", "cat", "/sys/class/net/clbr5/address").text
    gateway = ("10.2.0.99", "lladdr", bridge, "dev", "eth0", "nud", "permanent")
    liar.run("ip", "neigh", "replace", *gateway)
    liar.run("ip", "route", "replace", "default", "via", "10.2.0.99", "dev", "eth0")
    assert centre.on("h1", "ip", "route", "add", "10.2.0.0/24", "dev", "clbr5").exit_code == 0
    assert not liar.reaches("10.77.1.11")
    counted = centre.on("h1", "nft", "list", "chain", "ip", "cloudlab_t1", "to_host").text
    assert "packets 0" not in counted
