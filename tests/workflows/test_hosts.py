"""Hosts: added, switched on and off, removed."""

from __future__ import annotations

import pytest

from cloudlab.errors import (
    CloudError,
    Conflict,
    DriverFault,
    HostFault,
    IllegalMove,
    InsufficientCapacity,
    InvalidParameter,
    NotFound,
    Refused,
    TimedOut,
)
from cloudlab.model import Command, Host, JobStatus, PoolScope, ResourceState, VmState
from cloudlab.workflows import hosts, jobs, machines, migration, pools, recovery, zones
from simulator.latency import LatencyProfile
from tests.support.clouds import World, leaks


def add_host(world: World, name: str = "new", **more: object) -> Host:
    """Return a new host of the first cluster."""
    size: dict = {"cpus": 8, "mhz": 2000, "ram_mib": 16_384} | more
    host = world.run(hosts.add(world.cloud, world.clusters[0], name, **size))
    assert isinstance(host, Host)
    return host


@pytest.mark.book("3.49", "3.60")
def test_a_host_is_connected_and_has_its_pools(world: World) -> None:
    """A new host is Up and Enabled, reaches the pools of its cluster and takes machines."""
    host = add_host(world, tags=frozenset({"fast"}))
    assert (host.status, host.resource_state) == ("Up", "Enabled")
    assert (world.pools[0].id, host.id) in world.outside.mounted
    assert world.states(host) == ["Connecting", "Up", "Enabled"]
    assert world.deploy(offering=world.offering(host_tag="fast")).host is host
    assert leaks(world) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "c1-h1"}, "already a host c1-h1 in cluster c1"),
        ({"cpus": 0}, "cpus is 0; allowed: 1 or more"),
        ({"mhz": -1}, "mhz is -1"),
        ({"ram_mib": 0}, "ram_mib is 0"),
    ],
)
def test_a_host_that_makes_no_sense_is_refused(world: World, fields: dict, says: str) -> None:
    """The refusal names the field, its value and what is allowed."""
    with pytest.raises(InvalidParameter, match=says):
        add_host(world, **fields)
    assert len(world.hosts) == len(world.clusters[0].hosts) == 3


@pytest.mark.book("1.31")
@pytest.mark.parametrize("error", [HostFault, DriverFault, TimedOut])
@pytest.mark.parametrize("step", ["hypervisor.connect", "blocks.attach_pool"])
@pytest.mark.parametrize("lost", [False, True])
def test_a_host_that_cannot_be_prepared_is_not_added(
    world: World, step: str, error: type[CloudError], lost: bool
) -> None:
    """Without contact, or without its storage, a host is not added and nothing stays."""
    (world.wire.lose if lost else world.fail)(step, error("no route to host"))
    with pytest.raises(error):
        add_host(world)
    assert len(world.hosts) == 3
    assert leaks(world) == []
    assert add_host(world).status == "Up"
    assert leaks(world) == []


def test_two_hosts_of_one_name_are_not_added_side_by_side(slow_world: World) -> None:
    """Whoever comes second waits, and finds the name taken."""
    world, engine = slow_world, slow_world.cloud.engine
    size = {"cpus": 1, "mhz": 1000, "ram_mib": 1024}
    jobs = [
        engine.spawn(hosts.add(world.cloud, world.clusters[0], "twin", **size), f"adding {number}")
        for number in (1, 2)
    ]
    engine.run(jobs[0])
    with pytest.raises(InvalidParameter, match="already a host twin"):
        engine.run(jobs[1])
    assert leaks(world) == []


def test_a_disabled_host_keeps_its_machines_and_gets_no_more(world: World) -> None:
    """Disabled is for new machines; enabled, the host takes them again."""
    first, second = world.hosts[:2]
    vm = world.deploy()
    world.run(hosts.disable(world.cloud, first))
    assert first.resource_state is ResourceState.DISABLED
    assert vm.host is first
    assert world.deploy().host is second
    world.run(machines.reboot(world.cloud, vm))
    world.run(hosts.enable(world.cloud, first))
    assert world.deploy().host is first
    assert leaks(world) == []


def test_a_host_in_maintenance_is_not_disabled(world: World) -> None:
    """The transition table has no such move, and its error says what is possible."""
    host = world.hosts[0]
    world.run(hosts.enter_maintenance(world.cloud, host))
    with pytest.raises(IllegalMove, match="from Maintenance via Disable; possible in Maintenance"):
        world.run(hosts.disable(world.cloud, host))
    assert host.resource_state is ResourceState.MAINTENANCE


