"""Jobs that nobody works on any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.errors import Cancelled
from cloudlab.model import (
    Command,
    EventLevel,
    EventState,
    JobStatus,
    VirtualMachine,
    VmSnapshot,
    Volume,
)

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Job

INTERRUPTED: Final = "interrupted: cloudlab ended before it was done; it was finished or undone"


def close_jobs(cloud: Cloud, begun: list[Job]) -> None:
    """End the jobs that were under way, each with an event."""
    for job in begun:
        job.status, job.ended = JobStatus.FAILED, cloud.now
        job.error_code, job.error_text = Cancelled.code, INTERRUPTED
        kind = Command(job.name).event_type
        text = f"{job.name} {job.target}: {INTERRUPTED}"
        state, level = EventState.COMPLETED, EventLevel.WARN
        cloud.note(kind, job, text, state=state, level=level, job=job.id)


def vm_of(job: Job) -> VirtualMachine | None:
    """Return the machine that a job is about, itself or by its snapshot or volume."""
    subject = job.subject
    if isinstance(subject, VmSnapshot | Volume):
        return subject.vm
    return subject if isinstance(subject, VirtualMachine) else None


def was_being_deployed(vm: VirtualMachine, begun: list[Job]) -> bool:
    """Return whether `vm` was made by a job that did not see its end.

    A deploy makes its records at the moment its job begins.
    """
    return vm.last_host is None and any(
        job.name == Command.DEPLOY and job.created == vm.created for job in begun
    )
