"""When a mirror commits, and what happens when it cannot."""

from __future__ import annotations

import inspect
import sqlite3
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from cloudlab.errors import CloudError, Conflict, DriverFault
from cloudlab.model import Command, JobStatus, VmState
from cloudlab.ports import LOOKS, Ports
from cloudlab.state import Journal
from cloudlab.store import Mirror, Store
from cloudlab.workflows import machines
from tests.store.labs import WALL, lab, plain, reopened, restored, stored, watched
from tests.support.clouds import build, leaks, slow

if TYPE_CHECKING:
    from pathlib import Path


def fill_up(mirror: Mirror) -> None:
    """Let the database be as large as it may get."""
    pages = pragma(mirror, "page_count")
    pragma(mirror, f"max_page_count = {pages}")
    pragma(mirror, "journal_size_limit = 0")


def make_room(mirror: Mirror) -> None:
    """Let it grow again."""
    pragma(mirror, "max_page_count = 1000000")


def pragma(mirror: Mirror, what: str) -> Any:
    """Return the answer of SQLite."""
    with mirror.store.transaction() as connection:
        return connection.exec_driver_sql(f"PRAGMA {what}").scalar()


# --- when ------------------------------------------------------------------------------


def test_nothing_changed_nothing_written(where: Path) -> None:
    """A commit without a change is none."""
    world, mirror = lab(where)
    assert mirror.commits == 1
    mirror.commit()
    assert mirror.commits == 1
    world.cloud.requests += 1
    mirror.commit()
    assert mirror.commits == 2
    assert stored(mirror).state["requests"] == world.cloud.requests
    mirror.close()


def test_looking_writes_nothing(where: Path) -> None:
    """What changed stays unwritten while ports are only asked."""
    world, mirror = lab(where)
    world.cloud.requests += 1
    assert world.run(world.cloud.ports.hypervisor.ping(world.hosts[0])) is True
    assert mirror.commits == 1
    mirror.close()


def test_the_end_of_a_job_is_written_at_once(where: Path) -> None:
    """Nobody has to ask for it: at the end of the moment in which a job ends, it is stored."""
    world, mirror = lab(where, latency=slow())
    vm = world.deploy("one")
    job = world.perform(Command.REBOOT, vm, machines.reboot(world.cloud, vm))
    world.quiet()
    assert job.status is JobStatus.SUCCEEDED
    assert stored(mirror).state == plain(world.cloud)
    mirror.close()


def test_closing_writes_what_is_left(where: Path) -> None:
    """Also what no port and no move ever heard of; afterwards nothing is followed or begun."""
    world, mirror = lab(where)
    world.cloud.add_account("late")
    mirror.close()
    mirror.close()
    assert reopened(where).state == plain(world.cloud)
    with pytest.raises(DriverFault, match="is closed"):
        world.run(world.cloud.ports.hypervisor.connect(world.hosts[0]))
    world.cloud.add_account("too late")
    world.quiet()
    assert reopened(where).state != plain(world.cloud)


def test_methods_that_answer_only_look() -> None:
    """Every method of a port that returns something is known to only look, but for two that act."""
    answering = set()
    for port in get_type_hints(Ports).values():
        for name, method in inspect.getmembers(port, inspect.iscoroutinefunction):
            if get_type_hints(method)["return"] is not type(None):
                answering.add(name)
    assert answering == LOOKS | {"off", "issue_password"}


# --- when it cannot ----------------------------------------------------------------------


def test_a_full_disk_lets_nothing_begin(where: Path) -> None:
    """The act is refused before it is begun, looking goes on, one alert says why.

    Once there is room, work goes on, the alert is resolved and nothing is missing.
    """
    world, mirror = lab(where)
    begun: list[str] = []
    ports = watched(world.cloud.ports, lambda step, _: begun.append(step))
    world.cloud.ports = mirror.through(ports)
    fill_up(mirror)
    for number in range(40):
        world.cloud.add_account(f"tenant-{number}" * 40)
    with pytest.raises(DriverFault, match=r"cannot be written \(database or disk is full\)"):
        world.run(world.cloud.ports.hypervisor.connect(world.hosts[0]))
    assert begun == []
    assert world.run(world.cloud.ports.hypervisor.ping(world.hosts[0])) is True
    with pytest.raises(CloudError):
        world.deploy("one")
    assert [each for each in world.alerts() if "cannot be written" in each] == [
        f"store {where} cannot be written"
    ]
    make_room(mirror)
    world.deploy("two")
    world.quiet()
    assert mirror.fault is None
    assert not [each for each in world.alerts() if "cannot be written" in each]
    mirror.close()
    assert reopened(where).state == plain(world.cloud)


