"""Networks of accounts: made, given a router with their first machine, and taken down again."""

from __future__ import annotations

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import (
    CloudError,
    Conflict,
    DriverFault,
    HostFault,
    InsufficientCapacity,
    InvalidParameter,
    NotFound,
)
from cloudlab.model import (
    Account,
    HostStatus,
    Network,
    NetworkState,
    NetworkType,
    PublicIp,
    Settings,
    TrafficType,
    VmState,
)
from cloudlab.workflows import hosts, machines, networks, recovery, services, zones
from tests.support.clouds import World, build, leaks, slow

FAULTS = (HostFault, DriverFault)


def wire_up(world: World, *, vlans: tuple[int, int] | None = (500, 509), ips: int = 8) -> World:
    """Give the zone a cable for guest networks, and public addresses."""
    cable = zones.Wire(name="eth0", traffic={TrafficType.GUEST: "br0"}, vlans=vlans)
    world.run(zones.add_physical_network(world.cloud, world.zone, cable))
    if ips:
        span = zones.Span(start="198.18.0.2", end=f"198.18.0.{1 + ips}")
        world.run(zones.add_range(world.cloud, TrafficType.PUBLIC, world.zone, span))
    return world


@pytest.fixture
def wired(world: World) -> World:
    """A small cloud with cables and public addresses."""
    return wire_up(world)


def new(world: World, name: str = "net", owner: Account | None = None, **more: str) -> Network:
    """Create a network of the tenant, or of `owner`."""
    account = owner or world.tenant
    made = world.run(networks.create(world.cloud, account, world.zone, name, **more))
    assert isinstance(made, Network)
    return made


def on(world: World, network: Network, name: str = "web", **more: object):
    """Deploy a machine on `network`."""
    return world.deploy(name, network=network, account=network.account, **more)


def routed(world: World, network: Network) -> set[int]:
    """Return the hosts that run the router of `network` out there."""
    return {host for known, host in world.outside.routers if known == network.id}


# --- creation and deletion ----------------------------------------------


def test_two_accounts_may_have_the_same_addresses(wired: World) -> None:
    """Each has its own VLAN, router and source NAT address; machines get the same address."""
    other = wired.cloud.add_account("other")
    first, second = new(wired), new(wired, owner=other)
    one, two = on(wired, first), on(wired, second)
    assert (
        (first.cidr, first.gateway) == (second.cidr, second.gateway) == ("10.1.1.0/24", "10.1.1.1")
    )
    assert one.nics[0].ip == two.nics[0].ip == "10.1.1.2"
    assert (first.vlan, second.vlan) == (500, 501)
    assert [ip.ip for ip in (*first.public_ips, *second.public_ips)] == ["198.18.0.2", "198.18.0.3"]
    assert first.state is second.state is NetworkState.IMPLEMENTED
    assert leaks(wired) == []


def test_nothing_runs_before_the_first_machine(wired: World) -> None:
    """A new network holds a VLAN and addresses of its own, nothing else."""
    network = new(wired, cidr="192.168.7.0/29")
    assert (network.state, network.router_host) == (NetworkState.ALLOCATED, None)
    assert network.range is not None
    assert (str(network.range.start), str(network.range.end)) == ("192.168.7.2", "192.168.7.6")
    assert not wired.outside.routers
    assert not network.public_ips
    assert leaks(wired) == []


@pytest.mark.parametrize(
    ("cidr", "says"),
    [
        ("10.1.1.1/24", "host bits"),
        ("nonsense", "Expected 4 octets"),
        ("10.1.1.0/30", "allowed: 22 to 29"),
        ("10.0.0.0/8", "allowed: 22 to 29"),
        ("198.18.0.0/24", "not private"),
        ("172.16.4.0/24", "overlaps 172.16.0.0/16 of pod p1"),
    ],
)
def test_addresses_that_will_not_do_are_refused(wired: World, cidr: str, says: str) -> None:
    """The message says what is wrong and what is allowed; nothing is made."""
    with pytest.raises(InvalidParameter, match=says):
        new(wired, cidr=cidr)
    assert len(wired.cloud.inventory.networks) == 1
    assert len(wired.cloud.inventory.ranges) == 3


def test_names_are_one_accounts_own(wired: World) -> None:
    """An account has each name once; another account may have it, too."""
    new(wired)
    new(wired, owner=wired.cloud.admin)
    with pytest.raises(InvalidParameter, match="already a network net"):
        new(wired)
    with pytest.raises(InvalidParameter, match="needs a name"):
        new(wired, "")


