"""Rules of networks: checked as CloudStack checks them, obeyed by the router, or as before."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cloudlab.errors import Conflict, DriverFault, InvalidParameter, NotFound
from cloudlab.model import (
    Balancing,
    Network,
    Protocol,
    PublicIp,
    SecurityGroupRule,
    TrafficType,
    VirtualMachine,
)
from cloudlab.workflows import machines, networks, zones
from tests.support.clouds import World, build, leaks

TCP, UDP, ICMP = Protocol.TCP, Protocol.UDP, Protocol.ICMP


class Place(NamedTuple):
    """A network with a machine, its source NAT address and another one."""

    world: World
    network: Network
    vm: VirtualMachine
    source_nat: PublicIp
    ip: PublicIp

    def forward(self, ip: PublicIp | None = None, first: int = 80, last: int = 0, **more):
        """Forward ports to the machine."""
        ports = (first, last or first)
        work = networks.add_port_forwarding(
            self.world.cloud, ip or self.source_nat, self.vm, public_ports=ports, **more
        )
        return self.world.run(work)

    def balance(self, name: str = "lb", port: int = 80, **more):
        """Add a load balancer to the source NAT address."""
        return self.world.run(
            networks.add_load_balancer(
                self.world.cloud, self.source_nat, name, public_port=port, **more
            )
        )

    def open(self, ip: PublicIp | None = None, *what, **more):
        """Add a firewall rule."""
        return self.world.run(
            networks.add_firewall_rule(self.world.cloud, ip or self.ip, *what, **more)
        )

    def nat(self, ip: PublicIp | None = None):
        """Enable static NAT."""
        return self.world.run(networks.enable_static_nat(self.world.cloud, ip or self.ip, self.vm))

    def rules(self) -> tuple:
        """Return all that the books say about rules."""
        network, inventory = self.network, self.world.cloud.inventory
        return (
            list(network.firewall),
            list(network.port_forwarding),
            [(each, list(each.vms)) for each in network.load_balancers],
            [(ip, ip.vm) for ip in network.public_ips],
            list(inventory.firewall_rules),
            list(inventory.port_forwarding_rules),
            list(inventory.load_balancer_rules),
        )


@pytest.fixture
def place(world: World) -> Place:
    """A tenant's network, and all that rules need."""
    cloud, zone = world.cloud, world.zone
    cable = zones.Wire(name="eth0", traffic={TrafficType.GUEST: "br0"}, vlans=(500, 509))
    world.run(zones.add_physical_network(cloud, zone, cable))
    span = zones.Span(start="198.18.0.2", end="198.18.0.9")
    world.run(zones.add_range(cloud, TrafficType.PUBLIC, zone, span))
    network = world.run(networks.create(cloud, world.tenant, zone, "net"))
    vm = world.deploy("web", network=network, account=world.tenant)
    ip = world.run(networks.acquire_ip(cloud, network))
    return Place(world, network, vm, network.public_ips[0], ip)


def test_forwarding_opens_the_firewall_and_closes_it(place: Place) -> None:
    """Everybody is let in at the public ports, unless that is not wanted; all goes together."""
    before = place.rules()
    rule = place.forward(first=2222, private_ports=(22, 22))
    (opened,) = place.network.firewall
    assert (opened.ports, opened.cidrs, opened.opened_for) == ((2222, 2222), ("0.0.0.0/0",), rule)
    assert place.world.wire.log[-1] == ("router.apply", place.network)
    quiet = place.forward(first=99, open_firewall=False)
    assert place.network.firewall == [opened]
    for each in (rule, quiet):
        place.world.run(networks.remove_port_forwarding(place.world.cloud, each))
    assert place.rules() == before
    with pytest.raises(NotFound):
        place.world.run(networks.remove_port_forwarding(place.world.cloud, rule))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"first": 0}, "public ports 0-0: allowed: 1 to 65535"),
        ({"first": 9, "last": 7}, "public ports 9-7"),
        ({"first": 65_000, "last": 65_536}, "65536"),
        ({"first": 80, "last": 82, "private_ports": (80, 81)}, "equally many"),
        ({"protocol": ICMP}, "protocol icmp: allowed here: tcp, udp"),
    ],
)
def test_ports_that_will_not_do_are_refused(place: Place, more: dict, says: str) -> None:
    """The message says which and what is allowed."""
    before = place.rules()
    with pytest.raises(InvalidParameter, match=says):
        place.forward(**more)
    assert place.rules() == before


