"""Pods: added with the addresses of their system VMs, removed when empty."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import NetworkType, Pod, TrafficType
from cloudlab.workflows import hosts, machines, pools, zones
from tests.support.clouds import World, build, leaks

PLAIN = {
    "name": "p2",
    "cidr": "172.20.0.0/16",
    "gateway": "172.20.0.1",
    "start": "172.20.0.10",
    "end": "172.20.0.20",
}


def add_pod(world: World, **more: str) -> Pod:
    """Return a new pod of the first zone."""
    asked = PLAIN | more
    work = zones.create_pod(
        world.cloud,
        world.zone,
        asked["name"],
        cidr=asked["cidr"],
        gateway=asked["gateway"],
        reserved=zones.Span(start=asked["start"], end=asked["end"]),
    )
    pod = world.run(work)
    assert isinstance(pod, Pod)
    return pod


@pytest.mark.book("1.24", "3.45")
def test_a_pod_reserves_addresses_of_its_subnet_for_system_vms(world: World) -> None:
    """A pod has gateway, network and a run of reserved addresses, and is Enabled at once."""
    pod = add_pod(world)
    (reserved,) = pod.reserved_ranges
    assert (str(reserved.start), str(reserved.end)) == ("172.20.0.10", "172.20.0.20")
    assert reserved.traffic is TrafficType.MANAGEMENT
    assert pod.state == "Enabled"
    assert world.zone.pods[-1] is pod


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "needs a name"),
        ("name", "p1", "already a pod p1"),
        ("cidr", "172.16.4.0/24", r"overlaps 172\.16\.0\.0/16 of pod p1"),
        ("cidr", "172.20.0.7/16", "host bits"),
        ("cidr", "everything", "cidr 'everything'"),
        ("gateway", "172.21.0.1", "gateway 172.21.0.1 is outside"),
        ("gateway", "nowhere", "gateway 'nowhere'"),
        ("start", "172.19.0.1", "start 172.19.0.1 is outside"),
        ("end", "172.21.0.1", "end 172.21.0.1 is outside"),
        ("end", "172.20.0.2", r"ends at 172.20.0.2 before it starts"),
    ],
)
def test_a_pod_that_makes_no_sense_is_refused(
    world: World, field: str, value: str, says: str
) -> None:
    """The refusal names the field, and neither pod nor addresses are made."""
    ranges = len(world.cloud.inventory.ranges)
    with pytest.raises(InvalidParameter, match=says):
        add_pod(world, **{field: value})
    assert len(world.cloud.inventory.pods) == len(world.zone.pods) == 1
    assert len(world.cloud.inventory.ranges) == ranges


def test_reserved_addresses_are_given_once(world: World) -> None:
    """Addresses that guests have already cannot be reserved."""
    span = zones.Span(start="172.20.0.5", end="172.20.0.12")
    world.run(zones.add_range(world.cloud, TrafficType.GUEST, world.zone, span))
    with pytest.raises(InvalidParameter, match="overlaps"):
        add_pod(world)
    assert len(world.zone.pods) == 1


@pytest.mark.book("3.59")
def test_a_pod_can_be_added_later_and_removed_again(world: World) -> None:
    """A pod comes and goes with its addresses, and its name is free again."""
    ranges = len(world.cloud.inventory.ranges)
    pod = add_pod(world)
    world.run(zones.remove_pod(world.cloud, pod))
    assert pod not in world.cloud.inventory.pods
    assert len(world.cloud.inventory.ranges) == ranges
    assert add_pod(world).name == "p2"


def test_a_pod_with_clusters_stays(world: World) -> None:
    """The refusal counts the clusters."""
    (pod,) = world.zone.pods
    with pytest.raises(Conflict, match="1 clusters"):
        world.run(zones.remove_pod(world.cloud, pod))
    assert pod in world.cloud.inventory.pods


def test_a_pod_whose_addresses_are_in_use_stays() -> None:
    """In a Basic zone a stopped machine keeps its address, and with it its pod."""
    world = build(network_type=NetworkType.BASIC, hosts_each=1)
    cloud, pod, cluster = world.cloud, world.zone.pods[0], world.clusters[0]
    wide = world.run(pools.create(cloud, world.zone, "wide", 10_240))
    world.run(pools.disable(cloud, cluster.pools[0]))
    vm = world.deploy()
    assert vm.volumes[0].pool is wide
    world.run(machines.stop(cloud, vm))
    world.run(pools.enable(cloud, cluster.pools[0]))
    world.run(pools.enter_maintenance(cloud, cluster.pools[0]))
    world.run(pools.remove(cloud, cluster.pools[0]))
    world.run(hosts.remove(cloud, world.hosts[0]))
    world.run(zones.remove_cluster(cloud, cluster))
    with pytest.raises(Conflict, match=r"1 addresses .* are in use"):
        world.run(zones.remove_pod(cloud, pod))
    world.run(machines.destroy(cloud, vm, expunge=True))
    world.run(zones.remove_pod(cloud, pod))
    assert leaks(world) == []