def test_a_zone_without_cables_has_no_networks(world: World) -> None:
    """Somebody must have said which VLANs there are."""
    with pytest.raises(Conflict, match="add one"):
        new(world)
    wire_up(world, vlans=None, ips=0)
    with pytest.raises(Conflict, match="VLANs"):
        new(world)


def test_a_vxlan_needs_no_range(world: World) -> None:
    """A cable that isolates by VXLAN has sixteen million networks, none of them a VLAN."""
    cable = zones.Wire(name="eth0", traffic={TrafficType.GUEST: "br0"}, isolation="VXLAN")
    world.run(zones.add_physical_network(world.cloud, world.zone, cable))
    assert [new(world, name).vlan for name in ("a", "b")] == [4096, 4097]


def test_a_basic_zone_has_no_isolated_networks(engine) -> None:
    """Its one network is shared by all."""
    world = build(engine, network_type=NetworkType.BASIC)
    with pytest.raises(InvalidParameter, match="Basic zone"):
        new(world)


def test_vlans_run_out_and_come_back(world: World) -> None:
    """A deleted network's VLAN is the next one's."""
    wire_up(world, vlans=(7, 8))
    first = new(world, "a")
    new(world, "b")
    with pytest.raises(InsufficientCapacity, match="7-8"):
        new(world, "c")
    world.run(networks.delete(world.cloud, first))
    assert first.state is NetworkState.DESTROY
    assert new(world, "c").vlan == 7
    assert leaks(world) == []


def test_a_network_with_machines_stays(wired: World) -> None:
    """Even stopped ones; once they are expunged it goes, with its router and public addresses."""
    network = new(wired)
    vm = on(wired, network)
    wired.run(networks.acquire_ip(wired.cloud, network))
    wired.run(machines.stop(wired.cloud, vm))
    with pytest.raises(Conflict, match="has machines: web"):
        wired.run(networks.delete(wired.cloud, network))
    wired.run(machines.destroy(wired.cloud, vm, expunge=True))
    wired.run(networks.delete(wired.cloud, network))
    assert not wired.outside.routers
    assert len(wired.cloud.inventory.public_ips) == 0
    assert all(pool.taken == 0 for pool in wired.cloud.addresses)
    with pytest.raises(NotFound):
        wired.run(networks.delete(wired.cloud, network))
    assert leaks(wired) == []


def test_a_shared_network_goes_with_its_zone(wired: World) -> None:
    """It cannot be deleted, and has no public addresses."""
    (shared,) = wired.zone.networks
    with pytest.raises(InvalidParameter, match="shared"):
        wired.run(networks.delete(wired.cloud, shared))
    with pytest.raises(InvalidParameter, match="public addresses"):
        wired.run(networks.acquire_ip(wired.cloud, shared))


# --- machines on networks ----------------------------------------------


def test_only_the_owner_deploys_on_a_network(wired: World) -> None:
    """Not even the administrator has machines there."""
    network = new(wired)
    with pytest.raises(InvalidParameter, match="belongs to account tenant"):
        wired.deploy(network=network)
    wired.run(networks.delete(wired.cloud, network))
    with pytest.raises(InvalidParameter, match="was deleted"):
        on(wired, network)
    assert leaks(wired) == []


def test_the_addresses_of_a_network_run_out(wired: World) -> None:
    """The refusal names the network; the machine is left in Error, holding nothing."""
    network = new(wired, cidr="10.5.5.0/29")
    for number in range(5):
        on(wired, network, f"vm-{number}", start=True)
    with pytest.raises(InsufficientCapacity, match="network net has no guest address left"):
        on(wired, network, "one-more")
    assert wired.vms[-1].state is VmState.ERROR
    assert wired.deploy("shared").nics[0].ip == "10.1.0.2"
    assert leaks(wired) == []


def test_an_address_can_be_asked_for(wired: World) -> None:
    """One of the network's own, and no other."""
    network = new(wired)
    wanted = int(network.range.start) + 40
    assert on(wired, network, ip=wanted).nics[0].ip == "10.1.1.42"
    with pytest.raises(InvalidParameter, match="no guest range of network net"):
        on(wired, network, ip=wanted + 2000)
    with pytest.raises(InvalidParameter, match="no guest range of network net"):
        on(wired, network, ip=wanted - 41)  # the router's


