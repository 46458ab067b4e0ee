"""A virtual router gives its guests addresses, names, their data, and goes without a trace."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import FirewallRule, Protocol
from drivers.router import router
from drivers.site import Site
from tests.real.network.hosts import OUTSIDE
from tests.real.network.test_fabric import state_of

pytestmark = pytest.mark.real

DATA = "http://10.1.1.1/latest"


def test_a_router_leaves_nothing(centre, hosts, records, ways, do) -> None:
    """Begun twice and ended twice: namespaces, links, rules, files and processes of before."""
    before = state_of(centre, "h1"), processes(centre)
    network = records.isolated(5)
    vm = records.machine(network, 11)
    records.balance(records.public_ip(network), 8080, vm)
    for _ in range(2):
        do(ways.implement(network, hosts[0]))
    assert do(ways.networks(hosts[0])) == {5}
    assert len(processes(centre)) == len(before[1]) + 3
    for _ in range(2):
        do(ways.shutdown(network, hosts[0]))
    assert do(ways.networks(hosts[0])) == set()
    assert (state_of(centre, "h1"), processes(centre)) == before


def processes(centre):
    """Return what runs on a host; its first process does not bury the dead."""
    listed = centre.on("h1", "ps", "axh", "-o", "stat,comm").text.splitlines()
    return sorted(words[1] for words in map(str.split, listed) if words[0][0] != "Z")


def test_a_guest_is_lent_its_address_on_either_host(net, records, switch_on, ways, do) -> None:
    """With the way out, its name and the domain; by names guests find each other."""
    web, db = records.machine(net, 11, name="web"), records.machine(net, 12, name="db")
    do(ways.apply(net))
    guests = switch_on(web, 1), switch_on(db, 2)
    common = "24 router=10.1.1.1 dns=10.1.1.1"
    assert [guest.lease() for guest in guests] == [
        f"10.1.1.11 {common} name=web domain=net5.internal",
        f"10.1.1.12 {common} name=db domain=net5.internal",
    ]
    assert [name(guests[0], each) for each in ("db", "db.net5.internal", "data-server")] == [
        "10.1.1.12",
        "10.1.1.12",
        "10.1.1.1",
    ]
    assert name(guests[0], "example.org") == ""


def name(guest, of):
    """Return the address that the router has for a name."""
    lines = guest.run("busybox", "nslookup", of, "10.1.1.1").text.splitlines()
    found = [line.split()[-1] for line in lines if line.startswith("Address:")]
    return found[1] if len(found) > 1 else ""


def test_only_who_was_admitted_is_lent_an_address(net, records, switch_on, ways, do) -> None:
    """Both may be done twice; the address of one that was forgotten is free for another."""
    first, second = records.machine(net, 11), records.machine(net, 11)
    guest = switch_on(first)
    assert guest.lease() == ""
    for _ in range(2):
        do(ways.admit(first.nics[0]))
    assert guest.lease().startswith("10.1.1.11 ")
    for _ in range(2):
        do(ways.forget(first.nics[0]))
    assert guest.lease() == ""
    assert name(guest, "vm1") == ""
    do(ways.admit(second.nics[0]))
    assert switch_on(second, 2).lease().startswith("10.1.1.11 ")


def test_a_nic_aside_is_told_of_no_way_out(*, records, hosts, net, switch_on, ways, do) -> None:
    """A machine on two networks leaves by its default one."""
    other = records.isolated(6, "10.1.6.0/24")
    vm = records.machine(other, 11)
    nic = records.join(vm, net, 12)
    vm.nics.reverse()
    do(ways.admit(nic))
    assert "router= dns=10.1.1.1" in switch_on(vm).lease()


def test_a_guest_is_told_of_itself(net, records, switch_on, ways, do) -> None:
    """User data, key and metadata by its address; nothing of others."""
    web, db = records.machine(net, 11, name="web"), records.machine(net, 12, name="db")
    for vm in (web, db):
        do(ways.admit(vm.nics[0]))
    guests = switch_on(web), switch_on(db, 2)
    for guest in guests:
        guest.lease()
    assert [guest.fetch(f"{DATA}/user-data") for guest in guests] == [
        each.user_data.rstrip() for each in (web, db)
    ]
    told = {
        key: guests[1].fetch(f"{DATA}/meta-data/{key}")
        for key in guests[1].fetch(f"{DATA}/meta-data/").split()
    }
    assert told == {
        "availability-zone": "z1",
        "instance-id": "i-2-2-VM",
        "local-hostname": "db",
        "local-ipv4": "10.1.1.12",
        "public-ipv4": "10.77.2.51",
        "public-keys": db.public_key.rstrip(),
        "service-offering": "Small",
        "vm-id": db.uuid,
    }
    do(ways.forget(db.nics[0]))
    assert guests[1].fetch(f"{DATA}/user-data") == "failed"


def test_a_guest_cannot_keep_others_from_asking(net, records, switch_on, ways, do) -> None:
    """It may have some questions open, no more; once they are closed it may ask again."""
    greedy, modest = (records.machine(net, last) for last in (11, 12))
    do(ways.apply(net))
    guests = switch_on(greedy), switch_on(modest)
    for guest in guests:
        guest.lease()
    opened = guests[0].run("/usr/bin/python3", "-c", _GREED).text
    assert opened == "16 then failed, others: " + greedy.user_data.rstrip()
    assert guests[1].fetch(f"{DATA}/user-data") == modest.user_data.rstrip()


_GREED = """
import socket, urllib.request
held = []
try:
    while len(held) < 40:
        held.append(socket.create_connection(("10.1.1.1", 80), 2.5))
    print("all", end="")
