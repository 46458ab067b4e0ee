"""The plan for programs: one JSON document whose keys stay.

docs/plan-json.md describes every key and docs/plan.schema.json is its JSON Schema; the number
of the format grows when a key changes its meaning or goes, not when one is added.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from simulator.planning.report.document.advice import recommendation, remedy
from simulator.planning.report.document.clusters import cluster_of, cluster_places
from simulator.planning.report.document.levels import exhaustion, level_of
from simulator.planning.report.document.whole import head, replication, traffic

if TYPE_CHECKING:
    from simulator.planning.plan import Plan
    from simulator.planning.report.document.json_types import Object

FORMAT: Final = "cloudlab-plan"
VERSION: Final = 2


def to_json(plan: Plan) -> str:
    """Return the plan as indented JSON; equal plans give equal texts."""
    return json.dumps(to_dict(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_dict(plan: Plan) -> Object:
    """Return the plan as plain values that JSON knows."""
    return {
        "format": FORMAT,
        "version": VERSION,
        **head(plan),
        **traffic(plan),
        "capacity": [level_of(level) for level in plan.levels],
        "clusters": [cluster_of(plan, place) for place in cluster_places(plan)],
        "exhaustion": [exhaustion(each) for each in plan.exhaustion],
        "recommendation": [recommendation(plan, each) for each in plan.recommendation],
        "remedies": [remedy(each) for each in plan.remedies],
        "replications": [replication(each) for each in plan.replications],
    }
