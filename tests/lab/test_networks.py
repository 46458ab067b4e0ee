"""Networks in a lab: everything by name, and errors that say what to do."""

from __future__ import annotations

import pytest

from cloudlab import Lab
from cloudlab.design import new_design
from cloudlab.errors import Conflict, InvalidParameter, NotFound


@pytest.fixture
def lab() -> Lab:
    """A lab with two accounts."""
    made = Lab(new_design(hosts=3), progress=False)
    made.create_account("blue")
    made.create_account("red")
    return made


def test_two_tenants_reach_their_machines(lab: Lab) -> None:
    """The same addresses inside, an address of its own outside, each its own port."""
    for who in ("blue", "red"):
        lab.create_network(f"{who}-net", account=who)
        vm = lab.deploy(f"{who}-1", network=f"{who}-net", user_data="hello")
        assert vm.account.name == who
        rule = lab.forward(f"{who}-1", 2222, 22)
        assert repr(rule).endswith(f"to {who}-1:22>")
    rows = [row for row in lab.networks if row.type == "Isolated"]
    assert [row.cidr for row in rows] == ["10.1.1.0/24"] * 2
    assert len({row.public_ip for row in rows}) == len({row.vlan for row in rows}) == 2
    assert [row.use.count("source NAT") for row in lab.public_ips] == [1, 1]


def test_every_verb_takes_names(lab: Lab) -> None:
    """What was made is found again by its name, and taken away by it."""
    lab.create_network("net", account="blue", cidr="10.7.0.0/24")
    lab.deploy("a", network="net")
    lab.deploy("b", network="net")
    ip = lab.acquire_ip("net")
    lab.static_nat("a", ip.name)
    opened = lab.open_firewall(ip.name, (8000, 8010), cidrs=["10.0.0.0/8"])
    lab.close_firewall(opened.name)
    lab.end_static_nat(ip.name)
    lab.release_ip(ip.name)
    lab.end_forwarding(lab.forward("a", 53, protocol="udp").name)
    rule = lab.balance(["a", "b"], 80, 8080, name="web", algorithm="leastconn")
    assert [vm.name for vm in rule.vms] == ["a", "b"]
    lab.end_balancing("web")
    assert len(lab.static_nat("b").ip.split(".")) == 4
    for name in ("a", "b"):
        lab.destroy(name, expunge=True)
    lab.delete_network("net")
    assert len(lab.public_ips) == 0


def test_a_balancer_that_cannot_lead_anywhere_is_not_made(lab: Lab) -> None:
    """One machine of another network, and there is none."""
    lab.create_network("net", account="blue")
    lab.create_network("far", account="blue")
    here, there = lab.deploy("a", network="net"), lab.deploy("b", network="far")
    with pytest.raises(InvalidParameter, match="not on network net"):
        lab.balance([here, there], 80)
    network = here.nics[0].network
    assert (network.load_balancers, network.firewall) == ([], [])
    with pytest.raises(InvalidParameter, match="needs machines"):
        lab.balance([], 80)


def test_errors_say_what_to_do(lab: Lab) -> None:
    """A machine on the shared network, a word nobody knows, an address that is not there yet."""
    lab.deploy("shared")
    with pytest.raises(InvalidParameter, match="after create_network"):
        lab.forward("shared", 80)
    lab.create_network("net", account="blue")
    lab.deploy("web", network="net")
    with pytest.raises(InvalidParameter, match="protocol 'sctp': there are tcp, udp, icmp, all"):
        lab.forward("web", 80, protocol="sctp")
    with pytest.raises(InvalidParameter, match="algorithm 'best'"):
        lab.balance(["web"], 80, algorithm="best")
    with pytest.raises(NotFound, match="there is no network nowhere"):
        lab.deploy("x", network="nowhere")
    with pytest.raises(Conflict, match="has machines: web"):
        lab.delete_network("net")


def test_security_groups_of_a_basic_zone() -> None:
    """They are made by asking for them, given rules, and machines are put into them."""
    lab = Lab(new_design(hosts=2, network_type="Basic"), progress=False)
    group = lab.security_group("web")
    assert lab.security_group("web") is group
    lab.allow("web", 80)
    lab.allow(group, protocol="icmp", cidr="10.0.0.0/8", outgoing=True)
    vm = lab.deploy("web-1", security_groups=["web"])
    assert vm.security_groups == [group]
    assert repr(group) == "<security group web: of admin, 1 ingress and 1 egress rules>"
    lab.disallow("web", 80)
    lab.disallow("web", protocol="icmp", cidr="10.0.0.0/8", outgoing=True)
    assert (group.ingress, group.egress) == ([], [])
    assert [each.name for each in lab.deploy("other").security_groups] == ["default"]


def test_a_lab_goes_back_with_its_networks(lab: Lab) -> None:
    """A checkpoint keeps networks, addresses and rules; they go on from there."""
    lab.create_network("net", account="blue")
    lab.deploy("web", network="net")
    lab.forward("web", 80)
    moment = lab.checkpoint()
    lab.destroy("web", expunge=True)
    lab.delete_network("net")
    lab.rewind(moment)
    (row,) = (row for row in lab.networks if row.name == "net")
    assert (row.state, row.vms) == ("Implemented", 1)
    assert "to web:80" in lab.public_ips[0].use
    lab.destroy("web", expunge=True)
    lab.delete_network("net")
    assert len(lab.public_ips) == 0
