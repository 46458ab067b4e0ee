"""A port of a public address, spread over guests on both hosts."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.real.network.test_router import processes

pytestmark = pytest.mark.real

URL = "http://10.77.2.51:8080/"


@pytest.fixture
def farm(net, records, switch_on, ways, do):
    """Three guests that serve their own number, and are balanced by a rule."""
    vms = [records.machine(net, last) for last in (11, 12, 13)]
    records.balance(net.public_ips[0], 8080, *vms)
    records.open(net.public_ips[0], 8080)
    do(ways.apply(net))
    guests = [switch_on(vm, place) for vm, place in zip(vms, (1, 2, 2), strict=True)]
    for guest in guests:
        guest.lease()
        guest.listen(80, f"guest {guest.nic.vm.id}")
    return guests


def six(centre):
    """Return who served six requests, and how often."""
    return Counter(centre.fetch(URL) for _ in range(6))


def wait_until(turns, centre):
    """Wait until six requests are served like that: a health check takes some seconds."""
    until = time.monotonic() + 20
    while (seen := six(centre)) != turns:
        assert time.monotonic() < until, seen


def test_guests_serve_in_turn_and_dead_ones_not_at_all(*, centre, net, farm, ways, do) -> None:
    """Even at once after a death nobody is turned away; a member that leaves serves no more."""
    wait_until({"guest 1": 2, "guest 2": 2, "guest 3": 2}, centre)
    farm[1].stop(80)
    assert set(six(centre)) == {"guest 1", "guest 3"}
    net.load_balancers[0].vms.pop(0)
    do(ways.apply(net))
    assert six(centre) == {"guest 3": 6}


def test_the_port_is_closed_without_firewall_or_rule(*, centre, net, farm, ways, do) -> None:
    """The last rule takes the balancer with it."""
    net.firewall.clear()
    do(ways.apply(net))
    assert centre.fetch(URL) == "failed"
    net.load_balancers.clear()
    do(ways.apply(net))
    assert "haproxy" not in processes(centre)