except TimeoutError:
    print(len(held), "then failed", end="")
while held:
    held.pop().close()
import time
time.sleep(0.3)
with urllib.request.urlopen("http://10.1.1.1/latest/user-data", timeout=5) as answer:
    print(", others:", answer.read().decode().rstrip())
"""


def test_a_password_is_handed_over_once(net, records, switch_on, ways, do) -> None:
    """Until the guest says that it has it; another never sees it."""
    vm, other = records.machine(net, 11), records.machine(net, 12)
    for each in (vm, other):
        do(ways.admit(each.nics[0]))
    guest, stranger = switch_on(vm), switch_on(other)
    for each in (guest, stranger):
        each.lease()

    def ask(who, wish):
        return who.fetch("http://10.1.1.1:8080/", "-H", f"DomU_Request: {wish}").strip()

    assert ask(guest, "send_my_password") == "saved_password"
    do(ways.keep_password(vm.nics[0], "S3cret'$x"))
    assert ask(stranger, "send_my_password") == "saved_password"
    wishes = ("send_my_password", "send_my_password", "saved_password", "send_my_password")
    saved = ["saved_password", "saved_password"]
    assert [ask(guest, wish) for wish in wishes] == ["S3cret'$x", "S3cret'$x", *saved]
    assert ask(guest, "make_me_root") == "bad_request"


def test_a_shared_network_has_no_way_out(*, centre, hosts, records, switch_on, ways, do) -> None:
    """Its router gives addresses, names and data, and has no leg outside."""
    network = records.shared(7)
    vm = records.machine(network, 11)
    do(ways.implement(network, hosts[1]))
    network.router_host = hosts[1]
    guest = switch_on(vm)
    assert guest.lease().startswith("10.2.0.11 24 router=10.2.0.1")
    assert guest.fetch("http://10.2.0.1/latest/user-data") == vm.user_data.rstrip()
    assert guest.reaches("10.2.0.1")
    assert not guest.reaches("10.77.2.200")
    assert "clp7" not in centre.on("h2", "ip", "-br", "link").text


def test_a_router_that_moves_is_found_where_it_came(
    *, centre, hosts, net, records, switch_on, ways, do
) -> None:
    """It is begun before it ends: neighbours outside and inside find it within seconds."""
    vm = records.machine(net, 11)
    net.firewall.append(FirewallRule(network=net, ip=net.public_ips[0], protocol=Protocol.ICMP))
    do(ways.apply(net))
    guest = switch_on(vm)
    guest.lease()
    assert guest.reaches(OUTSIDE)
    assert centre.reaches("10.77.2.51")
    net.router_host = None
    do(ways.implement(net, hosts[1]))
    do(ways.shutdown(net, hosts[0]))
    net.router_host = hosts[1]
    assert within(5, lambda: centre.reaches("10.77.2.51"))
    assert within(5, lambda: guest.reaches("10.1.1.1"))
    assert guest.reaches(OUTSIDE)
    assert guest.lease().startswith("10.1.1.11 ")


def within(seconds, holds):
    """Return whether something comes to hold in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
    return True


