"""Durations that a lab has noted, and the profile they make: a simulation that takes as long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from cloudlab.errors import InputError
from simulator.latency.fitting import fit
from simulator.latency.steps import SILENCES, STEPS

if TYPE_CHECKING:
    from simulator.latency.profile import LatencyProfile

_PATIENCE: Final = 0.9
"""Of the times for which somebody waited in vain, this share was no longer than the time-out.

Waiting is cut short where others have waited in vain just before; a time-out itself is a constant.
"""

_ORDER: Final = (*STEPS, *SILENCES.values())

Samples = dict[str, list[float]]
"""Step -> seconds, one value each time."""


class Noted(Protocol):
    """What is read of a `cloudlab.tracing.Timing`."""

    @property
    def step(self) -> str:
        """Port and method."""

    @property
    def seconds(self) -> float:
        """How long it took."""

    @property
    def ok(self) -> bool:
        """Whether it ended well."""

    @property
    def silent(self) -> bool:
        """Whether the answer was no."""


def read_timings(path: str | Path) -> Samples:
    """Return the seconds of every step that ended well, and of those that nobody answered.

    A line is a JSON object with `step`, `seconds`, `ok` and, if nobody answered, `silent`; other
    fields are not looked at. What a host left unanswered is counted under a name of its own, such
    as `hypervisor.ping.silent`.

    Raises:
        InputError: the file cannot be read, a line is none of these, or none ended well.
    """
    source = Path(path)
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source}: cannot be read: {reason}") from error
    told = (_timing(line, f"{source}:{number}") for number, line in enumerate(lines, 1))
    return _sorted(told, str(source))


def _sorted(told: Iterable[tuple[str, float] | None], source: str) -> Samples:
    samples: Samples = {}
    for name, seconds in filter(None, told):
        samples.setdefault(name, []).append(seconds)
    if not samples.keys() & set(STEPS):
        raise InputError(f"{source}: no step ended well in it; use the lab first")
    return dict(sorted(samples.items(), key=lambda each: _ORDER.index(each[0])))


def _timing(line: str, place: str) -> tuple[str, float] | None:
    """Return what one line tells, `None` if it says nothing about how long a step takes."""
    try:
        told = json.loads(line)
        step, seconds, ok = told["step"], float(told["seconds"]), bool(told["ok"])
        silent = bool(told.get("silent", False))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{place}: not a timing with step, seconds and ok: {error}") from None
    if step not in STEPS:
        raise InputError(f"{place}: {step!r} is no step of a port")
    if not 0 <= seconds < float("inf"):
        raise InputError(f"{place}: seconds is {seconds:g}; it must be 0 or more, finite")
    return _counted(step, seconds, ok=ok, silent=silent)


def _counted(step: str, seconds: float, *, ok: bool, silent: bool) -> tuple[str, float] | None:
    """Return under which name a duration counts; a contact that cannot be made is a silence."""
    if step in SILENCES and (silent or not ok):
        return SILENCES[step], seconds
    return (step, seconds) if ok else None


def calibrated(source: str | Path | Iterable[Noted], name: str = "measured") -> LatencyProfile:
    """Return the profile of a lab that takes as long as was noted.

    Args:
        source: the file a lab on real hosts notes it in, or `lab.timings`.
        name: of the profile.

    Raises:
        InputError: see `read_timings`.
    """
    if isinstance(source, str | Path):
        return _profile(read_timings(source), name)
    told = (_counted(each.step, each.seconds, ok=each.ok, silent=each.silent) for each in source)
    return _profile(_sorted(told, "the timings"), name)


def _profile(samples: Mapping[str, list[float]], name: str) -> LatencyProfile:
    counts = ", ".join(f"{len(durations):,} of {step}" for step, durations in samples.items())
    silent = SILENCES.values()
    waits = {
        step: [float(np.quantile(durations, _PATIENCE))] if step in silent else durations
        for step, durations in samples.items()
    }
    return fit(waits, name, f"measured: {counts}")
