"""The plan as one HTML page that needs nothing else: no scripts, no links, no fonts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.planning.places import Place, Scope
from simulator.planning.report.figures import (
    clusters_figure,
    free_figure,
    over_time_figure,
    runs_out_figure,
)
from simulator.planning.report.figures.clusters import MOST, fullest
from simulator.planning.report.findings import findings_of
from simulator.planning.report.glossary import MEANINGS
from simulator.planning.report.views import views_of
from simulator.planning.report.words import count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.planning.plan import Plan

_PAGE: Final = Path(__file__).parent / "page"


def to_html(plan: Plan) -> str:
    """Return the page; equal plans give equal pages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PAGE, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("plan.html.j2").render(
        plan=plan,
        findings=findings_of(plan),
        figures=list(_figures(plan)),
        facts=list(_facts(plan)),
        views=views_of(plan),
        meanings=MEANINGS,
    )


def _of_replications(plan: Plan) -> str:
    """Return what can be seen of the replications."""
    if len(plan.replications) < 2:
        return "One replication: the demand as it is, growing."
    return (
        f"Bars: each of {count_text(len(plan.replications), 'resampled demand')} that ran out; "
        "dot: the median of all; band: 95 % prediction interval, open where its end was not seen."
    )


def _facts(plan: Plan) -> Iterator[str]:
    """Yield what the plan is about, in a few words each."""
    asked = plan.question
    for scope, count in _scopes(plan):
        yield count_text(count, scope)
    yield count_text(plan.hosts_of(Place(Scope.CLOUD, 0)), "host")
    yield f"{plan.algorithm} placement"
    yield f"{asked.fidelity} fidelity"
    yield f"growth {asked.growth:g} % a month"
    if asked.scale != 1:
        yield f"demand × {asked.scale:g}"
    if asked.horizon_days is not None:
        yield f"{asked.horizon_days:g} days ahead"
    yield f"seed {asked.seed}"
    yield count_text(len(plan.replications), "replication")


def _scopes(plan: Plan) -> Iterator[tuple[str, int]]:
    """Yield how many zones, pods and clusters the plan is about."""
    for scope in (Scope.ZONE, Scope.POD, Scope.CLUSTER):
        found = {level.place for level in plan.levels if level.place.scope is scope}
        yield scope.value, len(found)


def _figures(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield title, caption and SVG of every figure that has something to show."""
    yield (
        "Allocated over time",
        "The highest share in each of 300 intervals; dashed: the disable thresholds.",
        over_time_figure(plan),
    )
    more = len(fullest(plan)) - MOST
    yield (
        "Every cluster at its peak",
        f"The {MOST} fullest; {more} more in the table." if more > 0 else "The fullest first.",
        clusters_figure(plan),
    )
    if runs_out := runs_out_figure(plan):
        yield (
            "When does it run out?",
            _of_replications(plan),
            runs_out,
        )
    if plan.stranded:
        yield (
            "What is free, and what of it can be used",
            "Measured in VMs of the typical size.",
            free_figure(plan),
        )