def test_a_locked_database_lets_nothing_begin(where: Path) -> None:
    """Somebody writes to it with a tool: work waits a second, then is refused."""
    world, mirror = lab(where)
    other = sqlite3.connect(where)
    other.execute("BEGIN IMMEDIATE")
    world.cloud.requests += 1
    with pytest.raises(DriverFault, match="database is locked"):
        mirror.commit()
    other.rollback()
    other.close()
    mirror.commit()
    assert stored(mirror).state == plain(world.cloud)
    mirror.close()


def test_a_failure_at_the_end_of_a_moment_does_not_end_the_run(where: Path) -> None:
    """It is kept as the fault until a later commit gets through."""
    world, mirror = lab(where)
    fill_up(mirror)
    for number in range(40):
        world.cloud.add_account(f"tenant-{number}" * 40)
    mirror.commit_soon()
    world.quiet()
    assert mirror.fault is not None
    make_room(mirror)
    mirror.commit_soon()
    world.quiet()
    assert mirror.fault is None
    mirror.close()


# --- going on ----------------------------------------------------------------------------


def test_a_restored_lab_goes_on_in_its_store(where: Path) -> None:
    """It keeps its id and its clock, takes up its work, and is restored once more."""
    world, mirror = lab(where)
    first = world.deploy("one")
    mirror.close()
    with Store(where) as store:
        saved = store.load()
        assert saved is not None
        cloud = restored(saved, world.cloud.ports)
        with Mirror(cloud, store, wall=WALL) as again:
            assert (again.lab, again.epoch) == (mirror.lab, mirror.epoch)
            world.cloud = cloud
            cloud.ports = again.through(build().cloud.ports)
            vm = cloud.inventory.vms.named("one")
            assert (vm.id, vm.state) == (first.id, VmState.RUNNING)
            cloud.add_account("another")
    assert reopened(where).state == plain(cloud)


def test_a_power_cut_leaves_things_under_way(where: Path) -> None:
    """What was begun and never ended is restored in the state that says so."""
    world, mirror = lab(where, latency=slow())
    engine = world.cloud.engine
    engine.spawn(machines.deploy(world.cloud, world.asked("one")))
    engine.run(until=engine.now + 9.0)
    cloud = restored(stored(mirror), world.cloud.ports)
    vm = cloud.inventory.vms.named("one")
    assert vm.state is VmState.STARTING
    assert [str(each.state) for each in vm.volumes] == ["Ready"]
    assert [str(each.state) for each in vm.nics] == ["Reserved"]
    assert cloud.ledger.claims().keys() == {(vm.id, vm.host.row)}
    world.quiet()
    mirror.close()
    assert leaks(world) == []


def test_time_goes_on_at_wall_time(where: Path) -> None:
    """Ten minutes after the last commit the clock shows ten minutes more; it never goes back."""
    world = build()
    world.cloud.engine.run(until=100.0)
    with Mirror(world.cloud, Store(where), wall=5_000.0):
        pass
    saved = reopened(where)
    assert (saved.epoch, saved.at) == (4_900.0, 100.0)
    assert saved.resume_at(5_600.0) == 700.0
    assert saved.resume_at(4_000.0) == 100.0


def test_a_lab_is_not_written_over(where: Path) -> None:
    """A store that holds a lab takes only the cloud that was restored from it."""
    lab(where)[1].close()
    other = build()
    with Store(where) as store:
        with pytest.raises(Conflict, match="holds a lab: load and restore it"):
            Mirror(other.cloud, store, wall=WALL)
        store.load()
        other.cloud.name = "other"
        with pytest.raises(Conflict, match="holds the lab cloud, from which other was not"):
            Mirror(other.cloud, store, wall=WALL)
    assert reopened(where).state["name"] == "cloud"


def test_what_the_journal_forgets_the_store_forgets(where: Path) -> None:
    """As many moves and events are kept, but all that ever were are counted, over restarts."""
    world = build()
    world.cloud.journal = Journal(keep=7)
    with Mirror(world.cloud, Store(where), wall=WALL) as mirror:
        world.cloud.ports = mirror.through(world.cloud.ports)
        world.deploy("one")
        world.deploy("two")
    seen = world.cloud.journal.total_moves
    saved = reopened(where)
    assert seen > 7
    assert saved.total_moves == seen
    assert saved.state == plain(world.cloud)
    with Store(where) as store:
        store.load()
        cloud = restored(saved, world.cloud.ports)
        Mirror(cloud, store, wall=WALL).close()
    assert reopened(where).total_moves == seen


def test_references_to_what_was_dropped_are_gone(where: Path) -> None:
    """A record is not written again when one it refers to leaves, yet reads as if it were."""
    world, mirror = lab(where)
    vm = world.deploy("one")
    mirror.commit()
    world.cloud.inventory.templates.drop(vm.template)
    mirror.commit()
    saved = stored(mirror)
    assert saved.state == plain(world.cloud)
    assert saved.state["inventory"]["vms"]["records"][0]["template"] is None
    mirror.close()
