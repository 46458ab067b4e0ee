"""Durations that a lab on real hosts has noted, one a line, and the profile they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from cloudlab.errors import InputError
from simulator.latency.fitting import fit
from simulator.latency.steps import STEPS

if TYPE_CHECKING:
    from simulator.latency.profile import LatencyProfile


def read_timings(path: str | Path) -> dict[str, list[float]]:
    """Return the seconds of every step that ended well: step -> one value each time.

    A line is a JSON object with `step`, `seconds` and `ok`; other fields are not looked at.

    Raises:
        InputError: the file cannot be read, a line is none of these, or none ended well.
    """
    source = Path(path)
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source}: cannot be read: {reason}") from error
    samples: dict[str, list[float]] = {}
    for number, line in enumerate(lines, 1):
        step, seconds, ok = _timing(line, f"{source}:{number}")
        if ok:
            samples.setdefault(step, []).append(seconds)
    if not samples:
        raise InputError(f"{source}: no step ended well in it; use the lab first")
    return dict(sorted(samples.items(), key=lambda each: STEPS.index(each[0])))


def _timing(line: str, place: str) -> tuple[str, float, bool]:
    try:
        told = json.loads(line)
        step, seconds, ok = told["step"], float(told["seconds"]), bool(told["ok"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}: not a timing with step, seconds and ok: {error}") from None
    if step not in STEPS:
        raise InputError(f"{place}: {step!r} is no step of a port")
    if not 0 <= seconds < float("inf"):
        raise InputError(f"{place}: seconds is {seconds:g}; it must be 0 or more, finite")
    return step, seconds, ok


def calibrated(path: str | Path, name: str = "measured") -> LatencyProfile:
    """Return the profile of a lab that takes as long as `path` says it took.

    Raises:
        InputError: see `read_timings`.
    """
    samples = read_timings(path)
    counts = ", ".join(f"{len(durations):,} of {step}" for step, durations in samples.items())
    return fit(samples, name, f"measured: {counts}")
