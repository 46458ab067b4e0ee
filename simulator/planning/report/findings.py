"""The answers of a plan, a sentence or two each: what text, page and notebook begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.places import Scope
from simulator.planning.report.words import (
    count_text,
    money_text,
    resource_text,
    share_text,
    when_text,
)

if TYPE_CHECKING:
    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.levels import Level
    from simulator.planning.plan import Plan
    from simulator.planning.recommend import Recommendation

NEARLY_FULL: Final = 0.95
"""Beyond this share of a limit a peak asks for attention."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer.

    Attributes:
        question: what is answered, in two or three words.
        answer: the answer in as few words as possible.
        detail: what else to know, one sentence or none.
        is_good: whether nothing needs to be done.
    """

    question: str
    answer: str
    detail: str
    is_good: bool


def findings_of(plan: Plan) -> tuple[Finding, ...]:
    """Return the answers that `plan` has come to."""
    found = [_fit(plan), _peak(plan)]
    if plan.exhaustion:
        found.append(_runs_out(plan))
    if plan.survival:
        found.append(_failures(plan))
    if plan.recommendation:
        found.append(_buy(plan))
    return tuple(found)


def cloud_levels(plan: Plan) -> tuple[Level, ...]:
    """Return the resources of the whole cloud."""
    return tuple(level for level in plan.levels if level.place.scope is Scope.CLOUD)


def first_to_run_out(plan: Plan) -> Exhaustion | None:
    """Return which single resource the whole cloud is out of first; None when none runs out."""
    own = [
        each
        for each in plan.exhaustion
        if each.place.scope is Scope.CLOUD
        and each.shortage is not Shortage.ANY
        and each.at_s is not None
    ]
    return min(own, key=lambda each: each.at_s or 0.0, default=None)


def interval_text(interval: tuple[float, float] | None) -> str:
    """Return an interval of time in words; what is missing is said to be so."""
    if interval is None:
        return "no interval from one replication"
    low = when_text(interval[0]) if interval[0] else "at once"
    return f"95 %: {low} to {when_text(interval[1])}"


def _fit(plan: Plan) -> Finding:
    traffic = plan.traffic
    lasting = f"{when_text(traffic.end_s)} of demand"
    if not traffic.refused_total:
        answer = f"yes, all {count_text(traffic.requests, 'request')} admitted"
        return Finding("Does it fit?", answer, f"{lasting}, {_vms(plan)} at peak", is_good=True)
    reasons = ", ".join(f"{count:,} for {reason}" for reason, count in traffic.refused.items())
    refused = share_text(1 - traffic.admitted_share)
    answer = f"no, {traffic.refused_total:,} of {traffic.requests:,} refused ({refused})"
    first = min(refusal.first_at_s for refusal in traffic.refusals)
    detail = f"{reasons}; the first after {when_text(first)} of {lasting}"
    return Finding("Does it fit?", answer, detail, is_good=False)


def _vms(plan: Plan) -> str:
    return count_text(plan.traffic.peak_vms, "VM")


def _peak(plan: Plan) -> Finding:
    levels = cloud_levels(plan)
    parts = [f"{resource_text(each.resource)} {share_text(each.share_peak)}" for each in levels]
    nearest = max(levels, key=lambda level: level.share_of_threshold)
    limit = "threshold" if nearest.threshold is not None else "end"
    detail = (
        f"allocated ÷ usable; {resource_text(nearest.resource)} comes nearest to its {limit}: "
        f"{share_text(nearest.share_of_threshold)} of it"
    )
    is_good = nearest.share_of_threshold < NEARLY_FULL
    return Finding("At peak", ", ".join(parts), detail, is_good=is_good)


def _runs_out(plan: Plan) -> Finding:
    growth = f"{plan.question.growth:g} % growth a month"
    first = first_to_run_out(plan)
    if first is None or first.at_s is None:
        detail = "without growth only what is refused already runs out"
        answer = f"never, at {growth}"
        return Finding("When does it run out?", answer, detail, is_good=True)
    name = resource_text(first.shortage)
    at = "at once" if first.at_s == 0 else f"after {when_text(first.at_s)}"
    answer = f"{name} first, {at} at {growth}"
    detail = f"{interval_text(first.interval)}; {first.basis}"
    return Finding("When does it run out?", answer, detail, is_good=first.at_s > plan.traffic.end_s)


def _failures(plan: Plan) -> Finding:
    weak = [each for each in plan.survival if not each.is_n_plus_1]
    total = len(plan.survival)
    if not weak:
        least = min(plan.survival, key=lambda each: each.survives)
        hosts = count_text(least.survives, "failed host")
        detail = f"the least: {least.place.name}, of {count_text(least.hosts, 'host')}"
        answer = f"every cluster survives {hosts}"
        return Finding("If hosts fail", answer, detail, is_good=True)
    worst = max(weak, key=lambda each: len(each.worst.left) if each.worst else 0)
    left = len(worst.worst.left) if worst.worst else 0
    verb = "does" if len(weak) == 1 else "do"
    answer = f"{len(weak)} of {count_text(total, 'cluster')} {verb} not survive one failed host"
    detail = f"{count_text(left, 'VM')} would not restart in {worst.place.name}"
    if worst.worst and worst.worst.held:
        detail += (
            f"; for {worst.worst.held:,} there is room, which the disable threshold holds back"
        )
    return Finding("If hosts fail", answer, detail, is_good=False)


def _buy(plan: Plan) -> Finding:
    best = plan.best
    remedies = "; ".join(remedy.text for remedy in plan.remedies)
    if best is None:
        why = plan.recommendation[0].one_less
        return Finding("What to buy?", "no number of hosts helps", remedies or why, is_good=False)
    if not best.hosts:
        answer = "no more hosts" if remedies else "nothing"
        detail = remedies or "nothing is refused, and every cluster survives a failed host"
        return Finding("What to buy?", answer, detail, is_good=not remedies)
    others = [
        buying_text(each)
        for each in plan.recommendation
        if each is not best and each.hosts is not None
    ]
    detail = "; ".join([*(f"or {other}" for other in others), *([remedies] if remedies else [])])
    return Finding("What to buy?", buying_text(best), detail, is_good=False)


def buying_text(each: Recommendation) -> str:
    """Return hosts and cost in words: `5 × std-64 for 7,942.40 USD a month`."""
    text = f"{each.hosts:,} × {each.kind.name}"
    if each.hosts:
        cost = money_text(each.cost_per_month, each.currency)
        text += f" for {cost} a month" if each.cost_per_month is not None else f", {cost}"
    if each.too_large:
        text += f", with {count_text(each.too_large, 'request')} still too large"
    return text