def test_an_empty_host_is_removed(world: World) -> None:
    """Contact and storage end, nothing is placed there, and the name is free again."""
    host = world.hosts[0]
    world.run(hosts.remove(world.cloud, host))
    assert host.status == "Removed"
    assert host not in world.cloud.inventory.hosts
    assert host not in world.clusters[0].hosts
    assert world.deploy().host is world.hosts[0]
    assert add_host(world, "c1-h1").row == 3
    assert leaks(world) == []


def test_a_host_with_machines_is_removed_by_force_only(world: World) -> None:
    """Without force the refusal counts the machines; with it they are stopped."""
    host = world.hosts[0]
    vms = [world.deploy(), world.deploy()]
    with pytest.raises(Conflict, match="runs 2 machines"):
        world.run(hosts.remove(world.cloud, host))
    world.run(hosts.remove(world.cloud, host, forced=True))
    assert [vm.state for vm in vms] == [VmState.STOPPED] * 2
    assert [vm.last_host for vm in vms] == [None, None]
    assert leaks(world) == []
    world.run(machines.start(world.cloud, vms[0]))
    assert vms[0].host is world.hosts[0]
    assert leaks(world) == []


def test_machines_under_ha_run_again_when_their_host_is_removed(world: World) -> None:
    """A removal by force restarts what is under high availability, and nothing else."""
    plain, protected = world.deploy(), world.deploy(offering=world.offering(ha=True))
    world.run(hosts.remove(world.cloud, world.hosts[0], forced=True))
    assert plain.state is VmState.STOPPED
    assert protected.state is VmState.RUNNING
    assert protected.host is world.hosts[0]
    assert leaks(world) == []


def test_a_host_whose_machines_do_not_stop_is_not_removed(world: World) -> None:
    """A machine that cannot be stopped goes on, on a host that is in service as before."""
    host, vm = world.hosts[0], world.deploy()
    world.fail("hypervisor.destroy", HostFault("no answer"))
    with pytest.raises(HostFault):
        world.run(hosts.remove(world.cloud, host, forced=True))
    assert (host.status, host.resource_state) == ("Up", "Enabled")
    assert (vm.state, vm.host) == (VmState.RUNNING, host)
    assert leaks(world) == []


@pytest.mark.parametrize("step", ["blocks.detach_pool", "hypervisor.disconnect"])
@pytest.mark.parametrize("lost", [False, True])
def test_a_removal_that_fails_leaves_the_host_in_service(
    world: World, step: str, lost: bool
) -> None:
    """A host that does not let go stays Up and Enabled, connected and with its storage."""
    host, vm = world.hosts[0], world.deploy()
    (world.wire.lose if lost else world.fail)(step, HostFault("no answer"), times=3)
    with pytest.raises(HostFault):
        world.run(hosts.remove(world.cloud, host, forced=True))
    assert (host.status, host.resource_state) == ("Up", "Enabled")
    assert leaks(world) == []
    world.run(machines.start(world.cloud, vm))
    assert vm.host is host


def test_what_is_on_its_way_is_waited_for(slow_world: World, scale: float) -> None:
    """A machine that is still starting is stopped as soon as it runs; then the host goes."""
    world, engine = slow_world, slow_world.cloud.engine
    host = world.hosts[0]
    deploying = engine.spawn(machines.deploy(world.cloud, world.asked()))
    engine.run(until=engine.now + 8 * scale)
    assert world.vms[0].host is host
    engine.run(engine.spawn(hosts.remove(world.cloud, host, forced=True)))
    assert deploying.processed
    assert world.vms[0].state is VmState.STOPPED
    assert leaks(world) == []


def test_a_host_with_volumes_on_its_own_disks_stays(world: World) -> None:
    """Local storage goes with its host, but never with volumes on it."""
    host = world.hosts[0]
    pool = world.run(pools.create(world.cloud, host, "local", 10_240))
    assert pool.scope is PoolScope.HOST
    assert {host for pool_id, host in world.outside.mounted if pool_id == pool.id} == {host.id}
    vm = world.deploy(offering=world.offering(uses_local_storage=True))
    assert vm.volumes[0].pool is pool
    world.run(machines.stop(world.cloud, vm))
    with pytest.raises(Conflict, match="keeps 1 volumes on its own pool local"):
        world.run(hosts.remove(world.cloud, host))
    world.run(machines.destroy(world.cloud, vm, expunge=True))
    world.run(hosts.remove(world.cloud, host))
    assert pool not in world.cloud.inventory.pools
    assert leaks(world) == []