def test_a_port_leads_to_one_place(place: Place) -> None:
    """Ports that overlap conflict, of another protocol or address they do not."""
    place.forward(first=80, last=90)
    place.forward(first=85, protocol=UDP)
    place.forward(place.ip, first=85)
    before = place.rules()
    with pytest.raises(Conflict, match="remove it, or use other ports"):
        place.forward(first=90, last=99)
    with pytest.raises(Conflict, match="85"):
        place.balance(port=85)
    assert place.rules() == before
    place.balance(port=443)
    with pytest.raises(Conflict, match="lb has some"):
        place.forward(first=443)


def test_the_machine_must_be_on_the_network(place: Place) -> None:
    """With an address, Running or Stopped, and still there."""
    world, cloud = place.world, place.world.cloud
    stranger = world.deploy("stranger")
    waiting = world.deploy("later", network=place.network, account=world.tenant, start=False)
    for vm, error, says in (
        (stranger, InvalidParameter, "not on network net"),
        (waiting, Conflict, "start it first"),
    ):
        with pytest.raises(error, match=says):
            world.run(networks.enable_static_nat(cloud, place.ip, vm))
    world.run(machines.destroy(cloud, place.vm))
    with pytest.raises(Conflict, match="Destroyed"):
        place.nat()
    world.run(machines.expunge(cloud, place.vm))
    with pytest.raises(NotFound):
        place.nat()


def test_static_nat_needs_an_address_of_its_own(place: Place) -> None:
    """Not the source NAT address, not one with forwarded ports, and one for each machine."""
    with pytest.raises(Conflict, match="source NAT"):
        place.nat(place.source_nat)
    rule = place.forward(place.ip)
    with pytest.raises(Conflict, match="forwards ports"):
        place.nat()
    place.world.run(networks.remove_port_forwarding(place.world.cloud, rule))
    place.nat()
    assert place.ip.vm is place.vm
    with pytest.raises(Conflict, match="static NAT address"):
        place.forward(place.ip)
    another = place.world.run(networks.acquire_ip(place.world.cloud, place.network))
    with pytest.raises(Conflict, match="by static NAT already"):
        place.nat(another)


