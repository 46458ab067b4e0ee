"""What nft is told of a NIC."""

from __future__ import annotations

import pytest

from cloudlab.model import NicState, Protocol, SecurityGroupRule
from drivers.fabric import nic_rules, rules
from tests.fabric.records import Records


@pytest.fixture
def records() -> Records:
    """A cloud of which only the records exist."""
    return Records()


def chain(text, name):
    """Return the lines of a chain."""
    body = text[text.rindex(f"chain {name} {{") :]
    return [line.strip() for line in body[: body.index("\n  }\n")].splitlines()[1:] if line.strip()]


def test_a_guard_lets_through_what_is_the_nics_own(records) -> None:
    """Its MAC and addresses; whoever has none yet may still ask for one."""
    nic = records.machine(records.shared(5), 11).nics[0]
    own = "{ 0.0.0.0, 10.2.0.11 }"
    assert chain(nic_rules.plugged(nic, "t1"), "guard_10") == [
        "ether saddr != 02:00:11:22:00:0a counter drop",
        f"ether type arp arp saddr ether 02:00:11:22:00:0a arp saddr ip {own} accept",
        "udp sport 67 udp dport 68 counter drop",
        f"udp sport 68 udp dport 67 ip saddr {own} meta mark set 20 accept",
        "ip saddr 10.2.0.11 meta mark set 20 accept",
        "counter drop",
    ]


def test_a_nic_without_an_address_may_only_ask_for_one(records) -> None:
    """Nothing of it passes as from an address."""
    nic = records.machine(records.shared(5), 11).nics[0]
    nic.range, nic.state = None, NicState.ALLOCATED
    guard = nic_rules.plugged(nic, "t1")
    assert [line for line in chain(guard, "guard_10") if "accept" in line] == [
        "ether type arp arp saddr ether 02:00:11:22:00:0a arp saddr ip { 0.0.0.0 } accept",
        "udp sport 68 udp dport 67 ip saddr { 0.0.0.0 } meta mark set 20 accept",
    ]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (SecurityGroupRule(ports=(80, 80)), "tcp dport 80 accept"),
        (
            SecurityGroupRule(Protocol.UDP, (5000, 5010), "10.9.0.0/16"),
            "ip saddr 10.9.0.0/16 udp dport 5000-5010 accept",
        ),
        (SecurityGroupRule(Protocol.TCP), "tcp dport 0-65535 accept"),
        (SecurityGroupRule(Protocol.ICMP), "ip protocol icmp accept"),
        (
            SecurityGroupRule(Protocol.ALL, None, "10.9.0.1/32"),
            "ip saddr 10.9.0.1/32 accept",
        ),
    ],
)
def test_an_ingress_rule_is_a_line(records, rule, line) -> None:
    """Before it the router's offers, after it the end."""
    nic = records.machine(records.shared(5), 11, records.group(rule)).nics[0]
    offer = "udp sport 67 udp dport 68 accept"
    assert chain(nic_rules.plugged(nic, "t1"), "in_10") == [offer, line, "counter drop"]


def test_all_groups_count(records) -> None:
    """What one of them allows is let through."""
    groups = [records.group(SecurityGroupRule(ports=(n, n))) for n in (22, 80)]
    nic = records.machine(records.shared(5), 11, *groups).nics[0]
    lines = chain(nic_rules.plugged(nic, "t1"), "in_10")
    assert lines[1:-1] == ["tcp dport 22 accept", "tcp dport 80 accept"]


def test_without_an_egress_rule_everything_goes_out(records) -> None:
    """With one, only that, and what a machine asks of its router."""
    out = SecurityGroupRule(Protocol.TCP, (443, 443), "10.9.0.0/16")
    network = records.shared(5)
    free = records.machine(network, 11, records.group()).nics[0]
    kept = records.machine(network, 12, records.group(egress=[out])).nics[0]
    assert chain(nic_rules.plugged(free, "t1"), "out_10") == ["accept"]
    router = "ip daddr { 255.255.255.255, 10.2.0.1 }"
    assert chain(nic_rules.plugged(kept, "t1"), "out_20") == [
        f"{router} udp dport {{ 53, 67 }} accept",
        f"{router} tcp dport {{ 53, 80, 8080 }} accept",
        "ip daddr 10.9.0.0/16 tcp dport 443 accept",
        "counter drop",
    ]


def test_groups_count_on_shared_networks_only(records) -> None:
    """An isolated network has a firewall; a machine without groups is open."""
    behind = records.machine(records.isolated(6), 11, records.group()).nics[0]
    without = records.machine(records.shared(5), 11).nics[0]
    assert chain(nic_rules.plugged(behind, "t1"), "in_10") == ["accept"]
    assert chain(nic_rules.plugged(without, "t1"), "in_20") == ["accept"]


def test_marks_tell_nics_and_directions_apart() -> None:
    """No two of them are equal."""
    marks = [mark(nic) for nic in range(1, 100) for mark in (rules.inward, rules.outward)]
    assert len(set(marks)) == len(marks)


def test_zones_are_never_everybodys() -> None:
    """Zone 0 is that of all other connections; the kernel has 16 bits."""
    zones = [rules.zone(network) for network in range(1, 2 * 65535)]
    assert (min(zones), max(zones)) == (1, 65535)
