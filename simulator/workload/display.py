"""A demand shown to people: lines for a terminal, a small table for a notebook."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from cloudlab.units import clock_text, size_text

if TYPE_CHECKING:
    from simulator.workload.demand import Demand
    from simulator.workload.summary import DemandSummary

_NEXT: Final = (
    "Try .summary(), .frame(), .scaled(1.3, seed=1), .grown(5, horizon_days=180), .until(86_400)"
)
_MOST_SIZES: Final = 4


def text(demand: Demand) -> str:
    """Return the demand as a headline, its facts one a line, and what to try next."""
    facts = [f"  {label:<10} {fact}" for label, fact in _facts(demand)]
    return "\n".join([f"Demand {demand.name!r}: {len(demand):,} requests for VMs", *facts, _NEXT])


def html(demand: Demand) -> str:
    """Return the demand as a table of HTML without scripts or styles of its own."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(label)}</th>"
        f"<td style='text-align:left'>{escape(fact)}</td></tr>"
        for label, fact in _facts(demand)
    )
    return (
        f"<table><caption><b>Demand {escape(demand.name)}</b>: {len(demand):,} requests for VMs"
        f"</caption>{rows}</table><small>{escape(_NEXT)}</small>"
    )


def _facts(demand: Demand) -> list[tuple[str, str]]:
    """Return what to know about a demand, as labels and short phrases."""
    if not len(demand):
        return [("empty", "nobody asks for anything")]
    figures = demand.summary()
    sizes = ", ".join(
        f"{size.share:.0%} {size.vcpu} vCPU/{size_text(size.ram_mib)}"
        for size in figures.sizes[:_MOST_SIZES]
    )
    more = len(figures.sizes) - _MOST_SIZES
    arrivals = (
        f"{figures.requests_per_hour:,.1f} an hour over {clock_text(figures.span_s)}, "
        f"in {figures.batches:,} batches of {figures.batch_mean:.1f} on average"
    )
    peak = (
        f"{figures.peak_vms:,} VMs with {figures.peak_vcpu:,} vCPU and "
        f"{size_text(figures.peak_ram_mib)} RAM, if nothing is refused"
    )
    return [
        ("arrivals", arrivals),
        ("tenants", f"{figures.tenants:,}"),
        ("sizes", sizes + (f" and {more} more" if more > 0 else "")),
        ("lifetime", _lifetimes(figures)),
        ("at peak", peak),
    ]


def _lifetimes(figures: DemandSummary) -> str:
    """Return how long the VMs live, in a phrase."""
    known = [
        f"{share} within {clock_text(figures.lifetime_s[quantile])}"
        for share, quantile in (("half end", 0.5), ("90 %", 0.9))
        if math.isfinite(figures.lifetime_s[quantile])
    ]
    return ", ".join(known or ["more than half never end"]) + f"; {figures.lives_on:,} live on"