def test_static_nat_ends_with_its_firewall(place: Place) -> None:
    """What was opened for the machine does not stay open for nobody."""
    before = place.rules()
    place.nat()
    place.open(None, TCP, (22, 22))
    place.world.run(networks.disable_static_nat(place.world.cloud, place.ip))
    assert place.rules() == before
    with pytest.raises(Conflict, match="has no static NAT"):
        place.world.run(networks.disable_static_nat(place.world.cloud, place.ip))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ((TCP,), "needs ports"),
        ((ICMP, (1, 2)), "has no ports"),
        ((Protocol.ALL,), "allowed here: tcp, udp, icmp"),
        ((TCP, (22, 22), ("10.0.0.1/8",)), "host bits"),
        ((TCP, (22, 22), ()), "needs a CIDR"),
    ],
)
def test_firewall_rules_that_will_not_do_are_refused(place: Place, what: tuple, says: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(InvalidParameter, match=says):
        place.open(None, *what)
    assert place.network.firewall == []


def test_firewall_rules_conflict_only_if_they_meet(place: Place) -> None:
    """Same address, same protocol, ports in common and sources in common."""
    rule = place.open(None, TCP, (20, 30), ["10.0.0.0/8"])
    place.open(None, TCP, (25, 25), ["11.0.0.0/8"])
    place.open(None, UDP, (25, 25), ["10.0.0.0/8"])
    place.open(None, ICMP)
    place.open(place.source_nat, TCP, (25, 25))
    with pytest.raises(Conflict, match="tcp 20-30 from 10"):
        place.open(None, TCP, (30, 40), ["10.1.0.0/16"])
    with pytest.raises(Conflict, match="lets some of that in already"):
        place.open(None, ICMP)
    place.world.run(networks.remove_firewall_rule(place.world.cloud, rule))
    place.open(None, TCP, (30, 40), ["10.1.0.0/16"])


def test_a_load_balancer_leads_to_its_machines(place: Place) -> None:
    """They are assigned and taken away one by one; each once."""
    world, cloud = place.world, place.world.cloud
    rule = place.balance(private_port=8080, algorithm=Balancing.SOURCE)
    other = world.deploy("other", network=place.network, account=world.tenant)
    world.run(networks.assign(cloud, rule, place.vm, other))
    with pytest.raises(Conflict, match="assigned to load balancer rule lb already"):
        world.run(networks.assign(cloud, rule, other))
    world.run(networks.unassign(cloud, rule, place.vm))
    with pytest.raises(Conflict, match="is not assigned"):
        world.run(networks.unassign(cloud, rule, place.vm))
    assert rule.vms == [other]
    with pytest.raises(InvalidParameter, match="already a load balancer lb"):
        place.balance(port=81)
    world.run(networks.remove_load_balancer(cloud, rule))
    assert (place.network.load_balancers, place.network.firewall) == ([], [])


def changes(place: Place) -> dict:
    """Return every change of the rules of a network, as work that was not begun."""
    cloud, ip, vm = place.world.cloud, place.ip, place.vm
    forwarded, balanced = place.forward(first=1000), place.balance(port=1001)
    opened = place.open(place.source_nat, UDP, (7, 7))
    standing = place.world.run(networks.acquire_ip(cloud, place.network))
    place.nat(standing)
    place.world.run(networks.assign(cloud, balanced, vm))
    return {
        "acquire": lambda: networks.acquire_ip(cloud, place.network),
        "release": lambda: networks.release_ip(cloud, standing),
        "forward": lambda: networks.add_port_forwarding(cloud, ip, vm, public_ports=(80, 80)),
        "end forwarding": lambda: networks.remove_port_forwarding(cloud, forwarded),
        "open": lambda: networks.add_firewall_rule(cloud, ip, TCP, (80, 80)),
        "close": lambda: networks.remove_firewall_rule(cloud, opened),
        "disable": lambda: networks.disable_static_nat(cloud, standing),
        "balance": lambda: networks.add_load_balancer(cloud, ip, "new", public_port=80),
        "end balancing": lambda: networks.remove_load_balancer(cloud, balanced),
        "unassign": lambda: networks.unassign(cloud, balanced, vm),
        "expunge": lambda: networks.leave(cloud, vm, place.network),
    }


CHANGES = (
    "acquire",
    "release",
    "forward",
    "end forwarding",
    "open",
    "close",
    "disable",
    "balance",
    "end balancing",
    "unassign",
    "expunge",
)


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_what_the_router_refuses_has_not_happened(place: Place, change: str, is_lost: bool) -> None:
    """The books are as before, and the router is told so: it may have obeyed after all."""
    work, world = changes(place)[change], place.world
    before = place.rules()
    (world.wire.lose if is_lost else world.wire.refuse)("router.apply", DriverFault("no"))
    world.wire.log.clear()
    with pytest.raises(DriverFault):
        world.run(work())
    assert place.rules() == before
    assert world.wire.count("router.apply") == 1 + is_lost
    assert leaks(world) == []
    world.run(work())
    assert place.rules() != before
    assert leaks(world) == []


def test_without_a_router_only_the_books_change(place: Place) -> None:
    """The router learns it all when the next machine starts."""
    world, cloud = place.world, place.world.cloud
    world.run(machines.stop(cloud, place.vm))
    world.run(networks.shut_down(cloud, place.network))
    world.wire.log.clear()
    rule = place.forward()
    assert place.network.port_forwarding == [rule]
    assert world.wire.log == []
    world.run(machines.start(cloud, place.vm))
    assert leaks(world) == []


def test_nothing_leads_to_a_machine_that_was_expunged(place: Place) -> None:
    """Its rules go before somebody else gets its address; those of others stay."""
    world, cloud = place.world, place.world.cloud
    changes(place)
    other = world.deploy("other", network=place.network, account=world.tenant)
    world.run(networks.add_port_forwarding(cloud, place.ip, other, public_ports=(80, 80)))
    world.run(machines.destroy(cloud, place.vm, expunge=True))
    assert [rule.vm for rule in place.network.port_forwarding] == [other]
    assert [balancer.vms for balancer in place.network.load_balancers] == [[]]
    assert all(ip.vm is None for ip in place.network.public_ips)
    assert {rule.opened_for for rule in place.network.firewall} == {
        None,
        *place.network.port_forwarding,
        *place.network.load_balancers,
    }
    assert leaks(world) == []


# --- security groups ------------------------------------------------------------------------


@pytest.fixture
def guarded(engine) -> World:
    """A world whose zone has security groups."""
    world = build(engine)
    world.zone.security_groups = True
    return world


def test_machines_without_a_group_are_in_the_accounts_default(guarded: World) -> None:
    """It is made when it is first needed, lets nothing in, and is one for each account."""
    first, second = guarded.deploy("a"), guarded.deploy("b")
    (group,) = first.security_groups
    assert second.security_groups == [group]
    assert (group.name, group.ingress, group.egress) == ("default", [], [])
    assert guarded.deploy("c", account=guarded.tenant).security_groups != [group]
    with pytest.raises(InvalidParameter, match="it stays"):
        guarded.run(networks.delete_security_group(guarded.cloud, group))


def test_a_zone_without_groups_takes_none(world: World) -> None:
    """Nobody would obey them there."""
    group = world.run(networks.create_security_group(world.cloud, world.cloud.admin, "web"))
    assert world.deploy().security_groups == []
    with pytest.raises(InvalidParameter, match="has no security groups"):
        world.deploy(security_groups=(group,))


def test_rules_reach_every_machine_of_the_group_that_runs(guarded: World) -> None:
    """Each plugged NIC is protected anew with every change, others are not."""
    cloud = guarded.cloud
    group = guarded.run(networks.create_security_group(cloud, cloud.admin, "web"))
    vms = [guarded.deploy(f"vm-{n}", security_groups=(group,)) for n in range(3)]
    guarded.deploy("other")
    guarded.run(machines.stop(cloud, vms[0]))
    guarded.wire.log.clear()
    rule = SecurityGroupRule(ports=(22, 22))
    guarded.run(networks.authorize_ingress(cloud, group, rule))
    protected = {nic for step, nic in guarded.wire.log if step == "fabric.protect"}
    assert protected == {vms[1].nics[0], vms[2].nics[0]}
    assert group.ingress == [rule]
    with pytest.raises(Conflict, match="already"):
        guarded.run(networks.authorize_ingress(cloud, group, rule))
    guarded.run(networks.revoke_ingress(cloud, group, rule))
    with pytest.raises(Conflict, match="it has: none"):
        guarded.run(networks.revoke_ingress(cloud, group, rule))
    guarded.run(networks.authorize_egress(cloud, group, SecurityGroupRule(Protocol.ALL)))
    guarded.run(networks.revoke_egress(cloud, group, SecurityGroupRule(Protocol.ALL)))
    assert (group.ingress, group.egress) == ([], [])
    assert guarded.wire.count("fabric.protect") == 8


def test_a_host_that_does_not_protect_is_told_of(guarded: World) -> None:
    """The rule stands, and the machine has it when it starts again."""
    vm = guarded.deploy()
    (group,) = vm.security_groups
    guarded.wire.refuse("fabric.protect", DriverFault("busy"), times=3)
    rule = SecurityGroupRule(ports=(22, 22))
    guarded.run(networks.authorize_ingress(guarded.cloud, group, rule))
    assert group.ingress == [rule]
    assert any(str(vm) in name for name in guarded.alerts())


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (SecurityGroupRule(TCP), "needs ports"),
        (SecurityGroupRule(TCP, (0, 1)), "ports 0-1"),
        (SecurityGroupRule(Protocol.ALL, (1, 2)), "has no ports"),
        (SecurityGroupRule(TCP, (1, 2), "nowhere"), "CIDR 'nowhere'"),
    ],
)
def test_group_rules_that_will_not_do_are_refused(
    guarded: World, rule: SecurityGroupRule, says: str
) -> None:
    """The message says what is wrong."""
    group = networks.default_group(guarded.cloud, guarded.tenant)
    with pytest.raises(InvalidParameter, match=says):
        guarded.run(networks.authorize_ingress(guarded.cloud, group, rule))


