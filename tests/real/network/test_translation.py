"""Ways out of a network, and ways in: whose address is seen, and what is let through."""

from __future__ import annotations

import pytest

from cloudlab.model import FirewallRule, Protocol
from tests.real.network.hosts import OUTSIDE

pytestmark = pytest.mark.real

WHO_ASKS = ("socat", "TCP-LISTEN:8000,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR")


@pytest.fixture
def web(net, records, switch_on, ways, do):
    """A guest behind the router, on the other host, that serves on ports 80 and 81."""
    vm = records.machine(net, 11, name="web")
    do(ways.admit(vm.nics[0]))
    guest = switch_on(vm, 2)
    guest.lease()
    for port in (80, 81):
        guest.listen(port, f"port {port}")
    return guest


@pytest.fixture
def source(net):
    """The source NAT address."""
    return net.public_ips[0]


def seen_outside(guest):
    """Return the address from which a guest is seen outside."""
    return guest.run("socat", "-u", f"TCP:{OUTSIDE}:8000,connect-timeout=2", "STDOUT").text


def test_guests_are_seen_under_the_source_nat_address(centre, web) -> None:
    """Nobody outside reaches them, nor the router: not even by ping."""
    with centre.serving(*WHO_ASKS):
        assert seen_outside(web) == "10.77.2.51"
    assert centre.fetch("http://10.77.2.51/") == "failed"
    assert centre.fetch("http://10.77.2.51:8080/") == "failed"
    assert not centre.reaches("10.77.2.51")


def test_a_forwarded_port_is_closed_until_the_firewall_opens_it(
    *, centre, net, records, web, source, ways, do
) -> None:
    """And closed again when the rule goes."""
    records.forward(source, web.nic.vm, (8000, 8000), (80, 80))
    do(ways.apply(net))
    seen = [centre.fetch("http://10.77.2.51:8000/")]
    records.open(source, 8000)
    do(ways.apply(net))
    seen.append(centre.fetch("http://10.77.2.51:8000/"))
    net.firewall.clear()
    do(ways.apply(net))
    seen.append(centre.fetch("http://10.77.2.51:8000/"))
    assert seen == ["failed", "port 80", "failed"]


def test_a_run_of_ports_keeps_its_order(*, centre, net, records, web, source, ways, do) -> None:
    """Each port leads to the one that is as far from the first; without a shift, too."""
    records.forward(source, web.nic.vm, (8000, 8001), (80, 81))
    records.forward(source, web.nic.vm, (80, 81), (80, 81))
    records.open(source, 1, 9000)
    do(ways.apply(net))
    ports = (8000, 8001, 80, 81)
    seen = [centre.fetch(f"http://10.77.2.51:{port}/") for port in ports]
    assert seen == ["port 80", "port 81", "port 80", "port 81"]


def test_the_firewall_asks_where_from(*, centre, net, records, web, source, ways, do) -> None:
    """One CIDR of several has to fit."""
    records.forward(source, web.nic.vm, (80, 80), (80, 80))
    rule = records.open(source, 80, cidrs=("192.0.2.0/24", "198.51.100.0/24"))
    do(ways.apply(net))
    seen = [centre.fetch("http://10.77.2.51/")]
    rule.cidrs = ("192.0.2.0/24", f"{OUTSIDE}/32")
    do(ways.apply(net))
    assert [*seen, centre.fetch("http://10.77.2.51/")] == ["failed", "port 80"]


def test_a_ping_may_be_let_in(*, centre, net, web, source, ways, do) -> None:
    """Then the router answers."""
    rule = FirewallRule(network=net, ip=source, protocol=Protocol.ICMP)
    net.firewall.append(rule)
    do(ways.apply(net))
    assert centre.reaches("10.77.2.51")
    assert centre.fetch("http://10.77.2.51/") == "failed"


def test_static_nat_stands_for_a_machine_both_ways(*, centre, net, records, web, ways, do) -> None:
    """Seen outside as that address, and reached under it on ports the firewall opens."""
    own = records.public_ip(net, vm=web.nic.vm)
    records.open(own, 80)
    do(ways.apply(net))
    with centre.serving(*WHO_ASKS):
        assert seen_outside(web) == own.ip == "10.77.2.52"
    assert centre.fetch(f"http://{own.ip}/") == "port 80"
    assert centre.fetch(f"http://{own.ip}:81/") == "failed"
    assert web.fetch("http://10.1.1.1/latest/meta-data/public-ipv4") == own.ip
    own.vm = None
    do(ways.apply(net))
    assert centre.fetch(f"http://{own.ip}/") == "failed"
    net.public_ips.remove(own)
    do(ways.apply(net))
    with centre.serving(*WHO_ASKS):
        assert seen_outside(web) == "10.77.2.51"


def test_neighbours_reach_a_machine_under_its_public_address(
    *, net, records, web, source, switch_on, ways, do
) -> None:
    """The answer comes back by the router, so the asker knows it."""
    neighbour = records.machine(net, 12)
    records.forward(source, web.nic.vm, (8000, 8000), (80, 80))
    do(ways.apply(net))
    guest = switch_on(neighbour, 2)
    guest.lease()
    assert guest.fetch("http://10.77.2.51:8000/") == "port 80"


def test_two_networks_of_the_same_addresses_have_ways_of_their_own(
    *, centre, hosts, records, net, web, source, switch_on, ways, do
) -> None:
    """Both routers on one host, each guest behind its own port."""
    other = records.isolated(6)
    theirs = records.public_ip(other)
    twin = records.machine(other, 11)
    for public, vm in ((source, web.nic.vm), (theirs, twin)):
        records.forward(public, vm, (80, 80), (80, 80))
        records.open(public, 80)
    do(ways.apply(net))
    do(ways.implement(other, hosts[0]))
    other.router_host = hosts[0]
    guest = switch_on(twin, 2)
    guest.lease()
    guest.listen(80, "the twin")
    seen = [centre.fetch(f"http://{each.ip}/") for each in (source, theirs)]
    assert seen == ["port 80", "the twin"]
    assert guest.fetch("http://10.1.1.11/") == "the twin"
    assert web.fetch("http://10.1.1.11/") == "port 80"