def test_a_machine_keeps_its_address_wherever_it_starts(wired: World) -> None:
    """Stopped and started elsewhere it has the same one, until it is expunged."""
    network = new(wired)
    vm = on(wired, network)
    before = vm.nics[0].ip
    wired.run(machines.stop(wired.cloud, vm))
    wired.run(hosts.disable(wired.cloud, wired.hosts[0]))
    wired.run(machines.start(wired.cloud, vm))
    assert vm.host is not wired.hosts[0]
    assert vm.nics[0].ip == before
    wired.run(machines.destroy(wired.cloud, vm, expunge=True))
    assert on(wired, network, "next").nics[0].ip == before


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user_data": "x" * 32_769}, "32769 bytes; allowed: up to 32768"),
        ({"public_key": "no-key"}, "authorized_keys"),
        ({"public_key": "ssh-rsa AAAA\nssh-rsa BBBB"}, "one line"),
    ],
)
def test_what_a_machine_is_to_fetch_is_looked_at(world: World, more: dict, says: str) -> None:
    """Too much of it, or what is no key, is refused."""
    with pytest.raises(InvalidParameter, match=says):
        world.deploy(**more)


def test_a_machine_has_what_it_is_to_fetch(world: World) -> None:
    """User data and key are kept as they were given."""
    key = "ssh-ed25519 AAAA me"
    vm = world.deploy(user_data="#cloud-config\n", public_key=f"{key}\n")
    assert (vm.user_data, vm.public_key) == ("#cloud-config\n", key)


# --- the router ----------------------------------------------


def test_the_router_runs_beside_the_first_machine(wired: World) -> None:
    """Later machines find it there, on whatever host they start."""
    network = new(wired)
    vm = on(wired, network)
    assert network.router_host is vm.host
    wired.run(hosts.disable(wired.cloud, vm.host))
    other = on(wired, network, "other")
    assert other.host is not vm.host
    assert network.router_host is vm.host
    assert wired.wire.count("router.implement") == 1


def test_a_shared_network_has_a_router_too(world: World) -> None:
    """It comes with the first machine; the network stays in Setup, without a way out of its own."""
    vm = world.deploy()
    (shared,) = world.zone.networks
    assert (shared.state, shared.router_host) == (NetworkState.SETUP, vm.host)
    world.deploy()
    assert world.wire.count("router.implement") == 1
    assert not shared.public_ips


def test_of_machines_that_start_at_once_one_brings_the_router(slow_world: World) -> None:
    """The others wait for it; there is one router and one source NAT address."""
    world = wire_up(slow_world)
    network = new(world)
    asked = [world.asked(f"vm-{n}", network=network, account=network.account) for n in range(6)]
    world.run(world.cloud.engine.all(*(machines.deploy(world.cloud, each) for each in asked)))
    assert world.wire.count("router.implement") == 1
    assert len(network.public_ips) == 1
    assert leaks(world) == []


@pytest.mark.parametrize("error", FAULTS)
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_router_that_fails_leaves_nothing(
    wired: World, error: type[CloudError], is_lost: bool
) -> None:
    """The network is as before, without a public address; another host is tried if that helps."""
    network = new(wired)
    (wired.wire.lose if is_lost else wired.wire.refuse)("router.implement", error("no luck"))
    if error is HostFault:
        assert on(wired, network).host is wired.hosts[1]
        assert routed(wired, network) == {wired.hosts[1].id}
    else:
        with pytest.raises(DriverFault):
            on(wired, network)
        assert (network.state, network.public_ips) == (NetworkState.ALLOCATED, [])
        assert not wired.outside.routers
    states = wired.states(network)
    assert states[:3] == ["Implementing", "Shutdown", "Allocated"]
    assert leaks(wired) == []


def test_without_a_public_address_no_network_comes_up(world: World) -> None:
    """The refusal says what to do; nothing was begun on any host."""
    wire_up(world, ips=1)
    on(world, new(world, "a"))
    network = new(world, "b")
    with pytest.raises(InsufficientCapacity, match="add a Public range"):
        on(world, network, "other")
    assert network.state is NetworkState.ALLOCATED
    assert leaks(world) == []


