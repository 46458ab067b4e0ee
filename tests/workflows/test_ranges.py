"""Runs of addresses: where they may be added, and when they may go."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.model import AddressRange, NetworkType, Pod, TrafficType, Zone
from cloudlab.workflows import machines, zones
from tests.support.clouds import World, build, leaks


def add(world: World, where: Zone | Pod, first: str, last: str, **more: object) -> AddressRange:
    """Return a new run of guest addresses."""
    traffic = more.pop("traffic", TrafficType.GUEST)
    assert isinstance(traffic, TrafficType)
    span = zones.Span(start=first, end=last, **more)
    each = world.run(zones.add_range(world.cloud, traffic, where, span))
    assert isinstance(each, AddressRange)
    return each


def test_a_second_range_is_used_when_the_first_is_full() -> None:
    """Addresses run out, a range is added, and machines come again."""
    world = build(addresses=1)
    world.deploy()
    with pytest.raises(InsufficientCapacity, match="address"):
        world.deploy()
    each = add(world, world.zone, "10.7.0.2", "10.7.0.3")
    vm = world.deploy()
    assert vm.nics[0].range is each
    assert vm.nics[0].ip == "10.7.0.2"
    assert leaks(world) == []


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("10.1.0.100", "10.1.0.110", "overlaps z1-guest"),
        ("10.0.0.1", "10.9.0.1", "overlaps"),
        ("10.7.0.9", "10.7.0.2", "ends at 10.7.0.2 before it starts at 10.7.0.9"),
        ("10.7.0", "10.7.0.2", "start '10.7.0'"),
        ("10.7.0.2", "", "end ''"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(
    world: World, first: str, last: str, says: str
) -> None:
    """The refusal names what is wrong, and no range is made."""
    before = len(world.cloud.inventory.ranges)
    with pytest.raises(InvalidParameter, match=says):
        add(world, world.zone, first, last)
    assert len(world.cloud.inventory.ranges) == before


@pytest.mark.book("1.91", "3.46")
def test_basic_zones_have_addresses_in_pods_only() -> None:
    """In a Basic zone guests have addresses of their pod, and there are no public ones."""
    world = build(network_type=NetworkType.BASIC)
    (pod,) = world.zone.pods
    assert world.deploy().nics[0].range in pod.guest_ranges
    for traffic in (TrafficType.GUEST, TrafficType.PUBLIC):
        with pytest.raises(InvalidParameter, match="Basic"):
            add(world, world.zone, "10.7.0.2", "10.7.0.9", traffic=traffic)
    assert add(world, pod, "10.7.0.2", "10.7.0.9") in pod.guest_ranges


def test_advanced_zones_have_addresses_in_the_zone(world: World) -> None:
    """Guest and public addresses belong to the zone, management addresses to pods."""
    (pod,) = world.zone.pods
    public = add(world, world.zone, "198.18.0.2", "198.18.0.9", traffic=TrafficType.PUBLIC)
    assert world.zone.public_ranges == [public]
    with pytest.raises(InvalidParameter, match="belong to the zone"):
        add(world, pod, "10.7.0.2", "10.7.0.9")
    with pytest.raises(InvalidParameter, match="belong to the pods"):
        add(world, world.zone, "172.16.9.2", "172.16.9.9", traffic=TrafficType.MANAGEMENT)


def test_what_a_range_says_of_its_network_is_kept(world: World) -> None:
    """Gateway, netmask and VLAN are those that were given."""
    each = add(
        world,
        world.zone,
        "10.7.0.2",
        "10.7.0.9",
        gateway="10.7.0.1",
        netmask="255.255.255.0",
        vlan="77",
    )
    assert (each.gateway, each.netmask, each.vlan) == ("10.7.0.1", "255.255.255.0", "77")
    assert each.size == 8


@pytest.mark.book("1.07")
def test_a_range_goes_when_nobody_has_an_address_of_it(world: World) -> None:
    """A stopped machine keeps its address; expunged it gives it back."""
    (each,) = world.zone.guest_ranges
    vm = world.deploy()
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(Conflict, match="1 addresses"):
        world.run(zones.remove_range(world.cloud, each))
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    world.run(zones.remove_range(world.cloud, each))
    assert world.zone.guest_ranges == []
    assert each not in world.cloud.inventory.ranges
    add(world, world.zone, "10.1.0.2", "10.1.0.9")
    assert world.deploy().nics[0].ip == "10.1.0.2"
    assert leaks(world) == []


@pytest.mark.book("1.08")
def test_an_address_is_chosen_or_assigned(world: World) -> None:
    """The lowest free address is assigned, or exactly the one that was asked for."""
    assert world.deploy().nics[0].ip == "10.1.0.2"
    wanted = int(world.zone.guest_ranges[0].start) + 5
    assert world.deploy(ip=wanted).nics[0].ip == "10.1.0.7"
    assert world.deploy().nics[0].ip == "10.1.0.3"
    with pytest.raises(Conflict, match="already in use"):
        world.deploy(ip=wanted)
    with pytest.raises(InvalidParameter, match=r"10\.1\.1\.1 is in no guest range of zone z1"):
        world.deploy(ip=(10 << 24) + (1 << 16) + (1 << 8) + 1)
    assert len(world.vms) == 3
    assert leaks(world) == []


def test_an_address_asked_for_decides_the_pod() -> None:
    """In a Basic zone the machine goes to the pod that has the address."""
    world = build(network_type=NetworkType.BASIC, pods=2)
    wanted = int(world.zone.pods[1].guest_ranges[0].start)
    vm = world.deploy(ip=wanted)
    assert vm.host is not None
    assert vm.host.pod is world.zone.pods[1]
    assert vm.nics[0].ip == "10.2.0.2"
    with pytest.raises(InvalidParameter, match="no guest range of cluster c1"):
        world.deploy(ip=wanted + 1, host=world.hosts[0])
    assert leaks(world) == []


def test_in_another_pod_a_machine_gets_another_address() -> None:
    """A machine that starts in another pod of a Basic zone changes its address."""
    world = build(network_type=NetworkType.BASIC, pods=2, hosts_each=1, wired=False)
    vm = world.run(machines.deploy(world.cloud, world.asked(start=False)))
    world.outside.break_host(world.hosts[0])
    world.run(machines.start(world.cloud, vm))
    assert vm.host is world.hosts[1]
    assert vm.nics[0].ip == "10.2.0.2"
    assert leaks(world) == []
