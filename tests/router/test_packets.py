"""What nft is told of a router."""

from __future__ import annotations

import pytest

from cloudlab.model import FirewallRule, Protocol
from drivers.router import packets
from tests.fabric.records import Records
from tests.fabric.test_nic_rules import chain

P1, P2 = "10.77.2.51", "10.77.2.52"


@pytest.fixture
def records() -> Records:
    """A cloud of which only the records exist."""
    return Records()


@pytest.fixture
def network(records):
    """An isolated network with a source NAT address."""
    made = records.isolated(5)
    records.public_ip(made)
    return made


def test_all_is_loaded_at_once(network) -> None:
    """The old table goes in the same transaction in which the new one comes."""
    text = packets.rules(network)
    assert text.startswith("add table ip cloudlab\ndelete table ip cloudlab\ntable ip cloudlab {\n")
    assert text.count("table ip cloudlab") == 3
    assert text.count("{") == text.count("}")


def test_without_rules_nothing_comes_in_and_everything_goes_out(network) -> None:
    """Under the source NAT address."""
    text = packets.rules(network)
    assert chain(text, "firewall")[1:] == [
        'iifname != "eth1" accept',
        "ct state established,related accept",
        "counter drop",
    ]
    assert chain(text, "inward") == ["type nat hook prerouting priority dstnat; policy accept;"]
    assert chain(text, "outward")[1:] == [
        f'oifname "eth1" ip saddr 10.1.1.0/24 snat to {P1}',
        'oifname "eth0" ct status dnat ip saddr 10.1.1.0/24 masquerade',
    ]
    assert "policy drop" in chain(text, "forward")[0]
    assert "policy drop" in chain(text, "input")[0]


@pytest.mark.parametrize(
    ("protocol", "ports", "cidrs", "line"),
    [
        (Protocol.TCP, (22, 22), ("0.0.0.0/0",), "tcp dport 22"),
        (
            Protocol.UDP,
            (5000, 5010),
            ("192.0.2.0/24", "198.51.100.7/32"),
            "ip saddr { 192.0.2.0/24, 198.51.100.7/32 } udp dport 5000-5010",
        ),
        (Protocol.TCP, None, ("0.0.0.0/0", "192.0.2.0/24"), "tcp dport 0-65535"),
        (Protocol.ICMP, None, ("0.0.0.0/0",), "ip protocol icmp"),
        (Protocol.ALL, None, ("192.0.2.0/24",), "ip saddr { 192.0.2.0/24 }"),
    ],
)
def test_a_firewall_rule_is_a_line(network, protocol, ports, cidrs, line) -> None:
    """About a public address, before the end."""
    rule = FirewallRule(
        network=network, ip=network.public_ips[0], protocol=protocol, ports=ports, cidrs=cidrs
    )
    network.firewall.append(rule)
    assert chain(packets.rules(network), "firewall")[3:] == [
        f"ip daddr {P1} {line} accept",
        "counter drop",
    ]


@pytest.mark.parametrize(
    ("public", "private", "target"),
    [
        ((2201, 2201), (22, 22), "tcp dport 2201 dnat to 10.1.1.11:22"),
        ((80, 90), (80, 90), "tcp dport 80-90 dnat to 10.1.1.11"),
        (
            (80, 82),
            (8080, 8082),
            "tcp dport 80-82 dnat to 10.1.1.11 : tcp dport map { 80 : 8080, 81 : 8081, 82 : 8082 }",
        ),
    ],
)
def test_forwarded_ports_lead_to_a_machine(records, network, public, private, target) -> None:
    """Each to the one as far from the first."""
    records.forward(network.public_ips[0], records.machine(network, 11), public, private)
    assert chain(packets.rules(network), "inward")[1:] == [f"ip daddr {P1} {target}"]


def test_static_nat_comes_before_source_nat(records, network) -> None:
    """The machine is seen under its own public address."""
    records.public_ip(network, vm=records.machine(network, 11))
    text = packets.rules(network)
    assert chain(text, "inward")[1:] == [f"ip daddr {P2} dnat to 10.1.1.11"]
    assert chain(text, "outward")[1:3] == [
        f'oifname "eth1" ip saddr 10.1.1.11 snat to {P2}',
        f'oifname "eth1" ip saddr 10.1.1.0/24 snat to {P1}',
    ]


def test_a_machine_without_an_address_is_left_out(records, network) -> None:
    """Its rules come with its address."""
    vm = records.machine(network, 11)
    vm.nics[0].range = None
    records.forward(network.public_ips[0], vm, (80, 80), (80, 80))
    records.public_ip(network, vm=vm)
    assert chain(packets.rules(network), "inward")[1:] == []


def test_balanced_ports_are_the_routers_own(records, network) -> None:
    """It takes those connections itself."""
    records.balance(network.public_ips[0], 8080)
    assert chain(packets.rules(network), "input")[-1] == f"ip daddr {P1} tcp dport 8080 accept"
