"""The plan for programs: one JSON document whose keys stay.

docs/plan-json.md describes every key and docs/plan.schema.json is its JSON Schema; the number
of the format grows when a key changes its meaning or goes, not when one is added.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from simulator.planning.places import Scope
from simulator.planning.stocks import UNITS

if TYPE_CHECKING:
    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.levels import Level
    from simulator.planning.places import Place
    from simulator.planning.plan import Plan
    from simulator.planning.recommend import Recommendation, Remedy
    from simulator.planning.stranded import Stranded
    from simulator.planning.survival import Survival

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = dict[str, Json]

FORMAT: Final = "cloudlab-plan"
VERSION: Final = 1


def to_json(plan: Plan) -> str:
    """Return the plan as indented JSON; equal plans give equal texts."""
    return json.dumps(to_dict(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_dict(plan: Plan) -> Object:
    """Return the plan as plain values that JSON knows."""
    return {
        "format": FORMAT,
        "version": VERSION,
        **_head(plan),
        **_traffic(plan),
        "capacity": [_level(level) for level in plan.levels],
        "clusters": [_cluster(plan, place) for place in _cluster_places(plan)],
        "exhaustion": [_exhaustion(each) for each in plan.exhaustion],
        "recommendation": [_recommendation(plan, each) for each in plan.recommendation],
        "remedies": [_remedy(each) for each in plan.remedies],
        "replications": [
            {
                "seed": each.seed,
                "requests": each.requests,
                "admitted": each.admitted,
                "refused_total": each.refused_total,
                "peak_vms": each.peak_vms,
                "share_peak_cpu": each.share_peak_cpu,
                "share_peak_ram": each.share_peak_ram,
            }
            for each in plan.replications
        ],
    }


def _head(plan: Plan) -> Object:
    asked, typical = plan.question, plan.typical
    return {
        "cloud": plan.cloud,
        "demand": plan.demand,
        "algorithm": plan.algorithm,
        "fidelity": str(asked.fidelity),
        "seed": asked.seed,
        "scale": asked.scale,
        "growth_percent_per_month": asked.growth,
        "horizon_days": asked.horizon_days,
        "cpu_overcommit": asked.cpu_overcommit,
        "stopped_at": plan.stopped_at or None,
        "units": {
            **{resource.value: unit for resource, unit in UNITS.items()},
            "time": "s",
            "share": "1 = all",
        },
        "typical_request": {
            "vcpu": typical.vcpu,
            "cpu_mhz": typical.cpu_mhz,
            "ram_mib": typical.ram_mib,
            "disk_mib": typical.disk_mib,
        },
    }


def _traffic(plan: Plan) -> Object:
    traffic = plan.traffic
    return {
        "requests": traffic.requests,
        "admitted": traffic.admitted,
        "refused_total": traffic.refused_total,
        "refused": dict(traffic.refused),
        "refusals": [
            {
                "reason": each.reason,
                "requests": each.requests,
                "first_at_s": each.first_at_s,
                "first_id": each.first_id,
                "vcpu": each.vcpu,
                "ram_mib": each.ram_mib,
            }
            for each in traffic.refusals
        ],
        "undecided": traffic.undecided,
        "peak_vms": traffic.peak_vms,
        "vcpu_seconds": traffic.vcpu_seconds,
        "placement_md5": traffic.placement_md5,
        "end_s": traffic.end_s,
        "horizon_s": traffic.horizon_s,
    }


def _place(place: Place) -> Object:
    return {
        "scope": place.scope.value,
        "name": place.name,
        "zone": place.zone or None,
        "pod": place.pod or None,
        "cluster": place.cluster or None,
    }


def _amounts(level: Level) -> Object:
    return {
        "unit": level.unit,
        "total": level.total,
        "overprovisioning": level.overprovisioning,
        "usable": level.usable,
        "reserved": level.reserved,
        "threshold": level.threshold,
        "limit": level.limit,
        "allocated_mean": level.allocated_mean,
        "allocated_end": level.allocated_end,
        "allocated_peak": level.allocated_peak,
        "peak_at_s": level.peak_at_s,
        "used": None,
        "share_peak": level.share_peak,
        "share_of_threshold": level.share_of_threshold,
    }


def _level(level: Level) -> Object:
    return {**_place(level.place), "resource": level.resource.value, **_amounts(level)}


def _cluster_places(plan: Plan) -> list[Place]:
    found = [level.place for level in plan.levels if level.place.scope is Scope.CLUSTER]
    return list(dict.fromkeys(found))


def _cluster(plan: Plan, place: Place) -> Object:
    survival = next((each for each in plan.survival if each.place == place), None)
    resources: Object = {level.resource.value: _amounts(level) for level in plan.levels_of(place)}
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
        "sets": each.sets,
        "exhaustive": each.is_exhaustive,
        "one_too_many": {
            "hosts": list(worst.failed),
            "vms": worst.vms,
            "known_by": worst.proof.value,
            "not_restarted": [
                {
                    "id": left.id,
                    "vcpu": left.vcpu,
                    "ram_mib": left.ram_mib,
                    "host": left.host,
                    "why": left.why,
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


def _exhaustion(each: Exhaustion) -> Object:
    return {
        "resource": each.shortage.value,
        **_place(each.place),
        "at_s": each.at_s,
        "interval": list(each.interval) if each.interval else None,
        "basis": each.basis.value,
        "reached": each.reached,
        "times_s": list(each.times_s),
    }


def _recommendation(plan: Plan, each: Recommendation) -> Object:
    return {
        "type": each.kind.name,
        "cores": each.kind.cores,
        "mhz": each.kind.mhz,
        "ram_mib": each.kind.ram_mib,
        "hosts": each.hosts,
        "additions": [
            {
                "zone": add.place.zone,
                "pod": add.place.pod,
                "cluster": add.place.cluster,
                "hosts": add.hosts,
            }
            for add in each.additions
        ],
        "price_per_month": each.price_per_month,
        "cost_per_month": each.cost_per_month,
        "currency": each.currency,
        "price_date": each.price_date or None,
        "cheapest": each is plan.cheapest,
        "too_large": each.too_large,
        "one_less": each.one_less or None,
        "simulations": each.runs,
    }


def _remedy(each: Remedy) -> Object:
    return {
        "reason": each.reason,
        "place": _place(each.place) if each.place else None,
        "amount": each.amount or None,
        "unit": each.unit or None,
        "text": each.text,
        "verified": each.verified,
    }
