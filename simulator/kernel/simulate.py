"""One run: requests in order of arrival, each to the host that CloudStack would choose."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InvalidParameter
from simulator.kernel.plain.run import PlainEngine
from simulator.kernel.tables import choice_of, layout_of, outcome_of, requests_of
from simulator.placements import Placements, Rules
from simulator.placements.choices import check_choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.fleet import Fleet
    from simulator.kernel.compiled.run import CompiledEngine
    from simulator.kernel.tables import Outcome, Requests
    from simulator.workload import Demand

WORTH_LOADING: Final = 40_000
"""Requests from which loading numba (0.8 CPU s) costs less than deciding in plain Python."""

STRETCH: Final = 4096
"""Requests between two looks at progress and stop: well under a second in either engine."""

_COMPILED: Final = "simulator.kernel.compiled.run"


class Engine(StrEnum):
    """Who decides: machine code, plain Python with numpy, or whichever is faster here."""

    AUTO = "auto"
    NUMBA = "numba"
    PYTHON = "python"


def simulate(
    fleet: Fleet,
    demand: Demand,
    rules: Rules,
    progress: Callable[[int, int], object] | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    engine: str = Engine.AUTO,
) -> Placements:
    """Return where every request of `demand` goes on an empty `fleet`.

    Both engines choose the same host and pool and give the same reason for every request.

    Args:
        fleet: the physical cloud.
        demand: the requests.
        rules: how placement decides.
        progress: called with the number decided and the number of all, a few times a second.
        stop: asked as often; once it is true the run ends and keeps what was decided.
        engine: an `Engine`.

    Raises:
        InvalidParameter: `engine` is not known, or numba is asked for and not installed.
    """
    choice = choice_of(rules)
    requests = requests_of(demand, rules)
    count = len(requests.arrival_s)
    outcome = outcome_of(count)
    layout = layout_of(fleet, by_ram=choice.by_ram)
    decider = engine_of(engine, count)(layout, requests, choice)
    decided = 0
    while decided < count and not (stop is not None and stop()):
        end = min(decided + STRETCH, count)
        decider.decide(outcome, decided, end)
        decided = end
        if progress is not None:
            progress(decided, count)
    return _placements(requests, outcome, rules, decided)


def engine_of(name: str, count: int) -> type[CompiledEngine | PlainEngine]:
    """Return the engine that goes by `name` for `count` requests."""
    check_choice("engine", name, Engine)
    worth_it = count >= WORTH_LOADING or _COMPILED in sys.modules
    if name == Engine.NUMBA or (name == Engine.AUTO and worth_it):
        try:
            from simulator.kernel.compiled.run import CompiledEngine  # noqa: PLC0415  (slow)
        except ImportError as error:
            if name == Engine.NUMBA:
                message = f"engine 'numba' cannot be loaded ({error}): pip install 'cloudlab[fast]'"
                raise InvalidParameter(message) from error
        else:
            return CompiledEngine
    return PlainEngine


def _placements(requests: Requests, outcome: Outcome, rules: Rules, decided: int) -> Placements:
    """Return the record of the first `decided` requests."""
    refused = outcome.host[:decided] < 0

    def times(column: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
        return np.where(refused, np.nan, column[:decided])

    end = times(requests.departure_s)
    known = np.concatenate((requests.arrival_s[:decided][-1:], end[np.isfinite(end)]))
    return Placements(
        host=outcome.host[:decided],
        pool=outcome.pool[:decided],
        reason=outcome.reason[:decided],
        start_s=times(requests.arrival_s),
        end_s=end,
        released_s=times(requests.released_s),
        horizon_s=float(known.max(initial=0.0)),
        rules=rules,
        undecided=len(requests.arrival_s) - decided,
    )
