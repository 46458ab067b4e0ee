"""The tables of a plan: rows as plain values, and as pandas DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.planning.report.findings import findings_of
from simulator.planning.report.words import added_text, sets_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from simulator.planning.places import Place
    from simulator.planning.plan import Plan

Cell = str | int | float | bool | None
Row = dict[str, Cell]

NOT_KNOWN: Final = "not known"


def rows_of(plan: Plan) -> dict[str, list[Row]]:
    """Return the rows of every table by its name; a table without rows is an empty list."""
    return {name: list(rows(plan)) for name, rows in TABLES.items()}


def tables_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return every table by its name."""
    import pandas as pd

    return {name: pd.DataFrame(rows) for name, rows in rows_of(plan).items()}


def _where(place: Place) -> Row:
    return {
        "scope": place.scope.value,
        "zone": place.zone,
        "pod": place.pod,
        "cluster": place.cluster,
    }


def _summary(plan: Plan) -> Iterator[Row]:
    for finding in findings_of(plan):
        yield {
            "question": finding.question,
            "answer": finding.answer,
            "detail": finding.detail,
            "good": finding.is_good,
        }


def _inputs(plan: Plan) -> Iterator[Row]:
    asked, traffic = plan.question, plan.traffic
    values: dict[str, Cell] = {
        "cloud": plan.cloud,
        "demand": plan.demand,
        "algorithm": plan.algorithm,
        "fidelity": str(asked.fidelity),
        "seed": asked.seed,
        "scale": asked.scale,
        "growth, % a month": asked.growth,
        "horizon, days": asked.horizon_days,
        "CPU over-provisioning for all": asked.cpu_overcommit,
        "replications": len(plan.replications),
        "typical request, vCPU": plan.typical.vcpu,
        "typical request, MHz a vCPU (0: the host's)": plan.typical.cpu_mhz,
        "typical request, MiB of RAM": plan.typical.ram_mib,
        "typical request, MiB of disk": plan.typical.disk_mib,
        "requests": traffic.requests,
        "admitted": traffic.admitted,
        "refused": traffic.refused_total,
        "not decided (stopped)": traffic.undecided,
        "VMs at peak": traffic.peak_vms,
        "vCPU seconds": traffic.vcpu_seconds,
        "end of the demand, s": traffic.end_s,
        "placement md5": traffic.placement_md5,
        "stopped at": plan.stopped_at or None,
    }
    for name, value in values.items():
        yield {"figure": name, "value": value}


def _capacity(plan: Plan) -> Iterator[Row]:
    for level in plan.levels:
        yield {
            **_where(level.place),
            "hosts": level.hosts,
            "resource": level.resource.value,
            "unit": level.unit,
            "total (bought)": level.total,
            "overprovisioning": level.overprovisioning,
            "reserved (spare hosts)": level.reserved,
            "usable": level.usable,
            "threshold": level.threshold,
            "limit": level.limit,
            "allocated, mean": level.allocated_mean,
            "allocated, end": level.allocated_end,
            "allocated, peak": level.allocated_peak,
            "peak at, s": level.peak_at_s,
            "peak / usable": level.share_peak,
            "peak / limit": level.share_of_threshold,
            "used": NOT_KNOWN,
        }


def _refusals(plan: Plan) -> Iterator[Row]:
    for refusal in plan.traffic.refusals:
        yield {
            "reason": refusal.reason,
            "requests": refusal.requests,
            "share": refusal.requests / max(plan.traffic.requests, 1),
            "vCPU": refusal.vcpu,
            "RAM, MiB": refusal.ram_mib,
            "first at, s": refusal.first_at_s,
            "first request": refusal.first_id,
        }


