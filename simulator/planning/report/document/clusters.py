"""Clusters: how full, what they survive, what is stranded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.planning.places import Scope
from simulator.planning.report.document.levels import amounts

if TYPE_CHECKING:
    from simulator.planning.places import Place
    from simulator.planning.plan import Plan
    from simulator.planning.report.document.json_types import Object
    from simulator.planning.stranded import Stranded
    from simulator.planning.survival import Survival

EXACT: Final = 2**53
"""The largest whole number that every reader of JSON keeps exactly."""


def cluster_places(plan: Plan) -> list[Place]:
    """Return the clusters in the order of the design."""
    found = [level.place for level in plan.levels if level.place.scope is Scope.CLUSTER]
    return list(dict.fromkeys(found))


def cluster_of(plan: Plan, place: Place) -> Object:
    """Return one cluster: how full, what it survives, what is stranded."""
    survival = next((each for each in plan.survival if each.place == place), None)
    resources: Object = {level.resource.value: amounts(level) for level in plan.levels_of(place)}
    return {
        "zone": place.zone,
        "pod": place.pod,
        "cluster": place.cluster,
        "hosts": plan.hosts_of(place),
        "spare_hosts": survival.spares if survival else None,
        **resources,
        "survives_host_failures": survival.survives if survival else None,
        "survival": _survival(survival) if survival else None,
        "stranded": {
            each.resource.value: _stranded(each) for each in plan.stranded if each.place == place
        },
    }


def _survival(each: Survival) -> Object:
    worst = each.worst
    return {
        "at_s": each.at_s,
        "sets_tested": each.tested,
        "sets": each.sets if each.sets <= EXACT else None,
        "exhaustive": each.is_exhaustive,
        "packable": each.packable,
        "one_too_many": {
            "hosts": list(worst.failed),
            "vms": worst.vms,
            "held_by_threshold_alone": worst.held,
            "known_by": worst.proof.value,
            "not_restarted": [
                {
                    "id": left.id,
                    "vcpu": left.vcpu,
                    "ram_mib": left.ram_mib,
                    "host": left.host,
                    "why": left.why,
                    "held_by_threshold": left.is_held,
                }
                for left in worst.left
            ],
        }
        if worst
        else None,
    }


def _stranded(each: Stranded) -> Object:
    return {
        "unit": each.unit,
        "at_s": each.at_s,
        "free": each.free,
        **each.parts,
    }
