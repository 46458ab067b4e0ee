"""Making a plan with somebody watching: how far it is, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from cloudlab.cli.interrupt import Stop, asked_by_ctrl_c
from cloudlab.cli.progress import Progress
from simulator.planning import make_plan
from simulator.scenario.run import play

if TYPE_CHECKING:
    from cloudlab.design import Design
    from simulator.placements import Placements
    from simulator.planning import MainRun, Plan, Question
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and whether Ctrl-C cut the work on it short."""

    plan: Plan
    was_stopped: bool


def planned(design: Design, demand: Demand, question: Question, *, bars: bool) -> Planned:
    """Return the plan; after Ctrl-C, what was found by then.

    Args:
        design: the cloud.
        demand: the requests.
        question: what is asked.
        bars: whether to show how far it is, where stderr is a terminal.

    Raises:
        InvalidParameter: the design has no algorithm of that name, say.
        KeyboardInterrupt: Ctrl-C was pressed twice.
    """
    with asked_by_ctrl_c() as stop, Progress(shown=bars) as progress:
        figures = asdict(question)
        plan = make_plan(design, demand, **figures, progress=progress, stop=stop, run=_player(stop))
        return Planned(plan, stop.asked)


def _player(ctrl_c: Stop) -> MainRun:
    """Return the player of workflows, passing on the Ctrl-C that it hears by itself."""

    def run(
        design: Design,
        demand: Demand,
        seed: int,
        progress: Callable[[int, int], object],
        stop: Callable[[], bool],
    ) -> Placements:
        placements = play(design, demand, seed, progress, stop)
        if placements.undecided:
            ctrl_c.ask()
            stop()  # notes that it was in the main run
        return placements

    return run
