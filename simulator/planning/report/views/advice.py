"""The tables of what to buy, and of what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.report.findings import suffices_text
from simulator.planning.report.views.record import View
from simulator.planning.report.words import (
    amount_text,
    money_text,
    share_text,
    when_text,
    where_text,
)

if TYPE_CHECKING:
    from simulator.planning.plan import Plan


def recommendation_view(plan: Plan) -> View:
    """Return what to buy, a line for each type of host."""
    rows = tuple(
        (
            each.kind.name + (" (best)" if each is plan.best and each.hosts else ""),
            f"{each.kind.cores} × {each.kind.mhz:,} MHz, {amount_text(each.kind.ram_mib, 'MiB')}",
            "none suffices" if each.hosts is None else f"{each.hosts:,}",
            where_text(each.additions),
            money_text(each.price_per_month, each.currency),
            money_text(each.cost_per_month, each.currency),
            each.one_less,
        )
        for each in plan.recommendation
    )
    dates = sorted({each.price_date for each in plan.recommendation if each.price_date})
    priced = f" Prices of {', '.join(dates)}." if dates else ""
    luck = suffices_text(plan)
    luck = f" The best {luck}." if luck else ""
    note = (
        "Hosts of each type, none of which can be spared. Any one type removes every refusal that "
        "hosts can remove and lets every cluster survive the loss of any one host; found by "
        f"simulation of the demand as it is.{luck}{priced}"
    )
    head = ("type", "size", ">hosts to add", "where", ">price a month", ">cost a month")
    return View("recommendation", "What to buy", note, (*head, "one host less"), rows, is_open=True)


def remedies_view(plan: Plan) -> View:
    """Return what helps where hosts do not."""
    rows = tuple(
        (each.reason, each.text, "by simulation" if each.verified else "not verified")
        for each in plan.remedies
    )
    note = "What helps requests that more hosts do not."
    return View("remedies", "What else", note, ("refused for", "remedy", "verified"), rows, True)


def refusals_view(plan: Plan) -> View:
    """Return what was refused, a line for each reason."""
    total = max(plan.traffic.requests, 1)
    rows = tuple(
        (
            each.reason,
            f"{each.requests:,}",
            share_text(each.requests / total),
            f"{each.vcpu:,}",
            amount_text(each.ram_mib, "MiB"),
            when_text(each.first_at_s),
            each.first_id,
        )
        for each in plan.traffic.refusals
    )
    head = ("reason", ">requests", ">share", ">vCPU", ">RAM", ">first after", "first request")
    note = "Requests of the main run that got no host, by what they were refused for."
    return View("refusals", "Refused requests", note, head, rows, is_open=True)
