"""Every command is a job, and a job always ends."""

from __future__ import annotations

import pytest

from cloudlab.errors import CloudError, Conflict, DriverFault, HostFault, TimedOut
from cloudlab.model import Command, Job, JobStatus, Record, VmState
from cloudlab.state import Journal
from cloudlab.workflows import jobs, machines
from tests.support.clouds import World, build, leaks


async def raising(error: Exception) -> Record:
    """Fail with `error`."""
    raise error


@pytest.mark.parametrize("error", [Conflict("busy"), HostFault("no", "h1"), TimedOut("long")])
def test_errors_of_ours_are_the_jobs_result(world: World, error: CloudError) -> None:
    """The job keeps the very error, its text and CloudStack's code; nobody else hears of it."""
    job = world.perform(Command.STOP, "vm x", raising(error))
    assert (job.status, job.error) == (JobStatus.FAILED, error)
    assert (job.error_text, job.error_code) == (str(error), error.code)
    assert job.ended is not None
    assert world.events("VM.STOP")[-1] == ("Completed", "ERROR")


def test_defects_go_on_to_the_caller(world: World) -> None:
    """An error that is not ours ends the job as failed, and is raised all the same."""
    with pytest.raises(ZeroDivisionError):
        world.run(jobs.perform(world.cloud, Command.STOP, "vm x", raising(ZeroDivisionError("!"))))
    (job,) = world.cloud.inventory.jobs
    assert job.status is JobStatus.FAILED
    assert job.error_text == "defect: ZeroDivisionError('!')"


def test_an_interrupted_job_is_cancelled(slow_world: World, scale: float) -> None:
    """The job says who stopped it; its process ends without an error."""
    world, engine = slow_world, slow_world.cloud.engine
    work = machines.deploy(world.cloud, world.asked())
    process = jobs.submit(world.cloud, Command.DEPLOY, "vm web", work)
    engine.run(until=engine.now + 6 * scale)
    (job,) = world.cloud.inventory.jobs
    assert job.status is JobStatus.IN_PROGRESS
    assert not job.is_done
    engine.interrupt(process, "the user changed her mind")
    assert engine.run(process) is job
    assert job.error_text == "cancelled: the user changed her mind"
    assert leaks(world) == []


def test_a_job_tells_what_it_acts_on(world: World) -> None:
    """First what was asked for, then what became of it."""
    told: list[str] = []
    work = machines.deploy(
        world.cloud, world.asked("web"), lambda _: told.append(str(job(world).target))
    )
    done = world.perform(Command.DEPLOY, "a new machine", work)
    assert told == ["a new machine"]
    assert done.target == "vm web"
    assert done.name == "deployVirtualMachine"


def job(world: World) -> Job:
    """Return the last job."""
    return list(world.cloud.inventory.jobs)[-1]


def test_old_jobs_make_room_for_new_ones() -> None:
    """As many jobs are kept as the journal keeps events; those under way always."""
    world = build()
    world.cloud.journal = Journal(keep=3)
    for _ in range(5):
        world.perform(Command.DEPLOY, "vm", machines.deploy(world.cloud, world.asked()))
    assert [each.id for each in world.cloud.inventory.jobs] == [3, 4, 5]
    assert len(world.cloud.journal.events) == 3


def test_a_job_under_way_is_not_forgotten(slow_world: World) -> None:
    """The oldest job stays while it is in progress."""
    world, cloud = slow_world, slow_world.cloud
    cloud.journal = Journal(keep=1)
    slow = jobs.submit(cloud, Command.DEPLOY, "vm", machines.deploy(cloud, world.asked()))
    world.cloud.engine.step()
    world.perform(Command.STOP, "vm x", raising(DriverFault("no")))
    assert [each.is_done for each in cloud.inventory.jobs] == [False, True]
    assert cloud.engine.run(slow).status is JobStatus.SUCCEEDED
    assert world.vms[0].state is VmState.RUNNING


def test_without_a_journal_jobs_are_not_kept() -> None:
    """A simulation that keeps nothing forgets its jobs as well."""
    world = build()
    world.cloud.journal = Journal(keep=0)
    for _ in range(3):
        world.perform(Command.DEPLOY, "vm", machines.deploy(world.cloud, world.asked()))
    assert len(world.cloud.inventory.jobs) <= 1
    assert len(world.cloud.journal.events) == 0
