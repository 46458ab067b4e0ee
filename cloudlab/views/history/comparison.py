"""What a simulation predicted beside what was measured: both timelines, durations, and errors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Final

from cloudlab.model import Host, HostEvent, JobStatus, VirtualMachine, VmState
from cloudlab.views.history.read import timeline
from cloudlab.views.listing import Listing
from cloudlab.views.markup import Markup, tag
from cloudlab.views.pictures.timeline import draw_timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloudlab.cloud import Cloud
    from cloudlab.views.history.lanes import Timeline

_TOGETHER: Final = "all together"


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """How long one thing took, predicted and measured; `None`: it did not happen there."""

    what: str
    predicted_s: float | None
    measured_s: float | None

    @property
    def error(self) -> float | None:
        """The prediction's error as a share of what was measured; above 0: it said too long."""
        if self.predicted_s is None or not self.measured_s:
            return None
        return self.predicted_s / self.measured_s - 1

    def __str__(self) -> str:
        """Say it in a line."""
        return "  ".join(_words(self))


class Comparison:
    """The same work in two clouds with the same clock: a twin, and what it is a twin of.

    Attributes:
        since: from when on, seconds.
        until: until when: where the slower clock stands.
        rows: the jobs that were begun and ended well, how long after `since` hosts were Down, and
            how long after it machines ran again that had fallen.
    """

    def __init__(self, predicted: Cloud, measured: Cloud, since: float) -> None:
        """Look at both now; what happens later is not in it.

        Raises:
            InvalidParameter: `since` is still to come.
        """
        self.since = since
        self.until = min(predicted.now, measured.now)
        self.predicted: Timeline = timeline(predicted, since, self.until)
        self.measured: Timeline = timeline(measured, since, self.until)
        here, there = _durations(predicted, since), _durations(measured, since)
        self.rows: Listing[ComparedRow] = Listing(
            ComparedRow,
            (ComparedRow(what, here.get(what), there.get(what)) for what in {**here, **there}),
        )

    @property
    def total(self) -> ComparedRow:
        """All that happened in both, together."""
        both = [each for each in self.rows if each.error is not None]
        predicted = fsum(each.predicted_s or 0.0 for each in both)
        return ComparedRow(_TOGETHER, predicted, fsum(each.measured_s or 0.0 for each in both))

    @property
    def error(self) -> float:
        """The error of the whole as a share, 0 or more; of nothing it is 0."""
        return abs(self.total.error or 0.0)

    def __repr__(self) -> str:
        """List what was compared."""
        lines = [_words(each) for each in (*self.rows, self.total)]
        head = ("", "predicted", "measured", "error")
        wide = max(len(line[0]) for line in [*lines, head])
        return "\n".join(
            f"{what:<{wide}}{told:>12}{found:>12}{error:>9}"
            for what, told, found, error in [head, *lines]
        )

    def _repr_html_(self) -> Markup:
        head = tag("tr", *(tag("th", name) for name in ("", "predicted", "measured", "error")))
        body = (
            tag("tr", *(tag("td", cell) for cell in _words(each)))
            for each in (*self.rows, self.total)
        )
        return tag(
            "div",
            *(tag("h4", "Predicted"), draw_timeline(self.predicted)),
            *(tag("h4", "Measured"), draw_timeline(self.measured)),
            tag("table", tag("thead", head), tag("tbody", *body)),
        )


def _words(row: ComparedRow) -> tuple[str, str, str, str]:
    error = "" if row.error is None else f"{row.error:+.0%}".replace("%", " %")
    return row.what, _seconds(row.predicted_s), _seconds(row.measured_s), error


def _seconds(value: float | None) -> str:
    return "did not" if value is None else f"{value:.2f} s"


def _durations(cloud: Cloud, since: float) -> dict[str, float]:
    """Return what took how long; what happened several times is numbered from the second on."""
    seen: Counter[str] = Counter()
    found: dict[str, float] = {}
    for what, seconds in (*_jobs(cloud, since), *_falls(cloud, since)):
        seen[what] += 1
        found[what if seen[what] == 1 else f"{what} ({seen[what]})"] = seconds
    return found


def _jobs(cloud: Cloud, since: float) -> Iterator[tuple[str, float]]:
    for job in cloud.inventory.jobs:
        if job.created >= since and job.ended is not None and job.status is JobStatus.SUCCEEDED:
            yield f"{job.name} {job.target}", job.ended - job.created


def _falls(cloud: Cloud, since: float) -> Iterator[tuple[str, float]]:
    """Yield when hosts were Down, and when machines ran again that had fallen with them."""
    fallen: set[VirtualMachine] = set()
    for move in tuple(cloud.journal.moves):
        subject = move.subject
        if move.at < since:
            continue
        if isinstance(subject, Host) and move.event == HostEvent.HOST_DOWN:
            yield f"{subject} is Down after", move.at - since
        if not isinstance(subject, VirtualMachine) or move.field != "state":
            continue
        if move.before == VmState.RUNNING and move.after == VmState.STOPPED:
            fallen.add(subject)
        elif move.after == VmState.RUNNING and subject in fallen:
            fallen.discard(subject)
            yield f"{subject} runs again after", move.at - since