def test_what_has_died_is_begun_again(*, centre, net, records, switch_on, ways, do) -> None:
    """Apply finds daemons gone, and starts them."""
    vm = records.machine(net, 11)
    do(ways.apply(net))
    guest = switch_on(vm)
    for daemon in ("dnsmasq", "services"):
        centre.on("h1", "sh", "-c", f"kill -9 $(cat /run/cloudlab/t1/routers/5/{daemon}.pid)")
    assert guest.lease() == ""
    do(ways.apply(net))
    assert guest.lease().startswith("10.1.1.11 ")
    assert guest.fetch(f"{DATA}/user-data") == vm.user_data.rstrip()


def test_a_router_that_does_not_run_cannot_be_told(hosts, net, records, ways, do) -> None:
    """Neither rules nor NICs; there is nothing to forget."""
    nic = records.machine(net, 11).nics[0]
    do(ways.shutdown(net, hosts[0]))
    for work in (ways.apply(net), ways.admit(nic)):
        with pytest.raises(DriverFault, match="router of network 5 does not run here"):
            do(work)
    do(ways.forget(nic))


def test_a_host_without_a_way_outside_cannot_have_it(*, centre, hosts, records, do, engine) -> None:
    """Another may: the message names the bridge; what was begun is taken away by shutdown."""
    access = replace(centre.site.hosts["h1"], public_bridge="brnone")
    ways = router(engine, Site("t1", {"h1": access}))
    before = state_of(centre, "h1")
    network = records.isolated(5)
    records.public_ip(network)
    with pytest.raises(HostFault, match="no bridge brnone that leads outside"):
        do(ways.implement(network, hosts[0]))
    do(ways.shutdown(network, hosts[0]))
    assert state_of(centre, "h1") == before


def test_the_router_of_another_lab_stays(centre, hosts, net, engine, do) -> None:
    """One of the same number cannot be begun beside it, and ending it does nothing."""
    before = state_of(centre, "h1"), processes(centre)
    stranger = router(engine, Site("t2", centre.site.hosts))
    with pytest.raises(HostFault, match="clbr5 is there that lab t2 has not made"):
        do(stranger.implement(net, hosts[0]))
    do(stranger.shutdown(net, hosts[0]))
    assert do(stranger.networks(hosts[0])) == set()
    assert (state_of(centre, "h1"), processes(centre)) == before


def test_names_of_the_world_come_from_upstream(*, centre, hosts, records, engine, switch_on, do):
    """If there is a server to ask."""
    server = ("dnsmasq", "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root")
    with centre.serving(*server, "--pid-file=", "--address=/example.org/192.0.2.7"):
        ways = router(engine, centre.site, upstream=("10.77.2.200",))
        network = records.isolated(5)
        records.public_ip(network)
        vm = records.machine(network, 11)
        do(ways.implement(network, hosts[0]))
        network.router_host = hosts[0]
        guest = switch_on(vm)
        guest.lease()
        found = [name(guest, "example.org"), name(guest, "vm1")]
        do(ways.shutdown(network, hosts[0]))
    assert found == ["192.0.2.7", "10.1.1.11"]
