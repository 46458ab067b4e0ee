"""Which connections reach a guest on a shared network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from cloudlab.model import Protocol, SecurityGroupRule
from tests.real.network.guests import Guest

pytestmark = pytest.mark.real

WEB = SecurityGroupRule(ports=(80, 80))


@pytest.fixture
def boot(centre, hosts, records, cloth, do) -> Iterator[Callable[..., Guest]]:
    """Put guests with security groups on a shared network, the last ones first on `h2`."""
    network = records.shared(5)
    with ExitStack() as stack:

        def one(place, last, *groups):
            nic = records.machine(network, last, *groups).nics[0]
            do(cloth.plug(nic, hosts[place - 1]))
            guest = stack.enter_context(Guest(centre.shells[f"h{place}"], nic))
            return guest.address(nic.ip)

        yield one


@pytest.mark.parametrize("place", [1, 2])
def test_what_no_rule_allows_is_dropped(records, boot, place) -> None:
    """From the same host and from another: the open port answers, the closed and ping do not."""
    server = boot(1, 11, records.group(WEB))
    client = boot(place, 12)
    for port in (80, 81):
        server.listen(port, "hello")
    assert client.fetch(f"http://{server.nic.ip}/") == "hello"
    assert client.fetch(f"http://{server.nic.ip}:81/") == "failed"
    assert not client.reaches(server.nic.ip)


def test_answers_come_in(records, boot) -> None:
    """Who may not be reached may reach others: connections are known by their first packet."""
    closed = boot(1, 11, records.group())
    for place, last in ((1, 12), (2, 13)):
        other = boot(place, last)
        other.listen(80, "hello")
        assert not other.reaches(closed.nic.ip)
        assert closed.reaches(other.nic.ip)
        assert closed.fetch(f"http://{other.nic.ip}/") == "hello"


def test_rules_say_where_from_and_of_what_kind(records, boot) -> None:
    """One neighbour may ping, the other may do all."""
    ping = SecurityGroupRule(Protocol.ICMP, None, "10.2.0.12/32")
    everything = SecurityGroupRule(Protocol.ALL, None, "10.2.0.13/32")
    server = boot(1, 11, records.group(ping), records.group(everything))
    server.listen(80, "hello")
    pinger, friend, stranger = (boot(1, last) for last in (12, 13, 14))
    seen = [
        (each.reaches(server.nic.ip), each.fetch(f"http://{server.nic.ip}/"))
        for each in (pinger, friend, stranger)
    ]
    assert seen == [(True, "failed"), (True, "hello"), (False, "failed")]


def test_with_an_egress_rule_only_that_goes_out(records, boot) -> None:
    """And answers to what was let in."""
    out = SecurityGroupRule(Protocol.TCP, (80, 80), "10.2.0.12/32")
    kept = boot(1, 11, records.group(WEB, egress=[out]))
    friend, stranger = boot(1, 12), boot(2, 13)
    for guest in (kept, friend, stranger):
        guest.listen(80, "hello")
    assert kept.fetch(f"http://{friend.nic.ip}/") == "hello"
    assert kept.fetch(f"http://{stranger.nic.ip}/") == "failed"
    assert not kept.reaches(friend.nic.ip)
    assert stranger.fetch(f"http://{kept.nic.ip}/") == "hello"


def test_rules_change_while_the_guest_runs(hosts, records, boot, cloth, do) -> None:
    """Added it lets through, removed it does not."""
    group = records.group()
    server, client = boot(1, 11, group), boot(2, 12)
    server.listen(80, "hello")
    url = f"http://{server.nic.ip}/"
    seen = [client.fetch(url)]
    for rules in ([WEB], []):
        group.ingress[:] = rules
        do(cloth.protect(server.nic, hosts[0]))
        seen.append(client.fetch(url))
    assert seen == ["failed", "hello", "failed"]


def test_rules_that_somebody_took_away_come_back(
    *, centre, hosts, records, boot, cloth, do
) -> None:
    """Guard and groups, with the next protection."""
    server, client = boot(1, 11, records.group(WEB)), boot(1, 12)
    client.address("10.2.0.13")
    assert centre.on("h1", "nft", "flush", "ruleset").exit_code == 0
    assert client.reaches(server.nic.ip)
    for guest in (server, client):
        do(cloth.protect(guest.nic, hosts[0]))
    assert not client.reaches(server.nic.ip)
    server.listen(80, "hello")
    assert client.fetch(f"http://{server.nic.ip}/", "--interface", client.nic.ip) == "hello"
    assert client.fetch(f"http://{server.nic.ip}/", "--interface", "10.2.0.13") == "failed"


def test_equal_connections_in_two_networks_are_two(centre, hosts, records, cloth, do) -> None:
    """Addresses and ports may be the same: what one network let in does not open the other."""
    opened, closed = records.group(WEB), records.group()
    with ExitStack() as stack:
        pairs = []
        for number, group in ((5, opened), (6, closed)):
            network = records.shared(number)
            nics = [records.machine(network, last, group).nics[0] for last in (11, 12)]
            for nic in nics:
                do(cloth.plug(nic, hosts[0]))
            guests = [stack.enter_context(Guest(centre.shells["h1"], nic)) for nic in nics]
            for guest in guests:
                guest.address(guest.nic.ip)
            guests[0].listen(80, f"network {number}")
            pairs.append(guests)
        same = ("--local-port", "4444")
        seen = [client.fetch(f"http://{server.nic.ip}/", *same) for server, client in pairs]
    assert seen == ["network 5", "failed"]