def test_local_storage_is_not_mounted_on_other_hosts(world: World) -> None:
    """A host that is added later does not reach another's own disks."""
    pool = world.run(pools.create(world.cloud, world.hosts[0], "local", 10_240))
    host = add_host(world)
    assert (pool.id, host.id) not in world.outside.mounted
    assert leaks(world) == []


def test_adding_a_host_is_a_job(world: World) -> None:
    """The job ends with the host, or with the fault."""
    size = {"cpus": 1, "mhz": 1000, "ram_mib": 1024}
    work: jobs.Work = hosts.add(world.cloud, world.clusters[0], "h9", **size)
    job = world.perform(Command.ADD_HOST, "host h9", work)
    assert job.result is world.hosts[-1]
    world.fail("hypervisor.connect", HostFault("no route"))
    work = hosts.add(world.cloud, world.clusters[0], "h10", **size)
    job = world.perform(Command.ADD_HOST, "host h10", work)
    assert (job.status, job.error_code, job.error_text) == (JobStatus.FAILED, 534, "no route")
    assert world.events("HOST.CREATE")[-1] == ("Completed", "ERROR")


def test_a_host_that_is_full_of_guests_takes_no_more(world: World) -> None:
    """The hypervisor's own limit of guests holds, however much room there is."""
    host = add_host(world, max_guests=1)
    for other in world.hosts[:3]:
        world.run(hosts.disable(world.cloud, other))
    assert world.deploy().host is host
    with pytest.raises(InsufficientCapacity):
        world.deploy()
    assert leaks(world) == []


def test_a_machine_that_moved_away_does_not_notice_the_removal(world: World) -> None:
    """Its last host goes; the machine, its NIC and its address stay as they are."""
    first, second = world.hosts[:2]
    vm = world.deploy()
    world.run(migration.migrate(world.cloud, vm, second))
    world.run(hosts.remove(world.cloud, first))
    assert (vm.state, vm.host, vm.last_host) == (VmState.RUNNING, second, None)
    assert vm.nics[0].state == "Reserved"
    assert leaks(world) == []


def test_two_who_remove_one_host(slow_world: World) -> None:
    """The second waits, and is told that the host is gone."""
    world, engine = slow_world, slow_world.cloud.engine
    host = world.hosts[0]
    world.deploy()
    first = engine.spawn(hosts.remove(world.cloud, host, forced=True), "first")
    second = engine.spawn(hosts.remove(world.cloud, host, forced=True), "second")
    engine.run(first)
    with pytest.raises(NotFound, match="host c1-h1 was removed"):
        engine.run(second)
    assert leaks(world) == []


def test_nothing_is_added_to_what_was_removed_meanwhile(world: World) -> None:
    """A cluster that is gone takes no host and no pool, a host no pool of its own."""
    cloud, engine = world.cloud, world.cloud.engine
    cluster = world.run(zones.add_cluster(cloud, world.zone.pods[0], "gone"))
    world.run(zones.remove_cluster(cloud, cluster))
    host = world.hosts[0]
    world.run(hosts.remove(cloud, host))
    size = {"cpus": 1, "mhz": 1000, "ram_mib": 1024}
    for work in (
        hosts.add(cloud, cluster, "h", **size),
        pools.create(cloud, cluster, "p", 1024),
        pools.create(cloud, host, "q", 1024),
    ):
        with pytest.raises(NotFound, match="was removed"):
            engine.run(engine.spawn(work))
    assert leaks(world) == []


@pytest.mark.parametrize("verb", [hosts.remove, hosts.enter_maintenance, recovery.host_back])
def test_a_host_that_is_being_added_is_waited_for(slow_world: World, verb: object) -> None:
    """Whatever is done to it too early harms nobody, whether or not it is added."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    vm = world.deploy()
    world.outside.latency = LatencyProfile("slow", {"hypervisor.connect": 0.02})
    world.fail("hypervisor.connect", HostFault("no route"))
    size = {"cpus": 1, "mhz": 1000, "ram_mib": 1024}
    adding = engine.spawn(hosts.add(cloud, world.clusters[0], "new", **size), "adding")
    engine.step()
    host = world.hosts[-1]
    assert host.name == "new"
    early = jobs.submit(cloud, Command.UPDATE_HOST, host, verb(cloud, host))  # type: ignore[operator]
    with pytest.raises(HostFault):
        engine.run(adding)
    assert isinstance(engine.run(early).error, Refused)
    assert vm.state is VmState.RUNNING
    assert leaks(world) == []
