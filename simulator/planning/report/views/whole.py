"""The tables of all places, and of the replications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.report.views.record import NEVER, View
from simulator.planning.report.words import (
    amount_text,
    cell_text,
    median_text,
    resource_text,
    share_text,
    when_text,
)

if TYPE_CHECKING:
    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.plan import Plan


def capacity_view(plan: Plan) -> View:
    """Return every resource of every place."""
    rows = tuple(
        (
            str(level.place),
            resource_text(level.resource),
            cell_text(level.total, level.unit),
            f"{level.overprovisioning:.4g}",
            cell_text(level.reserved, level.unit) if level.reserved else NEVER,
            cell_text(level.usable, level.unit),
            "off" if level.threshold is None else share_text(level.threshold),
            cell_text(level.allocated_mean, level.unit),
            cell_text(level.allocated_end, level.unit),
            cell_text(level.allocated_peak, level.unit),
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


def exhaustion_view(plan: Plan) -> View:
    """Return when every resource of every place runs out."""
    rows = tuple(
        (
            str(each.place),
            resource_text(each.shortage),
            median_text(each),
            NEVER if each.interval is None else when_text(each.interval[0]),
            _end(each),
            f"{each.reached} of {len(each.times_s)}",
            f"{each.measured}",
        )
        for each in plan.exhaustion
    )
    times = (">runs out after (median)", ">95 % from", ">to")
    head = ("where", "resource", *times, ">in demands", ">of them simulated")
    note = (
        f"When a typical request ({typical_text(plan)}) is first refused by every cluster of the "
        "place for want of the resource, in resampled demands that grow; > : not up to then. "
        "Simulated: seen in the run; the others are extrapolated by the trend of its peaks."
    )
    return View("exhaustion", "When each resource runs out", note, head, rows)


def _end(each: Exhaustion) -> str:
    """Return where the interval ends."""
    if each.interval is None:
        return NEVER
    if each.interval[1] is not None:
        return when_text(each.interval[1])
    return f"> {when_text(each.until_s or 0.0)}"


def typical_text(plan: Plan) -> str:
    """Return the typical request in words."""
    typical = plan.typical
    speed = f" of {typical.cpu_mhz:,} MHz" if typical.cpu_mhz else ""
    ram, disk = amount_text(typical.ram_mib, "MiB"), amount_text(typical.disk_mib, "MiB")
    return f"{typical.vcpu} vCPU{speed}, {ram} of RAM, {disk} of disk"


def replications_view(plan: Plan) -> View:
    """Return the replications, a line each."""
    rows = tuple(
        (
            f"{each.seed}",
            f"{each.requests:,}",
            f"{each.admitted:,}",
            f"{each.refused_total:,}",
            f"{each.peak_vms:,}",
            share_text(each.share_peak_cpu),
            share_text(each.share_peak_ram),
            NEVER if each.is_enough is None else ("yes" if each.is_enough else "no"),
        )
        for each in plan.replications
    )
    head = (">seed", ">requests", ">admitted", ">refused", ">VMs at peak", ">CPU at peak")
    note = "The runs, with growth, from which the times and their intervals are taken."
    more = (">RAM at peak", "best purchase suffices")
    return View("replications", "Replications", note, (*head, *more), rows)