def test_a_router_on_another_host_that_fails_is_no_reason_to_try_more_hosts(wired: World) -> None:
    """Wherever the machine started, it would be the same."""
    network = new(wired)
    vm = on(wired, network)
    wired.run(hosts.disable(wired.cloud, vm.host))
    wired.wire.refuse("router.admit", HostFault("no answer"))
    with pytest.raises(DriverFault, match="virtual router of network net"):
        on(wired, network, "other")
    assert leaks(wired) == []


# --- failures ----------------------------------------------


def spread(world: World) -> tuple[Network, list]:
    """Return a network with a machine on each of the first two hosts, the router on the first."""
    network = new(world)
    offering = world.offering(ha=True)
    first = on(world, network, "first", offering=offering)
    world.run(hosts.disable(world.cloud, world.hosts[0]))
    second = on(world, network, "second", offering=offering)
    world.run(hosts.enable(world.cloud, world.hosts[0]))
    assert [first.host, second.host] == world.hosts[:2]
    return network, [first, second]


def test_a_router_that_falls_runs_where_machines_run(wired: World) -> None:
    """Before the machines that fell with it are restarted."""
    network, vms = spread(wired)
    wired.outside.break_host(wired.hosts[0])
    wired.wire.log.clear()
    wired.run(recovery.host_down(wired.cloud, wired.hosts[0]))
    assert network.router_host is wired.hosts[1]
    assert all(vm.state is VmState.RUNNING for vm in vms)
    steps = [step for step, _ in wired.wire.log]
    assert steps.index("router.implement") < steps.index("hypervisor.start")
    assert leaks(wired) == []


def test_a_router_whose_machines_all_fell_comes_back_with_them(wired: World) -> None:
    """The first that starts again brings it, on its own host."""
    network = new(wired)
    vm = on(wired, network, offering=wired.offering(ha=True))
    wired.outside.break_host(wired.hosts[0])
    wired.run(recovery.host_down(wired.cloud, wired.hosts[0]))
    assert vm.host is wired.hosts[1]
    assert network.router_host is vm.host
    assert leaks(wired) == []


def test_a_router_lost_with_an_unnoticed_restart_is_missed(wired: World) -> None:
    """A host that comes back is asked which routers it still runs."""
    network, _ = spread(wired)
    wired.outside.break_host(wired.hosts[0])
    wired.outside.repair_host(wired.hosts[0])
    wired.run(recovery.host_back(wired.cloud, wired.hosts[0]))
    assert len(routed(wired, network)) == 1
    assert leaks(wired) == []


def test_a_router_that_cannot_be_rescued_is_told_and_tried_again(wired: World) -> None:
    """The administrator hears of it, and the next round brings it up."""
    network, _ = spread(wired)
    wired.outside.break_host(wired.hosts[0])
    wired.hosts[0].status = HostStatus.DOWN
    wired.wire.refuse("router.implement", DriverFault("no"), times=1)
    wired.run(networks.rescue(wired.cloud, wired.hosts[0]))
    assert network.router_host is None
    assert any("network net" in name for name in wired.alerts())
    wired.run(services.tend_networks(wired.cloud))
    assert network.router_host is wired.hosts[1]


def test_a_router_that_cannot_be_asked_about_is_not_run_twice(wired: World) -> None:
    """Its host is Up and silent: perhaps only a cable is out, and it serves its machines."""
    network, _ = spread(wired)
    wired.outside.cut_management(wired.hosts[0])
    wired.run(networks.rescue(wired.cloud, wired.hosts[0]))
    assert network.router_host is wired.hosts[0]
    assert routed(wired, network) == {wired.hosts[0].id}


def test_maintenance_moves_the_router(wired: World) -> None:
    """It runs on the other host before it is shut down on the one that is emptied."""
    network, _ = spread(wired)
    wired.wire.log.clear()
    wired.run(hosts.enter_maintenance(wired.cloud, wired.hosts[0]))
    assert network.router_host is wired.hosts[1]
    steps = [step for step, _ in wired.wire.log if step.startswith("router.")]
    assert steps == ["router.implement", "router.shutdown"]
    assert leaks(wired) == []


@pytest.mark.parametrize("step", ["router.implement", "router.shutdown"])
def test_a_router_that_cannot_move_stays(wired: World, step: str) -> None:
    """The host is not empty then, and nothing runs twice."""
    network, _ = spread(wired)
    wired.wire.refuse(step, DriverFault("no"), times=3 if step == "router.shutdown" else 1)
    with pytest.raises(DriverFault):
        wired.run(hosts.enter_maintenance(wired.cloud, wired.hosts[0]))
    assert routed(wired, network) == {wired.hosts[0].id}
    assert network.router_host is wired.hosts[0]


