"""Templates come to a pool once, whoever asks first."""

from __future__ import annotations

import pytest

from cloudlab.errors import DriverFault, HostFault, InsufficientCapacity
from cloudlab.model import Command, JobStatus, Template, VmState
from cloudlab.workflows import jobs, machines
from tests.support.clouds import World, build, leaks


def deploy_all(world: World, count: int) -> list[jobs.Job]:
    """Deploy `count` machines side by side and return their jobs when all have ended."""
    cloud = world.cloud
    works = [
        jobs.submit(cloud, Command.DEPLOY, "vm", machines.deploy(cloud, world.asked()))
        for _ in range(count)
    ]
    return [cloud.engine.run(work) for work in works]


@pytest.mark.book("6.14")
def test_a_template_is_staged_once_for_machines_that_come_together(slow_world: World) -> None:
    """Who comes second waits for the first, and all disks are made from one copy."""
    done = deploy_all(slow_world, 3)
    assert {job.status for job in done} == {JobStatus.SUCCEEDED}
    assert slow_world.wire.count("images.stage") == 1
    assert slow_world.wire.count("blocks.create") == 3
    assert leaks(slow_world) == []


def test_a_staged_template_takes_its_space_once(world: World) -> None:
    """Allocated are every disk and one copy of the template on each pool."""
    for _ in range(3):
        world.deploy()
    ledger, pool = world.cloud.ledger, world.pools[0]
    assert ledger.pool_allocated[pool.row] == 4 * 2048
    assert world.template.copies == {pool.id}
    assert world.template.staging == set()


def test_every_pool_gets_its_own_copy() -> None:
    """Machines of two clusters need two copies."""
    world = build(clusters=2, hosts_each=1)
    for host in world.hosts:
        world.deploy(host=host)
    assert world.wire.count("images.stage") == 2
    assert leaks(world) == []


def test_a_template_without_size_is_not_copied(world: World) -> None:
    """An empty template needs no copy: its disks are made from nothing."""
    blank = world.cloud.inventory.templates.add(Template(name="blank", hypervisor=None))
    world.deploy(template=blank, root_size_mib=1024)
    assert world.wire.count("images.stage") == 0
    assert blank.copies == set()
    assert leaks(world) == []


def test_when_the_first_fails_the_second_stages(slow_world: World) -> None:
    """A failed copy is nobody else's failure: whoever waits for it makes it."""
    world = slow_world
    world.fail("images.stage", DriverFault("secondary storage is away"))
    first, second = deploy_all(world, 2)
    assert (first.status, second.status) == (JobStatus.FAILED, JobStatus.SUCCEEDED)
    assert [vm.state for vm in world.vms] == [VmState.RUNNING]
    assert world.wire.count("images.stage") == 1
    assert leaks(world) == []


def test_a_host_fault_while_staging_tries_the_next_host(slow_world: World) -> None:
    """Both machines run, and the template is there once."""
    world = slow_world
    world.fail("images.stage", HostFault("no"))
    done = deploy_all(world, 2)
    assert {job.status for job in done} == {JobStatus.SUCCEEDED}
    assert world.wire.count("images.stage") == 1
    assert leaks(world) == []


@pytest.mark.parametrize("victim", [0, 1])
@pytest.mark.parametrize("at", [1.0, 3.0, 4.0])
def test_interrupting_one_of_two_that_share_a_copy(
    slow_world: World, scale: float, victim: int, at: float
) -> None:
    """Whether it copies or waits, it leaves nothing, and the other runs."""
    world, cloud, engine = slow_world, slow_world.cloud, slow_world.cloud.engine
    works = [
        jobs.submit(cloud, Command.DEPLOY, "vm", machines.deploy(cloud, world.asked()))
        for _ in range(2)
    ]
    engine.run(until=engine.now + at * scale)
    engine.interrupt(works[victim], "enough")
    done = [engine.run(work) for work in works]
    assert done[victim].status is JobStatus.FAILED
    assert done[1 - victim].status is JobStatus.SUCCEEDED
    assert len(world.vms) == 1
    assert leaks(world) == []


@pytest.mark.parametrize("times", [1, 3])
def test_a_copy_whose_answer_was_lost_is_removed(world: World, times: int) -> None:
    """What was copied in vain goes; if that fails too the administrator is told."""
    world.wire.lose("images.stage", DriverFault("no answer"))
    world.fail("images.evict", DriverFault("busy"), times=times)
    with pytest.raises(DriverFault, match="no answer"):
        world.deploy()
    assert bool(world.outside.images) == (times == 3)
    assert bool(world.alerts()) == (times == 3)
    assert world.deploy().state is VmState.RUNNING
    assert leaks(world) == []


def test_room_is_counted_with_the_copy() -> None:
    """A pool without room for disk and copy takes neither."""
    world = build(pool_mib=4000)
    with pytest.raises(InsufficientCapacity, match="storage"):
        world.deploy()
    assert world.template.copies == set()
    assert leaks(world) == []
