"""The tables of the HTML page: the same figures as in the workbook, written for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.planning.places import Scope
from simulator.planning.report.figures.clusters import fullest
from simulator.planning.report.words import (
    amount_text,
    money_text,
    resource_text,
    share_text,
    when_text,
    where_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.planning.levels import Level
    from simulator.planning.plan import Plan

MOST_ROWS: Final = 200
"""A longer table is cut here on the page; the workbook has all of it."""

NEVER: Final = "-"


@dataclass(frozen=True, slots=True)
class View:
    """A table to be read.

    Attributes:
        name: of the table in the workbook.
        title: above it.
        note: what to know before reading it.
        head: column headings; those of numbers begin with ">" and stand to the right.
        rows: cells as texts.
        is_open: whether the page shows it at once.
    """

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_open: bool = False

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The rows that the page has room for."""
        return self.rows[:MOST_ROWS]

    @property
    def more(self) -> int:
        """How many rows are left out."""
        return max(len(self.rows) - MOST_ROWS, 0)


def views_of(plan: Plan) -> tuple[View, ...]:
    """Return the tables that have rows, in the order of the page."""
    views = (
        _recommendation(plan),
        _remedies(plan),
        _refusals(plan),
        _clusters(plan),
        _not_restarted(plan),
        _capacity(plan),
        _exhaustion(plan),
        _stranded(plan),
        _replications(plan),
    )
    return tuple(view for view in views if view.rows)


def _recommendation(plan: Plan) -> View:
    rows = tuple(
        (
            each.kind.name + (" (cheapest)" if each is plan.cheapest and each.hosts else ""),
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
    note = (
        "The smallest number of hosts of each type, any one of which removes every refusal that "
        "hosts can remove and lets every cluster survive the loss of any one host; found by "
        f"simulation.{priced}"
    )
    head = ("type", "size", ">hosts to add", "where", ">price a month", ">cost a month")
    return View("recommendation", "What to buy", note, (*head, "one host less"), rows, is_open=True)


def _remedies(plan: Plan) -> View:
    rows = tuple(
        (each.reason, each.text, "by simulation" if each.verified else "not verified")
        for each in plan.remedies
    )
    note = "What helps requests that more hosts do not."
    return View("remedies", "What else", note, ("refused for", "remedy", "verified"), rows, True)


def _refusals(plan: Plan) -> View:
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


def _clusters(plan: Plan) -> View:
    survival = {each.place: each for each in plan.survival}
    rows = []
    for place in fullest(plan):
        levels = {level.resource.value: level for level in plan.levels_of(place)}
        found = survival.get(place)
        failures = f"{found.survives}" if found else NEVER
        cells = [place.name, f"{plan.hosts_of(place):,}"]
        for level in (levels["cpu"], levels["ram"]):
            cells += [
                _of(level),
                share_text(level.share_peak),
                share_text(level.share_of_threshold),
            ]
        tested = _tested(found.tested, found.sets) if found else NEVER
        known = found.worst.proof.value if found and found.worst else NEVER
        rows.append((*cells, failures, tested, known))
    shares = (">of usable", ">of limit")
    survived = (">failures survived", ">sets tried", "one more fails by")
    head = ("cluster", ">hosts", ">CPU at peak", *shares, ">RAM at peak", *shares, *survived)
    note = (
        "The fullest first. A failure is survived when every VM of the failed hosts fits on the "
        "others, by packing the VMs of that moment; disable thresholds do not hold back a restart."
    )
    return View("survival", "Clusters at peak", note, head, tuple(rows), is_open=True)


def _tested(tested: int, sets: int) -> str:
    return f"all {sets:,}" if tested == sets else f"{tested:,} of {sets:.2g}"


def _of(level: Level) -> str:
    peak, usable = level.allocated_peak, level.usable
    return f"{amount_text(peak, level.unit)} of {amount_text(usable, level.unit)}"


def _not_restarted(plan: Plan) -> View:
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


def _capacity(plan: Plan) -> View:
    rows = tuple(
        (
            str(level.place),
            resource_text(level.resource),
            amount_text(level.total, level.unit),
            f"{level.overprovisioning:.4g}",
            amount_text(level.reserved, level.unit) if level.reserved else NEVER,
            amount_text(level.usable, level.unit),
            "off" if level.threshold is None else share_text(level.threshold),
            amount_text(level.allocated_mean, level.unit),
            amount_text(level.allocated_end, level.unit),
            amount_text(level.allocated_peak, level.unit),
            when_text(level.peak_at_s),
            share_text(level.share_peak),
            share_text(level.share_of_threshold),
        )
        for level in plan.levels
    )
    there = (">bought", ">× promised", ">reserved", ">usable", ">threshold")
    allocated = (">allocated, mean", ">at the end", ">at peak", ">peak after")
    head = ("where", "resource", *there, *allocated, ">of usable", ">of limit")
    note = (
        "Allocated is what VMs were promised. What they use of it is not known: a demand says "
        "what VMs ask for, not what they do with it."
    )
    return View(
        "capacity", "Capacity of every zone, pod and cluster", note, (*head, ">of limit"), rows
    )


def _exhaustion(plan: Plan) -> View:
    rows = tuple(
        (
            str(each.place),
            resource_text(each.shortage),
            NEVER if each.at_s is None else when_text(each.at_s),
            NEVER if each.interval is None else when_text(each.interval[0]),
            NEVER if each.interval is None else when_text(each.interval[1]),
            each.basis.value,
            f"{each.reached} of {len(each.times_s)}",
        )
        for each in plan.exhaustion
    )
    head = ("where", "resource", ">runs out after", ">95 % from", ">to", "basis", ">replications")
    note = (
        f"When a typical request ({typical_text(plan)}) is first refused by every cluster of the "
        "place for want of the resource."
    )
    return View("exhaustion", "When each resource runs out", note, head, rows)


def typical_text(plan: Plan) -> str:
    """Return the typical request in words."""
    typical = plan.typical
    speed = f" of {typical.cpu_mhz:,} MHz" if typical.cpu_mhz else ""
    ram, disk = amount_text(typical.ram_mib, "MiB"), amount_text(typical.disk_mib, "MiB")
    return f"{typical.vcpu} vCPU{speed}, {ram} of RAM, {disk} of disk"


def _stranded(plan: Plan) -> View:
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


def _replications(plan: Plan) -> View:
    rows = tuple(
        (
            f"{each.seed}",
            f"{each.requests:,}",
            f"{each.admitted:,}",
            f"{each.refused_total:,}",
            f"{each.peak_vms:,}",
            share_text(each.share_peak_cpu),
            share_text(each.share_peak_ram),
        )
        for each in plan.replications
    )
    head = (">seed", ">requests", ">admitted", ">refused", ">VMs at peak", ">CPU at peak")
    note = "The runs, with growth, from which the times and their intervals are taken."
    return View("replications", "Replications", note, (*head, ">RAM at peak"), rows)


def scopes(plan: Plan) -> Iterator[tuple[str, int]]:
    """Yield how many zones, pods and clusters the plan is about."""
    for scope in (Scope.ZONE, Scope.POD, Scope.CLUSTER):
        found = {level.place for level in plan.levels if level.place.scope is scope}
        yield scope.value, len(found)