def test_groups_belong_to_one_account(guarded: World) -> None:
    """Of one name each account has one; a group with machines stays."""
    cloud = guarded.cloud
    group = guarded.run(networks.create_security_group(cloud, guarded.tenant, "web"))
    with pytest.raises(InvalidParameter, match="already has a security group web"):
        guarded.run(networks.create_security_group(cloud, guarded.tenant, "web"))
    with pytest.raises(InvalidParameter, match="belongs to account tenant"):
        guarded.deploy(security_groups=(group,))
    vm = guarded.deploy(account=guarded.tenant, security_groups=(group, group))
    assert vm.security_groups == [group]
    with pytest.raises(Conflict, match="has the machines"):
        guarded.run(networks.delete_security_group(cloud, group))
    guarded.run(machines.destroy(cloud, vm, expunge=True))
    guarded.run(networks.delete_security_group(cloud, group))
    with pytest.raises(NotFound):
        guarded.run(networks.delete_security_group(cloud, group))
    with pytest.raises(InvalidParameter, match="was deleted"):
        guarded.deploy(account=guarded.tenant, security_groups=(group,))


@pytest.mark.parametrize("use", ["release", "nat", "forward", "open"])
def test_an_address_that_its_network_does_not_have_is_good_for_nothing(
    place: Place, use: str
) -> None:
    """It was being given back when a process ended: nothing is built on it."""
    cloud, ip = place.world.cloud, place.ip
    place.network.public_ips.remove(ip)
    uses = {
        "release": lambda: place.world.run(networks.release_ip(cloud, ip)),
        "nat": lambda: place.nat(ip),
        "forward": lambda: place.forward(ip),
        "open": lambda: place.open(ip, Protocol.TCP, (22, 22)),
    }
    with pytest.raises(NotFound, match=r"198\.18\.0\.3 is no address of network net any more"):
        uses[use]()
    networks.forget_withdrawn(cloud)
    assert leaks(place.world) == []
    assert place.world.run(networks.acquire_ip(cloud, place.network)).ip == ip.ip
