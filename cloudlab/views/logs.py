"""The lists of what happened: events, alerts and jobs, a row each, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from cloudlab.views.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloudlab.cloud import Cloud
    from cloudlab.model import Alert, Event, Job

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the event log."""

    at: float
    """Seconds."""
    level: str
    type: str
    state: str
    subject: str
    text: str
    job: int | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert."""

    id: int
    type: str
    scope: str
    subject: str
    text: str
    is_open: bool
    sent_count: int
    created: float
    """Seconds."""
    last_sent: float
    resolved: float | None


@dataclass(frozen=True, slots=True)
class JobRow:
    """One asynchronous command."""

    id: int
    command: str
    target: str
    status: str
    started: float
    """Seconds."""
    ended: float | None
    took_s: float | None
    error_code: int | None
    error: str


def event_rows(cloud: Cloud, last: int | None = None) -> Listing[EventRow]:
    """Return the last events that the journal kept, or all of them, the newest first."""
    return Listing(EventRow, map(_event, _newest(tuple(cloud.journal.events), last)))


def alert_rows(cloud: Cloud, last: int | None = None) -> Listing[AlertRow]:
    """Return the last alerts or all of them: open ones first, each group the newest first."""
    newest = sorted(cloud.inventory.alerts, key=lambda alert: (alert.is_open, alert.last_sent))
    return Listing(AlertRow, map(_alert, _newest(newest, last)))


def job_rows(cloud: Cloud, last: int | None = None) -> Listing[JobRow]:
    """Return the last jobs or all of them, the newest first."""
    return Listing(JobRow, map(_job, _newest(tuple(cloud.inventory.jobs), last)))


def _newest(records: Sequence[T], last: int | None) -> Iterable[T]:
    return islice(reversed(records), last)


def _event(event: Event) -> EventRow:
    return EventRow(
        at=event.at,
        level=event.level,
        type=event.type,
        state=event.state,
        subject=f"{event.subject_kind} {event.subject_name or event.subject_id}",
        text=event.text,
        job=event.job,
    )


def _alert(alert: Alert) -> AlertRow:
    return AlertRow(
        id=alert.id,
        type=alert.type.name,
        scope=alert.scope,
        subject=alert.name,
        text=alert.text,
        is_open=alert.is_open,
        sent_count=alert.sent_count,
        created=alert.created,
        last_sent=alert.last_sent,
        resolved=alert.resolved,
    )


def _job(job: Job) -> JobRow:
    return JobRow(
        id=job.id,
        command=job.name,
        target=job.target,
        status=job.status.name,
        started=job.created,
        ended=job.ended,
        took_s=job.ended - job.created if job.ended is not None else None,
        error_code=job.error_code,
        error=job.error_text,
    )
