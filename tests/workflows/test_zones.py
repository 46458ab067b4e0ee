"""Zones: added, completed, switched on and off, removed."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, InvalidParameter
from cloudlab.model import AllocationState, Command, JobStatus, NetworkType, TrafficType, Zone
from cloudlab.workflows import hosts, machines, pools, zones
from tests.support.clouds import World, build, guests, leaks


def add_zone(world: World, name: str = "z2", **more: object) -> Zone:
    """Return a new empty zone."""
    zone = world.run(zones.create_zone(world.cloud, name, **more))
    assert isinstance(zone, Zone)
    return zone


def complete(world: World, zone: Zone, *, without: str = "") -> None:
    """Add the least a zone needs, except the part called `without`."""
    cloud = world.cloud

    async def add() -> None:
        if without != "secondary storage":
            await zones.add_image_store(cloud, zone, "images", "nfs://i/x", 1024)
        if without == "pod":
            return
        reserved = zones.Span(start="172.30.0.10", end="172.30.0.20")
        pod = await zones.create_pod(
            cloud, zone, "p1", cidr="172.30.0.0/24", gateway="172.30.0.1", reserved=reserved
        )
        if without == "cluster":
            return
        cluster = await zones.add_cluster(cloud, pod, "c1")
        if without != "host":
            await hosts.add(cloud, cluster, "h1", cpus=4, mhz=1000, ram_mib=8192)
        if without != "primary storage":
            await pools.create(cloud, cluster, "ps1", 10_240)

    world.run(add())


@pytest.mark.book("1.13", "1.20", "3.52")
def test_a_zone_grows_from_the_top_and_is_launched_at_the_end(world: World) -> None:
    """Zone, pod, cluster, host and storage go one into the other; then machines may come."""
    zone = add_zone(world)
    assert zone.state is AllocationState.DISABLED
    complete(world, zone)
    world.run(zones.add_range(world.cloud, TrafficType.GUEST, zone, guests(9, 10)))
    world.run(zones.enable(world.cloud, zone))
    assert zone.state is AllocationState.ENABLED
    (pod,) = zone.pods
    (cluster,) = pod.clusters
    (host,) = cluster.hosts
    assert (host.cluster, host.pod, host.zone) == (cluster, pod, zone)
    assert world.deploy(zone=zone).host is host
    assert leaks(world) == []


@pytest.mark.book("1.15", "1.21")
@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("pod", "pod, cluster, host, primary storage"),
        ("cluster", "cluster, host, primary storage"),
        ("host", "host"),
        ("primary storage", "primary storage"),
        ("secondary storage", "secondary storage"),
    ],
)
def test_a_zone_that_lacks_something_is_not_enabled(world: World, without: str, named: str) -> None:
    """The refusal names everything that is missing, and the zone stays Disabled."""
    zone = add_zone(world)
    complete(world, zone, without=without)
    with pytest.raises(Conflict, match=f"add {named} first"):
        world.run(zones.enable(world.cloud, zone))
    assert zone.state is AllocationState.DISABLED


def test_a_zone_wide_pool_completes_a_zone(world: World) -> None:
    """Storage of the zone will do where the clusters have none of their own."""
    zone = add_zone(world)
    complete(world, zone, without="primary storage")
    world.run(pools.create(world.cloud, zone, "wide", 1024))
    world.run(zones.enable(world.cloud, zone))
    assert zone.state is AllocationState.ENABLED


@pytest.mark.parametrize("name", ["", "z1"])
def test_a_zone_needs_a_name_of_its_own(world: World, name: str) -> None:
    """No name, or one that is taken, is refused and nothing is made."""
    with pytest.raises(InvalidParameter, match="zone"):
        add_zone(world, name)
    assert len(world.cloud.inventory.zones) == len(world.cloud.inventory.networks) == 1


@pytest.mark.book("3.34", "3.35")
def test_a_basic_zone_has_security_groups_and_no_guest_network_of_its_own(world: World) -> None:
    """Basic: one flat network parted by security groups; Advanced: networks inside a CIDR."""
    basic = add_zone(world, "b", network_type=NetworkType.BASIC)
    advanced = add_zone(world, "a")
    assert basic.security_groups
    assert basic.guest_cidr is None
    assert not advanced.security_groups
    assert advanced.guest_cidr == "10.1.1.0/24"
    with pytest.raises(InvalidParameter, match="not allowed in a Basic zone"):
        add_zone(world, "c", network_type=NetworkType.BASIC, guest_cidr="10.9.0.0/24")


@pytest.mark.parametrize(
    ("field", "value"), [("dns1", "8.8.8"), ("internal_dns1", "dns"), ("guest_cidr", "10.1.1.7/24")]
)
def test_bad_addresses_are_named(world: World, field: str, value: str) -> None:
    """What is no address is refused with the field and the value."""
    with pytest.raises(InvalidParameter, match=rf"zone z2: {field} '{value}'"):
        add_zone(world, **{field: value})


@pytest.mark.book("1.17", "3.41")
def test_a_private_zone_takes_only_its_domain_and_what_lies_below(world: World) -> None:
    """A zone of a domain is open to that domain and its subdomains, to nobody else."""
    cloud = world.cloud
    sales = cloud.add_domain("sales")
    emea = cloud.add_domain("emea", sales)
    inside, outside = cloud.add_account("bob", emea), cloud.add_account("eve")
    world.zone.domain = sales
    assert world.deploy(account=inside).state == "Running"
    with pytest.raises(InvalidParameter, match="private to domain ROOT/sales"):
        world.deploy(account=outside)


def test_only_the_root_administrator_deploys_in_a_disabled_zone(world: World) -> None:
    """Disabled is for everybody but the administrator, until the zone is enabled again."""
    world.run(zones.disable(world.cloud, world.zone))
    with pytest.raises(InvalidParameter, match="Disabled"):
        world.deploy(account=world.tenant)
    assert world.deploy().state == "Running"
    world.run(zones.enable(world.cloud, world.zone))
    assert world.deploy(account=world.tenant).state == "Running"


@pytest.mark.parametrize("scope", ["pod", "cluster"])
def test_tenants_are_not_placed_in_disabled_pods_and_clusters(scope: str) -> None:
    """What is Disabled gets no new machines of tenants; those it has run on."""
    world = build(pods=2)
    first, second = world.clusters
    old = world.deploy(account=world.tenant)
    assert old.host is not None
    assert old.host.cluster is first
    world.run(zones.disable(world.cloud, first.pod if scope == "pod" else first))
    new = world.deploy(account=world.tenant)
    assert new.host is not None
    assert new.host.cluster is second
    assert old.state == "Running"
    world.run(zones.disable(world.cloud, second.pod if scope == "pod" else second))
    assert world.deploy().state == "Running"


def test_an_empty_zone_is_removed_with_its_networks(world: World) -> None:
    """Networks and addresses go with the zone; its name is free again."""
    zone = add_zone(world)
    world.run(zones.add_range(world.cloud, TrafficType.GUEST, zone, guests(9, 10)))
    world.run(zones.add_physical_network(world.cloud, zone, zones.Wire(name="eth0")))
    world.run(zones.remove_zone(world.cloud, zone))
    assert zone not in world.cloud.inventory.zones
    assert zone.removed is not None
    assert len(world.cloud.inventory.physical_networks) == 0
    assert all(each.zone is not zone for each in world.cloud.inventory.ranges)
    assert add_zone(world).name == "z2"
    assert leaks(world) == []


def test_a_zone_that_is_not_empty_stays(world: World) -> None:
    """The refusal counts what is still there."""
    with pytest.raises(Conflict, match="1 pods, 1 secondary storage"):
        world.run(zones.remove_zone(world.cloud, world.zone))
    assert world.zone in world.cloud.inventory.zones


def test_a_zone_with_a_machine_that_never_ran_stays(world: World) -> None:
    """A machine that was deployed without being started belongs to its zone."""
    zone = add_zone(world)
    world.run(machines.deploy(world.cloud, world.asked(zone=zone, start=False)))
    with pytest.raises(Conflict, match="1 machines"):
        world.run(zones.remove_zone(world.cloud, zone))


def test_adding_a_zone_is_a_job(world: World) -> None:
    """As a job it ends with the zone as its result, and two events tell of it."""
    work = zones.create_zone(world.cloud, "z2")
    job = world.perform(Command.CREATE_ZONE, "zone z2", work)
    assert job.status is JobStatus.SUCCEEDED
    assert isinstance(job.result, Zone)
    assert world.events("ZONE.CREATE") == [("Started", "INFO"), ("Completed", "INFO")]


def test_a_refused_zone_is_a_failed_job(world: World) -> None:
    """The job keeps the error and its code of CloudStack's API, the event is an ERROR."""
    work = zones.create_zone(world.cloud, "z1")
    job = world.perform(Command.CREATE_ZONE, "zone z1", work)
    assert job.status is JobStatus.FAILED
    assert job.error_code == InvalidParameter.code
    assert isinstance(job.error, InvalidParameter)
    assert world.events("ZONE.CREATE") == [("Started", "INFO"), ("Completed", "ERROR")]
