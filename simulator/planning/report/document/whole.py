"""What the plan is about, and what became of the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.stocks import UNITS

if TYPE_CHECKING:
    from simulator.planning.plan import Plan
    from simulator.planning.replications import Replication
    from simulator.planning.report.document.json_types import Object


def head(plan: Plan) -> Object:
    """Return what was asked, and in which units the answers are."""
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


def traffic(plan: Plan) -> Object:
    """Return what became of the requests of the main run."""
    found = plan.traffic
    return {
        "requests": found.requests,
        "admitted": found.admitted,
        "refused_total": found.refused_total,
        "refused": dict(found.refused),
        "refusals": [
            {
                "reason": each.reason,
                "requests": each.requests,
                "first_at_s": each.first_at_s,
                "first_id": each.first_id,
                "vcpu": each.vcpu,
                "ram_mib": each.ram_mib,
            }
            for each in found.refusals
        ],
        "undecided": found.undecided,
        "peak_vms": found.peak_vms,
        "vcpu_seconds": found.vcpu_seconds,
        "placement_md5": found.placement_md5,
        "end_s": found.end_s,
        "horizon_s": found.horizon_s,
    }


def replication(each: Replication) -> Object:
    """Return one run of the capacity kernel."""
    return {
        "seed": each.seed,
        "requests": each.requests,
        "admitted": each.admitted,
        "refused_total": each.refused_total,
        "peak_vms": each.peak_vms,
        "share_peak_cpu": each.share_peak_cpu,
        "share_peak_ram": each.share_peak_ram,
        "best_suffices": each.is_enough,
    }
