"""Amounts of resources, and when they run out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.planning.exhaustion import Exhaustion
    from simulator.planning.levels import Level
    from simulator.planning.places import Place
    from simulator.planning.report.document.json_types import Object


def place_of(place: Place) -> Object:
    """Return where something is."""
    return {
        "scope": place.scope.value,
        "name": place.name,
        "zone": place.zone or None,
        "pod": place.pod or None,
        "cluster": place.cluster or None,
    }


def amounts(level: Level) -> Object:
    """Return what there is of one resource, and what of it is allocated."""
    return {
        "unit": level.unit,
        "total": level.total,
        "overprovisioning": level.overprovisioning,
        "usable": level.usable,
        "reserved": level.reserved,
        "threshold": level.threshold,
        "limit": level.limit,
        "allocated_mean": level.allocated_mean,
        "allocated_end": level.allocated_end,
        "allocated_peak": level.allocated_peak,
        "peak_at_s": level.peak_at_s,
        "used": None,
        "share_peak": level.share_peak,
        "share_of_threshold": level.share_of_threshold,
    }


def level_of(level: Level) -> Object:
    """Return one resource of one place."""
    return {**place_of(level.place), "resource": level.resource.value, **amounts(level)}


def exhaustion(each: Exhaustion) -> Object:
    """Return when one resource of one place runs out."""
    return {
        "resource": each.shortage.value,
        **place_of(each.place),
        "at_s": each.at_s,
        "interval": list(each.interval) if each.interval else None,
        "until_s": each.until_s,
        "basis": each.basis.value,
        "reached": each.reached,
        "measured": each.measured,
        "times_s": list(each.times_s),
    }
