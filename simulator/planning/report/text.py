"""The plan in a terminal: the answers first, then a table of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.planning.places import Scope
from simulator.planning.report.findings import cloud_levels, findings_of
from simulator.planning.report.words import (
    amount_text,
    cell_text,
    count_text,
    resource_text,
    share_text,
    when_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator.planning.plan import Plan
    from simulator.planning.stranded import Stranded

MOST_CLUSTERS: Final = 20
WORDS: Final = {
    "other_resource": "on hosts whose other resource is out",
    "fragments": "in fragments",
    "storage": "for want of storage",
    "addresses": "for want of addresses",
    "threshold": "kept by the disable threshold",
    "reserve": "kept for a failed host",
}
"""Why free capacity is stranded, in words."""
_LABEL: Final = 24


def to_text(plan: Plan) -> str:
    """Return the plan as lines for a terminal."""
    parts = [_heading(plan), _answers(plan), _resources(plan), _clusters(plan), _notes(plan)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(plan: Plan) -> str:
    asked = plan.question
    lines = [f"Capacity plan of {plan.cloud!r} under {plan.demand!r}"]
    lines.append(
        f"{plan.algorithm} placement, {asked.fidelity} fidelity, seed {asked.seed}, "
        f"{count_text(len(plan.replications), 'replication')}, growth {asked.growth:g} % a month"
    )
    if plan.stopped_at:
        lines.append(f"STOPPED at {plan.stopped_at}: what follows is not complete")
    return "\n".join(lines)


def _answers(plan: Plan) -> str:
    lines = []
    for finding in findings_of(plan):
        mark = " " if finding.is_good else "!"
        lines.append(f"{mark} {finding.question:<{_LABEL}}{finding.answer}")
        if finding.detail:
            lines.append(f"  {'':<{_LABEL}}{finding.detail}")
    return "\n".join(lines)


def _resources(plan: Plan) -> str:
    amounts = ("bought", "usable", "reserved", "allocated", "at the end", "at peak")
    head = ("whole cloud", *amounts, "of usable", "of limit", "peak after")
    rows = [
        (
            resource_text(level.resource),
            cell_text(level.total, level.unit),
            cell_text(level.usable, level.unit),
            cell_text(level.reserved, level.unit) if level.reserved else "-",
            f"mean {cell_text(level.allocated_mean, level.unit)}",
            cell_text(level.allocated_end, level.unit),
            cell_text(level.allocated_peak, level.unit),
            share_text(level.share_peak),
            share_text(level.share_of_threshold),
            when_text(level.peak_at_s),
        )
        for level in cloud_levels(plan)
    ]
    note = (
        "Allocated is what VMs were promised. What they use of it is not known: a demand does\n"
        "not say. The limit is the disable threshold, or all that is usable where it is off."
    )
    return f"{_table(head, rows)}\n{note}"


def _clusters(plan: Plan) -> str:
    head = ("cluster", "hosts", "CPU at peak", "of limit", "RAM at peak", "of limit", "survives")
    rows = []
    survival = {each.place: each for each in plan.survival}
    places = [each.place for each in plan.levels if each.place.scope is Scope.CLUSTER]
    for place in dict.fromkeys(places):
        levels = {level.resource.value: level for level in plan.levels_of(place)}
        found = survival.get(place)
        cells = [place.name, str(found.hosts) if found else "-"]
        for level in (levels["cpu"], levels["ram"]):
            cells += [share_text(level.share_peak), share_text(level.share_of_threshold)]
        failures = count_text(found.survives, "failure") if found else "-"
        rows.append((*cells, failures))
    shown = rows[:MOST_CLUSTERS]
    more = len(rows) - len(shown)
    rest = f"\n... and {count_text(more, 'cluster')} more: see the tables" if more else ""
    return _table(head, shown) + rest


def _notes(plan: Plan) -> str:
    stranded = [each for each in plan.stranded if each.free]
    if not stranded:
        return ""
    return "\n".join(_free(stranded, resource) for resource in ("cpu", "ram"))


def _free(stranded: Sequence[Stranded], resource: str) -> str:
    """Return how much of what is free cannot be used, and for what most of it is lost."""
    own = [each for each in stranded if each.resource == resource]
    free, lost = sum(each.free for each in own), sum(each.stranded for each in own)
    if not free:
        return f"No {resource_text(resource)} is free at peak."
    causes = {cause: sum(each.parts[cause] for each in own) for cause in WORDS}
    most = max(causes, key=lambda cause: causes[cause])
    why = f", most of it {WORDS[most]}" if causes[most] else ""
    return (
        f"Of {amount_text(free, own[0].unit)} of {resource_text(resource)} free at peak, "
        f"{share_text(lost / free)} cannot be used for typical VMs{why}."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(_lines((head, *rows), widths))


def _lines(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for number, row in enumerate(rows):
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()
        if not number:
            yield "  ".join("-" * width for width in widths)
