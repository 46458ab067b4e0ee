"""Clusters: added, over-provisioned, removed when empty."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import Cluster, Settings
from cloudlab.workflows import hosts, pools, zones
from tests.support.clouds import World, build, leaks


def add_cluster(world: World, name: str = "c2", **more: float) -> Cluster:
    """Return a new cluster of the first pod."""
    cluster = world.run(zones.add_cluster(world.cloud, world.zone.pods[0], name, **more))
    assert isinstance(cluster, Cluster)
    return cluster


def test_a_cluster_is_enabled_and_has_the_clouds_factors() -> None:
    """What is not given comes from the settings."""
    settings = {"cpu.overprovisioning.factor": 2.0, "mem.overprovisioning.factor": 1.5}
    world = build(settings=Settings.of(settings))
    cluster = add_cluster(world)
    assert cluster.state == "Enabled"
    assert (cluster.cpu_overcommit, cluster.ram_overcommit) == (2.0, 1.5)
    assert cluster.hypervisor == "KVM"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "c1"}, "already a cluster c1"),
        ({"cpu_overcommit": 0.9}, "cpu_overcommit is 0.9; allowed: 1 or more"),
        ({"ram_overcommit": float("nan")}, "ram_overcommit is nan"),
        ({"cpu_disable_threshold": 0.0}, "cpu_disable_threshold is 0.0; allowed: more than 0"),
        ({"ram_disable_threshold": -1.0}, "ram_disable_threshold is -1.0"),
    ],
)
def test_a_cluster_that_makes_no_sense_is_refused(world: World, fields: dict, says: str) -> None:
    """The refusal names the field, its value and what is allowed."""
    with pytest.raises(InvalidParameter, match=says):
        add_cluster(world, **fields)
    assert len(world.cloud.inventory.clusters) == len(world.cloud.ledger.clusters) == 1


@pytest.mark.book("1.43")
def test_over_provisioning_makes_room_for_more_machines(world: World) -> None:
    """Twice the factor, twice the machines; the machines that run are not touched."""
    (cluster,) = world.clusters
    world.run(zones.set_overcommit(world.cloud, cluster, cpu=1.0))
    ledger = world.cloud.ledger
    before = ledger.cpu(*cluster.hosts).total
    vm = world.deploy()
    world.run(zones.set_overcommit(world.cloud, cluster, cpu=2.0, ram=3.0))
    assert ledger.cpu(*cluster.hosts).total == 2 * before
    assert ledger.ram(*cluster.hosts).total == 3 * 3 * 8192
    assert ledger.cpu(*cluster.hosts).used == 1000
    assert vm.state == "Running"
    assert leaks(world) == []


def test_less_over_provisioning_stops_nobody(world: World) -> None:
    """With a lower factor more may be used than there is, until machines leave."""
    (cluster,) = world.clusters
    world.run(zones.set_overcommit(world.cloud, cluster, cpu=2.0))
    big = world.offering(vcpu=4, cpu_mhz=1000)
    vms = [world.deploy(offering=big), world.deploy(offering=big)]
    assert vms[0].host is vms[1].host
    world.run(zones.set_overcommit(world.cloud, cluster, cpu=1.0))
    assert world.cloud.ledger.cpu(world.hosts[0]).free == -4000
    assert [vm.state for vm in vms] == ["Running", "Running"]
    assert world.deploy().host is world.hosts[1]


def test_a_factor_below_one_is_refused(world: World) -> None:
    """Nothing changes when one of the two factors makes no sense."""
    (cluster,) = world.clusters
    with pytest.raises(InvalidParameter, match="ram_overcommit"):
        world.run(zones.set_overcommit(world.cloud, cluster, cpu=2.0, ram=0.5))
    assert cluster.cpu_overcommit == 1.0


def test_an_empty_cluster_is_removed(world: World) -> None:
    """Without hosts and storage a cluster goes, and nothing is placed in it any more."""
    cluster = add_cluster(world)
    world.run(zones.remove_cluster(world.cloud, cluster))
    assert cluster not in world.cloud.inventory.clusters
    assert world.zone.clusters == world.cloud.ledger.zone_clusters[world.zone.id]
    assert world.deploy().state == "Running"


def test_a_cluster_with_hosts_or_storage_stays(world: World) -> None:
    """The refusal counts both."""
    (cluster,) = world.clusters
    with pytest.raises(Conflict, match="3 hosts, 1 primary storage pools"):
        world.run(zones.remove_cluster(world.cloud, cluster))
    assert cluster in world.cloud.inventory.clusters


def test_a_cluster_is_not_removed_under_a_host_that_is_being_added(slow_world: World) -> None:
    """Who comes second waits, and sees the host."""
    world, cluster = slow_world, add_cluster(slow_world)
    engine = world.cloud.engine
    adding = engine.spawn(
        hosts.add(world.cloud, cluster, "new", cpus=1, mhz=1000, ram_mib=1024), "adding"
    )
    removing = engine.spawn(zones.remove_cluster(world.cloud, cluster), "removing")
    engine.run(adding)
    with pytest.raises(Conflict, match="1 hosts"):
        engine.run(removing)
    assert leaks(world) == []


@pytest.mark.book("1.45", "5.01")
def test_a_cluster_has_several_pools_with_tags_of_their_own(world: World) -> None:
    """Storage is added at any time; a disk goes to a pool that has all its tags."""
    (cluster,) = world.clusters
    fast = frozenset({"fast", "ssd"})
    pool = world.run(pools.create(world.cloud, cluster, "flash", 10_240, tags=fast))
    assert cluster.pools[-1] is pool
    vm = world.deploy(offering=world.offering(storage_tags=frozenset({"fast"})))
    assert vm.volumes[0].pool is pool
    assert world.deploy().volumes[0].pool is cluster.pools[0]
