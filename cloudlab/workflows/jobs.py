"""Every command is a job: the one place where errors end, as the job's result."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from cloudlab.engine import Interrupted
from cloudlab.errors import Cancelled, CloudError
from cloudlab.model import Command, EventLevel, EventState, Job, JobStatus, Record

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Process

Work = Coroutine[Any, Any, Record | None]
"""A workflow; it returns the record it made or changed."""


async def perform(cloud: Cloud, command: Command, target: Record | str, work: Work) -> Job:
    """Run `work` as a job and return the job when it has ended, well or not.

    Errors of cloudlab and interrupts become the job's result; any other error is a defect
    and goes on to the caller, the job being marked as failed all the same.
    """
    job = begin(cloud, command, target)
    try:
        result = await work
    except CloudError as error:
        job.error = error
        _fail(cloud, job, command, error.code, str(error))
    except Interrupted as stop:
        _fail(cloud, job, command, Cancelled.code, f"cancelled: {stop.cause}")
    except Exception as error:
        _fail(cloud, job, command, CloudError.code, f"defect: {error!r}")
        raise
    else:
        succeed(cloud, job, command, result)
    return job


def submit(cloud: Cloud, command: Command, target: Record | str, work: Work) -> Process[Job]:
    """Start `work` as a job of its own and return its process, which ends with the job."""
    return cloud.engine.spawn(perform(cloud, command, target, work))


def begin(cloud: Cloud, command: Command, target: Record | str) -> Job:
    """Return a new job in progress."""
    jobs, journal = cloud.inventory.jobs, cloud.journal
    subject = None if isinstance(target, str) else target
    job = jobs.add(Job(name=command, target=str(target), subject=subject, created=cloud.engine.now))
    if journal.keep is not None and len(jobs) > journal.keep:
        jobs.drop_oldest(_is_done)
    if journal.keeps:
        _note(cloud, job, command, EventState.STARTED)
    return job


def _is_done(job: Job) -> bool:
    return job.is_done


def succeed(cloud: Cloud, job: Job, command: Command, result: Record | None) -> None:
    """End `job` well."""
    job.status, job.result, job.ended = JobStatus.SUCCEEDED, result, cloud.engine.now
    if result is not None:
        job.target = str(result)
    if cloud.journal.keeps:
        _note(cloud, job, command, EventState.COMPLETED)


def _fail(cloud: Cloud, job: Job, command: Command, code: int, text: str) -> None:
    job.status, job.ended = JobStatus.FAILED, cloud.now
    job.error_code, job.error_text = code, text
    _note(cloud, job, command, EventState.COMPLETED, error=text)


def _note(cloud: Cloud, job: Job, command: Command, state: EventState, *, error: str = "") -> None:
    if cloud.journal.keeps:
        said = f"{command} {job.target}: {error}" if error else f"{command} {job.target}"
        level = EventLevel.ERROR if error else EventLevel.INFO
        subject = job.result or job
        cloud.note(command.event_type, subject, said, state=state, level=level, job=job.id)
