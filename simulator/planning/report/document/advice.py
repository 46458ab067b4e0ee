"""What to buy, and what else helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.report.document.levels import place_of

if TYPE_CHECKING:
    from simulator.planning.plan import Plan
    from simulator.planning.recommend import Recommendation, Remedy
    from simulator.planning.report.document.json_types import Object


def recommendation(plan: Plan, each: Recommendation) -> Object:
    """Return the advice for one type of host."""
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
                "spare": add.is_spare,
            }
            for add in each.additions
        ],
        "price_per_month": each.price_per_month,
        "cost_per_month": each.cost_per_month,
        "currency": each.currency,
        "price_date": each.price_date or None,
        "best": each is plan.best,
        "too_large": each.too_large,
        "one_less": each.one_less or None,
        "simulations": each.runs,
    }


def remedy(each: Remedy) -> Object:
    """Return what else helps."""
    return {
        "reason": each.reason,
        "place": place_of(each.place) if each.place else None,
        "amount": each.amount or None,
        "unit": each.unit or None,
        "text": each.text,
        "verified": each.verified,
    }
