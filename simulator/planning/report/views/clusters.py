"""The tables of clusters: how full, what they survive, what is stranded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.report.figures.clusters import fullest
from simulator.planning.report.views.record import NEVER, View
from simulator.planning.report.words import amount_text, resource_text, sets_text, share_text

if TYPE_CHECKING:
    from simulator.planning.levels import Level
    from simulator.planning.plan import Plan
    from simulator.planning.survival import Survival


def clusters_view(plan: Plan) -> View:
    """Return the clusters at their peaks, the fullest first."""
    survival = {each.place: each for each in plan.survival}
    rows = []
    for place in fullest(plan):
        levels = {level.resource.value: level for level in plan.levels_of(place)}
        found = survival.get(place)
        failures = _failures(found) if found else NEVER
        cells = [place.name, f"{plan.hosts_of(place):,}"]
        for level in (levels["cpu"], levels["ram"]):
            cells += [
                _of(level),
                share_text(level.share_peak),
                share_text(level.share_of_threshold),
            ]
        tested = sets_text(found.tested, found.sets) if found else NEVER
        rows.append((*cells, failures, tested, _one_more(found)))
    shares = (">of usable", ">of limit")
    survived = (">survives", ">sets tried", "one more leaves down")
    head = ("cluster", ">hosts", ">CPU at peak", *shares, ">RAM at peak", *shares, *survived)
    note = (
        "The fullest first. A failure is survived when every VM of the failed hosts restarts in "
        "the cluster, one after another as HA restarts them, below its disable thresholds, which "
        "hold for restarts, too; in brackets: if they were placed in the order that suits best."
    )
    return View("survival", "Clusters at peak", note, head, tuple(rows), is_open=True)


def _one_more(found: Survival | None) -> str:
    """Return how many VMs one failure more leaves down, and why: `21 of 25: threshold`."""
    worst = found.worst if found else None
    return f"{len(worst.left):,} of {worst.vms:,}: {worst.proof}" if worst else NEVER


def _failures(found: Survival) -> str:
    more = f" ({found.packable})" if found.packable > found.survives else ""
    return f"{found.survives}{more}"


def _of(level: Level) -> str:
    peak, usable = level.allocated_peak, level.usable
    return f"{amount_text(peak, level.unit)} of {amount_text(usable, level.unit)}"


def not_restarted_view(plan: Plan) -> View:
    """Return the VMs that the worst failure of every cluster leaves behind."""
    rows = tuple(
        (
            each.place.name,
            left.id,
            f"{left.vcpu}",
            amount_text(left.ram_mib, "MiB"),
            left.host,
            left.why,
        )
        for each in plan.survival
        for left in (each.worst.left if each.worst else ())
    )
    head = ("cluster", "request", ">vCPU", ">RAM", "host that failed", "why it does not restart")
    note = "The VMs left behind by the worst failure of one host more than is survived."
    return View("not_restarted", "VMs that would not restart", note, head, rows)


def stranded_view(plan: Plan) -> View:
    """Return what is free in every cluster, by what keeps it from use."""
    rows = tuple(
        (
            each.place.name,
            resource_text(each.resource),
            *(
                amount_text(amount, each.unit) if amount else NEVER
                for amount in (each.free, *each.parts.values())
            ),
        )
        for each in plan.stranded
    )
    lost = (">other resource is out", ">fragments", ">no storage", ">no address")
    kept = (">threshold", ">reserve", ">placeable")
    head = ("cluster", "resource", ">free at peak", *lost, *kept)
    note = (
        "What is free at the cluster's own peak, by what keeps it from typical VMs; the columns "
        "add up to what is free."
    )
    return View("stranded", "Stranded capacity", note, head, rows)
