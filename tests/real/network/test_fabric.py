"""NICs on real bridges: who reaches whom, and that nothing is left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import HostStatus
from drivers.fabric import VxlanFabric, fabric
from drivers.site import Site
from tests.real.network.guests import Guest

pytestmark = pytest.mark.real


def state_of(centre, host):
    """Return all links, rules and records of a host."""
    commands = (
        ("nft", "list", "ruleset"),
        ("find", "/run", "-path", "/run/netns", "-prune", "-o", "-print"),
        ("ip", "netns", "list"),
    )
    links = sorted(
        line.split()[0] for line in centre.on(host, "ip", "-br", "link").text.splitlines()
    )
    return [links, *(centre.on(host, *command).text for command in commands)]


@pytest.fixture
def stranger(engine, centre) -> VxlanFabric:
    """The fabric of another lab on the same hosts."""
    return fabric(engine, Site("t2", centre.site.hosts))


def test_what_was_plugged_and_unplugged_leaves_nothing(centre, hosts, records, cloth, do) -> None:
    """Both may be done twice; links, rules and files are those of before."""
    before = state_of(centre, "h1")
    one, two = (records.machine(records.shared(n), 11).nics[0] for n in (5, 6))
    for nic in (one, one, two):
        do(cloth.plug(nic, hosts[0]))
    assert do(cloth.plugged(hosts[0])) == {one.id, two.id}
    assert state_of(centre, "h1") != before
    for nic in (one, one, two):
        do(cloth.unplug(nic, hosts[0]))
    assert do(cloth.plugged(hosts[0])) == set()
    assert state_of(centre, "h1") == before


def test_networks_with_the_same_addresses_do_not_meet(centre, hosts, records, cloth, do) -> None:
    """On each host stand a guest of both; only those of one network reach each other."""
    blue, red = (records.isolated(n) for n in (7, 8))
    wanted = (blue, 11), (blue, 12), (red, 11), (red, 13)
    nics = [records.machine(network, last).nics[0] for network, last in wanted]
    places = ["h1", "h2", "h2", "h1"]
    for nic, place in zip(nics, places, strict=True):
        do(cloth.plug(nic, hosts[int(place[1]) - 1]))
    guests = [Guest(centre.shells[place], nic) for nic, place in zip(nics, places, strict=True)]
    with guests[0] as blue11, guests[1] as blue12, guests[2], guests[3]:
        for guest in guests:
            guest.address(guest.nic.ip)
        assert blue11.reaches("10.1.1.12")
        assert guests[2].reaches("10.1.1.13")
        assert not blue11.reaches("10.1.1.13")
        assert not blue12.reaches("10.1.1.13")


def test_full_frames_cross_the_underlay(centre, hosts, records, cloth, do) -> None:
    """1,500 bytes that may not be cut arrive: the underlay has room for the envelope."""
    network = records.isolated(9)
    here, there = (records.machine(network, last).nics[0] for last in (11, 12))
    do(cloth.plug(here, hosts[0]))
    do(cloth.plug(there, hosts[1]))
    with Guest(centre.shells["h1"], here) as a, Guest(centre.shells["h2"], there) as b:
        a.address(here.ip)
        b.address(there.ip)
        ping = a.run("ping", "-c", "1", "-W", "1", "-M", "do", "-s", "1472", there.ip)
        assert ping.exit_code == 0


def test_a_machine_that_moves_is_reached_where_it_came(centre, hosts, records, cloth, do) -> None:
    """Its NIC is plugged on both hosts for a while; unplugged on one it lives on the other."""
    network = records.shared(5)
    mover, stayer = (records.machine(network, last).nics[0] for last in (11, 12))
    do(cloth.plug(stayer, hosts[0]))
    do(cloth.plug(mover, hosts[0]))
    do(cloth.plug(mover, hosts[1]))
    with Guest(centre.shells["h1"], stayer) as a:
        a.address(stayer.ip)
        with Guest(centre.shells["h1"], mover) as b:
            assert a.reaches(b.address(mover.ip).nic.ip)
        do(cloth.unplug(mover, hosts[0]))
        with Guest(centre.shells["h2"], mover) as b:
            b.address(mover.ip).reaches(stayer.ip)
            assert a.reaches(mover.ip)
    assert do(cloth.plugged(hosts[1])) == {mover.id}


def test_an_unplugged_device_is_off_its_network(centre, hosts, records, cloth, do) -> None:
    """Whoever still holds it open reaches nobody; plugged again it does."""
    network = records.shared(5)
    one, two = (records.machine(network, last).nics[0] for last in (11, 12))
    for nic in (one, two):
        do(cloth.plug(nic, hosts[0]))
    shell = centre.shells["h1"]
    with Guest(shell, one) as a, Guest(shell, two) as b:
        a.address(one.ip)
        b.address(two.ip)
        assert a.reaches(two.ip)
        do(cloth.unplug(one, hosts[0]))
        assert not a.reaches(two.ip)
        do(cloth.plug(one, hosts[0]))
        assert a.reaches(two.ip, tries=3)


def test_what_another_lab_has_is_not_touched(
    *, centre, hosts, records, cloth, stranger, do
) -> None:
    """A bridge or NIC of the same number is the host's fault, and stays as it is."""
    network = records.shared(5)
    nic = records.machine(network, 11).nics[0]
    do(cloth.plug(nic, hosts[0]))
    before = state_of(centre, "h1")
    same_nic = replace(nic, network=records.shared(6))
    same_network = replace(nic, id=nic.id + 1)
    with pytest.raises(HostFault, match=f"cl{nic.id} is plugged for another lab"):
        do(stranger.plug(same_nic, hosts[0]))
    with pytest.raises(HostFault, match="a link clbr5 is there that lab t2 has not made"):
        do(stranger.plug(same_network, hosts[0]))
    do(stranger.unplug(same_nic, hosts[0]))
    do(stranger.unplug(same_network, hosts[0]))
    assert do(stranger.plugged(hosts[0])) == set()
    assert state_of(centre, "h1") == before


