"""The answers of a plan, a sentence or two each: what text, page and notebook begin with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.places import Scope
from simulator.planning.report.words import (
    count_text,
    interval_text,
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


def exhaustion_of_cloud(plan: Plan) -> list[Exhaustion]:
    """Return when every single resource of the whole cloud runs out."""
    return [
        each
        for each in plan.exhaustion
        if each.place.scope is Scope.CLOUD and each.shortage is not Shortage.ANY
    ]


def first_to_run_out(plan: Plan) -> Exhaustion | None:
    """Return which single resource the whole cloud is out of first; None when none runs out."""
    own = [each for each in exhaustion_of_cloud(plan) if each.reached]
    return min(own, key=_when, default=None)


def _when(each: Exhaustion) -> tuple[float, float]:
    """Return the median, beyond all others where it could not be seen, and the earliest time."""
    return (
        math.inf if each.at_s is None else each.at_s,
        math.inf if each.earliest_s is None else each.earliest_s,
    )


def draws_text(plan: Plan, count: int) -> str:
    """Return so many of the replications in words: `3 of 5 resampled demands`."""
    total = len(plan.replications)
    return f"{count} of {count_text(total, 'resampled demand')}"


def _fit(plan: Plan) -> Finding:
    traffic = plan.traffic
    lasting = f"{when_text(traffic.end_s)} of demand"
    luck = _luck(plan)
    if not traffic.refused_total:
        answer = f"yes, all {count_text(traffic.requests, 'request')} admitted"
        if luck:
            answer += f"; but {luck}"
        detail = f"{lasting}, {_vms(plan)} at peak"
        return Finding("Does it fit?", answer, detail, is_good=not luck)
    reasons = ", ".join(f"{count:,} for {reason}" for reason, count in traffic.refused.items())
    refused = share_text(1 - traffic.admitted_share)
    answer = f"no, {traffic.refused_total:,} of {traffic.requests:,} refused ({refused})"
    first = min(refusal.first_at_s for refusal in traffic.refusals)
    detail = f"{reasons}; the first after {when_text(first)} of {lasting}"
    if luck:
        detail += f"; {luck}"
    return Finding("Does it fit?", answer, detail, is_good=False)


def _luck(plan: Plan) -> str:
    """Return how many replications refuse requests, and how many at most; empty for none."""
    refused = [each.refused_total for each in plan.replications if each.refused_total]
    if not refused:
        return ""
    growing = ", growing," if plan.question.growth else ""
    if len(plan.replications) == 1:
        return f"with its growth {refused[0]:,} are refused" if plan.question.growth else ""
    most = f"up to {max(refused):,}" if max(refused) > min(refused) else f"{max(refused):,}"
    return f"in {draws_text(plan, len(refused))}{growing} {most} are refused"


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
    if first is None or first.earliest_s is None:
        known = [each.until_s for each in exhaustion_of_cloud(plan) if each.until_s is not None]
        answer = f"not within {when_text(min(known, default=plan.traffic.end_s))}, at {growth}"
        detail = "" if plan.question.growth > 0 else "without growth nothing is extrapolated"
        return Finding("When does it run out?", answer, detail, is_good=True)
    name, many = resource_text(first.shortage), len(first.times_s) > 1
    if first.at_s is None:
        answer = f"{name} first, in {draws_text(plan, first.reached)}, at {growth}"
    else:
        middle = "a median of " if many and first.at_s else ""
        answer = f"{name} first, after {middle}{when_text(first.at_s)}, at {growth}"
    detail = _how_sure(plan, first)
    is_good = first.earliest_s > plan.traffic.end_s
    return Finding("When does it run out?", answer, detail, is_good=is_good)


def _how_sure(plan: Plan, first: Exhaustion) -> str:
    """Return in how many replications it runs out, within which interval, and how that is known."""
    end, beyond = when_text(plan.traffic.end_s), first.reached - first.measured
    if len(first.times_s) == 1:
        known = "seen in simulation" if first.measured else f"by the trend of {end} of demand"
        return f"the demand as it is, growing; {known}; one replication gives no interval"
    seen, later = f"within the {end} simulated", "later, by the trend"
    if first.measured and beyond:
        how = f", {first.measured:,} {seen} and {beyond:,} {later}"
    else:
        how = f", {seen if first.measured else later}"
    return f"in {draws_text(plan, first.reached)}{how}; {interval_text(first)}"


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
        detail += f", {worst.worst.held:,} of them for the disable threshold alone"
    return Finding("If hosts fail", answer, detail, is_good=False)


def _buy(plan: Plan) -> Finding:
    best = plan.best
    remedies = "; ".join(remedy.text for remedy in plan.remedies)
    if best is None:
        why = plan.recommendation[0].one_less
        return Finding("What to buy?", "no number of hosts helps", remedies or why, is_good=False)
    luck = suffices_text(plan)
    if not best.hosts:
        answer = "no more hosts" if remedies else "nothing"
        detail = remedies or "nothing is refused, and every cluster survives a failed host"
        detail += f"; {luck}" if luck else ""
        is_good = not remedies and plan.sufficient == len(plan.replications)
        return Finding("What to buy?", answer, detail, is_good=is_good)
    others = [
        buying_text(each)
        for each in plan.recommendation
        if each is not best and each.hosts is not None
    ]
    parts = [luck, *(f"or {other}" for other in others), remedies]
    detail = "; ".join(part for part in parts if part)
    return Finding("What to buy?", buying_text(best), detail, is_good=False)


def suffices_text(plan: Plan) -> str:
    """Return in how many replications the best purchase suffices; empty when none was tried."""
    if len(plan.replications) < 2:
        return ""
    return f"suffices in {draws_text(plan, plan.sufficient)}"


def buying_text(each: Recommendation) -> str:
    """Return hosts and cost in words: `5 × std-64 for 7,942.40 USD a month`."""
    spare = sum(add.hosts for add in each.additions if add.is_spare)
    some = f"{spare} " if spare != each.hosts else ""
    kept = f" ({some}spare, with ha.tag)" if spare else ""
    text = f"{each.hosts:,} × {each.kind.name}{kept}"
    if each.hosts:
        cost = money_text(each.cost_per_month, each.currency)
        text += f" for {cost} a month" if each.cost_per_month is not None else f", {cost}"
    if each.too_large:
        text += f", with {count_text(each.too_large, 'request')} still too large"
    return text
