"""Physical networks: what a zone may have of them."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import NetworkType, PhysicalNetwork, TrafficType
from cloudlab.workflows import zones
from tests.support.clouds import World, build

GUEST, MANAGEMENT, PUBLIC, STORAGE = (
    TrafficType.GUEST,
    TrafficType.MANAGEMENT,
    TrafficType.PUBLIC,
    TrafficType.STORAGE,
)


def add(world: World, name: str, *traffic: TrafficType, **more: object) -> PhysicalNetwork:
    """Return a new physical network of the first zone."""
    wire = zones.Wire(name=name, traffic={each: f"br-{each}" for each in traffic}, **more)
    network = world.run(zones.add_physical_network(world.cloud, world.zone, wire))
    assert isinstance(network, PhysicalNetwork)
    return network


@pytest.mark.book("1.86", "1.94", "3.55", "3.57")
def test_an_advanced_zone_has_several_with_labels_and_vlans(world: World) -> None:
    """Each carries one or more kinds of traffic under a label of its own."""
    first = add(world, "eth0", MANAGEMENT, PUBLIC, STORAGE)
    second = add(world, "eth1", GUEST, vlans=(500, 999))
    third = add(world, "eth2", GUEST)
    assert world.zone.physical_networks == [first, second, third]
    assert first.traffic[PUBLIC] == "br-Public"
    assert second.vlans == (500, 999)
    assert second.state == "Enabled"


@pytest.mark.book("3.56")
@pytest.mark.parametrize("traffic", [MANAGEMENT, PUBLIC, STORAGE])
def test_only_guest_traffic_is_carried_twice(world: World, traffic: TrafficType) -> None:
    """Management, public and storage traffic go over one network."""
    add(world, "eth0", GUEST, MANAGEMENT, PUBLIC, STORAGE)
    with pytest.raises(InvalidParameter, match=rf"carries {traffic} already"):
        add(world, "eth1", GUEST, traffic)
    assert len(world.zone.physical_networks) == 1


@pytest.mark.book("1.87", "1.91")
def test_a_basic_zone_has_exactly_one_without_public_traffic() -> None:
    """A second network is refused in a Basic zone, and so is public traffic."""
    world = build(network_type=NetworkType.BASIC)
    with pytest.raises(InvalidParameter, match="no Public traffic"):
        add(world, "eth0", GUEST, PUBLIC)
    add(world, "eth0", GUEST, MANAGEMENT)
    with pytest.raises(InvalidParameter, match="exactly one physical network"):
        add(world, "eth1", STORAGE)


@pytest.mark.parametrize("vlans", [(0, 5), (5, 4095), (9, 5)])
def test_vlans_out_of_range_are_refused(world: World, vlans: tuple[int, int]) -> None:
    """VLANs are 1 to 4094, first before last."""
    with pytest.raises(InvalidParameter, match="allowed: 1-4094"):
        add(world, "eth0", GUEST, vlans=vlans)


@pytest.mark.parametrize("name", ["", "eth0"])
def test_a_network_needs_a_name_of_its_own(world: World, name: str) -> None:
    """No name, or one that is taken in the zone, is refused."""
    add(world, "eth0", GUEST)
    with pytest.raises(InvalidParameter, match="physical network"):
        add(world, name)


def test_one_goes_while_another_carries_the_guests(world: World) -> None:
    """The last network with guests stays as long as the zone is Enabled."""
    first, second = add(world, "eth0", GUEST), add(world, "eth1", GUEST)
    world.run(zones.remove_physical_network(world.cloud, first))
    assert world.zone.physical_networks == [second]
    with pytest.raises(Conflict, match="the only one of zone z1 that carries guests"):
        world.run(zones.remove_physical_network(world.cloud, second))
    world.run(zones.disable(world.cloud, world.zone))
    world.run(zones.remove_physical_network(world.cloud, second))
    assert len(world.cloud.inventory.physical_networks) == 0
