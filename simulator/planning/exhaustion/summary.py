"""From the runs to one time and one interval for every resource of every place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.planning.exhaustion.record import Basis, Exhaustion
from simulator.planning.statistics import median, prediction_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulator.planning.exhaustion.runs import RunsOut
    from simulator.planning.exhaustion.shortage import Shortage
    from simulator.planning.places import Place


def exhaustion_of(
    runs: Sequence[Mapping[tuple[Shortage, Place], RunsOut]],
) -> tuple[Exhaustion, ...]:
    """Return when everything runs out over all `runs`, in the order of places and resources."""
    keys = runs[0] if runs else ()
    return tuple(_over_runs(*key, [run[key] for run in runs]) for key in keys)


def _over_runs(shortage: Shortage, place: Place, runs: Sequence[RunsOut]) -> Exhaustion:
    """Return the times of all runs; one that did not run out did not up to where it was seen."""
    reached = [run for run in runs if math.isfinite(run.at_s)]
    values = [run.at_s for run in reached]
    beyond = [run.until_s for run in runs if not math.isfinite(run.at_s)]
    return Exhaustion(
        shortage=shortage,
        place=place,
        at_s=median(values, len(beyond)),
        interval=prediction_interval(values, beyond, least=0.0),
        basis=_basis(reached),
        times_s=tuple(run.at_s if math.isfinite(run.at_s) else None for run in runs),
        measured=sum(run.measured for run in reached),
        until_s=min(beyond, default=None),
    )


def _basis(runs: Sequence[RunsOut]) -> Basis:
    measured = {run.measured for run in runs}
    if not measured:
        return Basis.NEVER
    if len(measured) > 1:
        return Basis.MIXED
    return Basis.MEASURED if True in measured else Basis.EXTRAPOLATED
