"""A plan shown in a Python session or a notebook: its answers, and what to try next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from simulator.planning.report.findings import findings_of

if TYPE_CHECKING:
    from simulator.planning.plan import Plan

_NEXT: Final = (
    "Try print(plan.to_text()), plan.tables()['capacity'], plan.survival[0].worst, "
    "plan.to_html(), plan.to_xlsx('plan.xlsx')"
)


def text(plan: Plan) -> str:
    """Return the answers, a line each."""
    lines = [f"Plan of {plan.cloud!r} under {plan.demand!r}{_stopped(plan)}"]
    lines += [f"  {each.question:<22} {each.answer}" for each in findings_of(plan)]
    return "\n".join([*lines, _NEXT])


def html(plan: Plan) -> str:
    """Return the answers as a small table without scripts or styles of its own."""
    left = "style='text-align:left'"
    rows = "".join(
        f"<tr><th {left}>{escape(each.question)}</th><td {left}>{'✓' if each.is_good else '!'}"
        f"</td><td {left}>{escape(each.answer)}<br><small>{escape(each.detail)}</small></td></tr>"
        for each in findings_of(plan)
    )
    caption = f"<b>Capacity plan of {escape(plan.cloud)}</b> under {escape(plan.demand)}"
    return (
        f"<table><caption>{caption}{escape(_stopped(plan))}</caption>{rows}</table>"
        f"<small>{escape(_NEXT)}</small>"
    )


def _stopped(plan: Plan) -> str:
    return f", stopped at {plan.stopped_at}" if plan.stopped_at else ""