def test_a_removed_host_leaves_its_routers_behind(wired: World) -> None:
    """They run elsewhere when it is gone."""
    network, _ = spread(wired)
    wired.run(hosts.remove(wired.cloud, wired.hosts[0], forced=True))
    assert network.router_host in wired.hosts
    assert leaks(wired) == []


# --- idle networks ----------------------------------------------


def idle_world() -> tuple[World, Network]:
    """Return a world whose services run, and a network whose one machine has just stopped."""
    world = wire_up(build(VirtualEngine(), settings=Settings.of({"ping.interval": 1000.0})))
    network = new(world)
    vm = on(world, network)
    services.start(world.cloud, "network check")
    world.cloud.engine.run(until=100)
    world.run(machines.stop(world.cloud, vm))
    return world, network


def test_an_idle_network_is_shut_down(engine) -> None:
    """At the first round that sees it idle for `network.gc.wait`; its address stays its own."""
    world, network = idle_world()
    (source_nat,) = network.public_ips
    world.cloud.engine.run(until=1199)
    assert network.state is NetworkState.IMPLEMENTED
    world.cloud.engine.run(until=1201)
    assert (network.state, network.router_host) == (NetworkState.ALLOCATED, None)
    assert network.public_ips == [source_nat]
    assert not world.outside.routers
    assert leaks(world) == []
    world.run(machines.start(world.cloud, world.vms[0]))
    assert network.state is NetworkState.IMPLEMENTED
    assert network.public_ips == [source_nat]
    assert leaks(world) == []


def test_a_network_in_use_is_left_alone() -> None:
    """A machine that starts in between lets the time count from the beginning."""
    world, network = idle_world()
    world.cloud.engine.run(until=700)
    world.run(machines.start(world.cloud, world.vms[0]))
    world.cloud.engine.run(until=5000)
    assert network.state is NetworkState.IMPLEMENTED
    (shared,) = (each for each in world.zone.networks if not each.is_isolated)
    assert shared.state is NetworkState.SETUP


def test_a_router_that_will_not_end_stays_in_the_books() -> None:
    """The network is Implemented as before; the administrator hears of it."""
    world, network = idle_world()
    world.wire.refuse("router.shutdown", DriverFault("busy"), times=3)
    world.cloud.engine.run(until=1201)
    assert (network.state, network.router_host) == (NetworkState.IMPLEMENTED, world.hosts[0])
    assert any("network net" in name for name in world.alerts())
    world.cloud.engine.run(until=2401)
    assert network.state is NetworkState.ALLOCATED
    assert leaks(world) == []


def test_a_machine_that_starts_while_the_router_ends_waits_for_it() -> None:
    """Then it implements the network anew."""
    world = wire_up(build(latency=slow()))
    network = new(world)
    vm = on(world, network)
    world.run(machines.stop(world.cloud, vm))
    cloud, engine = world.cloud, world.cloud.engine
    both = (networks.shut_down(cloud, network), machines.start(cloud, vm))
    world.run(engine.all(*both))
    assert (vm.state, network.state) == (VmState.RUNNING, NetworkState.IMPLEMENTED)
    assert leaks(world) == []


def test_a_zone_with_networks_stays(wired: World) -> None:
    """They are counted among what is still there."""
    new(wired)
    with pytest.raises(Conflict, match="1 isolated networks"):
        wired.run(zones.remove_zone(wired.cloud, wired.zone))


def test_public_addresses_are_kept_apart(wired: World) -> None:
    """The source NAT address comes first and cannot be released; others can."""
    network = new(wired)
    early = wired.run(networks.acquire_ip(wired.cloud, network))
    assert isinstance(early, PublicIp)
    on(wired, network)
    assert [ip.is_source_nat for ip in network.public_ips] == [True, False]
    with pytest.raises(Conflict, match="source NAT"):
        wired.run(networks.release_ip(wired.cloud, network.public_ips[0]))
    wired.run(networks.release_ip(wired.cloud, early))
    with pytest.raises(NotFound):
        wired.run(networks.release_ip(wired.cloud, early))
    assert leaks(wired) == []
