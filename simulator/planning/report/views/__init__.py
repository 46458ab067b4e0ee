"""The tables of the HTML page: the same figures as in the workbook, written for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.report.views.advice import (
    recommendation_view,
    refusals_view,
    remedies_view,
)
from simulator.planning.report.views.clusters import (
    clusters_view,
    not_restarted_view,
    stranded_view,
)
from simulator.planning.report.views.record import MOST_ROWS, View
from simulator.planning.report.views.whole import (
    capacity_view,
    exhaustion_view,
    replications_view,
)

if TYPE_CHECKING:
    from simulator.planning.plan import Plan

__all__ = ["MOST_ROWS", "View", "views_of"]


def views_of(plan: Plan) -> tuple[View, ...]:
    """Return the tables that have rows, in the order of the page."""
    makers = (
        recommendation_view,
        remedies_view,
        refusals_view,
        clusters_view,
        not_restarted_view,
        capacity_view,
        exhaustion_view,
        stranded_view,
        replications_view,
    )
    return tuple(view for view in (make(plan) for make in makers) if view.rows)