def _exhaustion(plan: Plan) -> Iterator[Row]:
    for each in plan.exhaustion:
        low, high = each.interval or (None, None)
        yield {
            **_where(each.place),
            "resource": each.shortage.value,
            "at, s": each.at_s,
            "95 % from, s": low,
            "95 % to, s": high,
            "seen up to, s": each.until_s,
            "basis": each.basis.value,
            "replications that ran out": each.reached,
            "within the simulation": each.measured,
            "replications": len(each.times_s),
        }


def _survival(plan: Plan) -> Iterator[Row]:
    for each in plan.survival:
        worst = each.worst
        yield {
            "zone": each.place.zone,
            "pod": each.place.pod,
            "cluster": each.place.cluster,
            "hosts": each.hosts,
            "spare hosts": each.spares,
            "survives": each.survives,
            "could be packed": each.packable,
            "N+1": each.is_n_plus_1,
            "tested at, s": each.at_s,
            "sets tested": sets_text(each.tested, each.sets),
            "one too many": ", ".join(worst.failed) if worst else "",
            "VMs on them": worst.vms if worst else None,
            "would not restart": len(worst.left) if worst else None,
            "for the threshold alone": worst.held if worst else None,
            "known by": worst.proof.value if worst else "",
        }


def _not_restarted(plan: Plan) -> Iterator[Row]:
    for each in plan.survival:
        for left in each.worst.left if each.worst else ():
            yield {
                "cluster": each.place.name,
                "request": left.id,
                "vCPU": left.vcpu,
                "RAM, MiB": left.ram_mib,
                "host that failed": left.host,
                "why": left.why,
                "held by the threshold": left.is_held,
            }


def _recommendation(plan: Plan) -> Iterator[Row]:
    for each in plan.recommendation:
        yield {
            "type": each.kind.name,
            "cores": each.kind.cores,
            "MHz": each.kind.mhz,
            "RAM, MiB": each.kind.ram_mib,
            "hosts": each.hosts,
            "where": ", ".join(added_text(add) for add in each.additions),
            "price a month": each.price_per_month,
            "cost a month": each.cost_per_month,
            "currency": each.currency,
            "price of": each.price_date,
            "best": each is plan.best,
            "still too large": each.too_large,
            "one host less": each.one_less,
            "simulations": each.runs,
        }


def _remedies(plan: Plan) -> Iterator[Row]:
    for each in plan.remedies:
        yield {
            "refused for": each.reason,
            "where": each.place.name if each.place else "",
            "amount": each.amount or None,
            "unit": each.unit,
            "remedy": each.text,
            "verified by simulation": each.verified,
        }


def _stranded(plan: Plan) -> Iterator[Row]:
    for each in plan.stranded:
        yield {
            "zone": each.place.zone,
            "pod": each.place.pod,
            "cluster": each.place.cluster,
            "resource": each.resource.value,
            "unit": each.unit,
            "at, s": each.at_s,
            "free": each.free,
            "other resource is out": each.other_resource,
            "fragments": each.fragments,
            "no storage": each.storage,
            "no addresses": each.addresses,
            "disable threshold": each.threshold,
            "reserve for a failed host": each.reserve,
            "placeable": each.placeable,
        }


def _replications(plan: Plan) -> Iterator[Row]:
    for each in plan.replications:
        yield {
            "seed": each.seed,
            "requests": each.requests,
            "admitted": each.admitted,
            "refused": each.refused_total,
            "VMs at peak": each.peak_vms,
            "CPU peak / usable": each.share_peak_cpu,
            "RAM peak / usable": each.share_peak_ram,
            "best purchase suffices": each.is_enough,
        }


TABLES: Final[Mapping[str, Callable[[Plan], Iterator[Row]]]] = {
    "summary": _summary,
    "inputs": _inputs,
    "capacity": _capacity,
    "refusals": _refusals,
    "exhaustion": _exhaustion,
    "survival": _survival,
    "not_restarted": _not_restarted,
    "recommendation": _recommendation,
    "remedies": _remedies,
    "stranded": _stranded,
    "replications": _replications,
}
"""The rows of every table, by its name."""