def test_a_nic_that_is_not_plugged_cannot_be_protected(hosts, records, cloth, do) -> None:
    """The message says which, and where."""
    nic = records.machine(records.shared(5), 11).nics[0]
    with pytest.raises(DriverFault, match=f"h1 could not protect cl{nic.id}: .*not plugged"):
        do(cloth.protect(nic, hosts[0]))


def test_a_host_learns_of_others(*, centre, hosts, records, cloth, engine, do) -> None:
    """A network that spreads to a host which is new floods there, and not to one that left."""
    site = Site("t1", {"h1": centre.site.hosts["h1"]})
    growing, network = fabric(engine, site), records.shared(5)
    one, two = (records.machine(network, last).nics[0] for last in (11, 12))

    def peers():
        known = centre.on("h1", "bridge", "fdb", "show", "dev", "clvx5").text.splitlines()
        return [line.split()[2] for line in known if line.startswith("00:00:00:00:00:00")]

    do(growing.plug(one, hosts[0]))
    one.vm.host, hosts[0].status = hosts[0], HostStatus.UP
    seen = [peers()]
    site.hosts["h2"] = centre.site.hosts["h2"]
    do(growing.plug(two, hosts[1]))
    seen.append(peers())
    with Guest(centre.shells["h1"], one) as a, Guest(centre.shells["h2"], two) as b:
        b.address(two.ip)
        assert a.address(one.ip).reaches(two.ip)
    do(growing.unplug(two, hosts[1]))
    del site.hosts["h2"]
    do(growing.plug(one, hosts[0]))
    assert [*seen, peers()] == [[], ["10.77.1.12"], []]


def test_a_network_may_get_another_number(centre, hosts, records, cloth, do) -> None:
    """Its wire is laid anew under it with the next NIC; the same number leaves it alone."""
    network = records.isolated(5)
    nics = [records.machine(network, last).nics[0] for last in (11, 12, 13)]

    def tunnel():
        return centre.on("h1", "ip", "-o", "-d", "link", "show", "dev", "clvx5").text.split()

    seen = []
    for nic, number in zip(nics, (105, 105, 777), strict=True):
        network.vlan = number
        do(cloth.plug(nic, hosts[0]))
        seen.append((tunnel()[0], tunnel()[tunnel().index("vxlan") + 2]))
    assert seen[0] == seen[1]
    assert [number for _, number in seen] == ["105", "105", "777"]
    assert "master" in tunnel()
