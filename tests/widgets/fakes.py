"""A study that answers by simple formulas and counts how often it is asked."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from cloudlab.engine.background import Background
from cloudlab.errors import InsufficientCapacity
from cloudlab.views import Figure, Figures, Knob, standard_knobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE = 20.0


class Sums:
    """Peak VMs grow with growth, the share of CPU falls with over-provisioning."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.estimates: list[dict[str, float]] = []
        self.confirmations: list[dict[str, float]] = []
        self.begun, self.go = Event(), Event()
        self.go.set()
        self.error: Exception | None = None

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The four of every capacity study."""
        return standard_knobs(growth=5, cpu_overcommit=2, hosts_per_cluster=10)

    def estimate(self, knobs: Mapping[str, float]) -> Figures:
        """Answer at once; refuse clusters without spare hosts."""
        self.estimates.append(dict(knobs))
        if knobs["hosts_per_cluster"] < 2:
            raise InsufficientCapacity("one host survives no failure; allowed: 2 or more")
        return self._answer(knobs, 0.0)

    def confirm(
        self,
        knobs: Mapping[str, float],
        progress: Callable[[float, str], None],
        stop: Callable[[], bool],
    ) -> Figures:
        """Take ten steps, once the test lets it go; a tenth more VMs than estimated."""
        self.confirmations.append(dict(knobs))
        self.begun.set()
        self.go.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        for step in range(10):
            if stop():
                return Figures(
                    (Figure("peak VMs", 100.0 * step),), note=f"stopped after {step} of 10"
                )
            progress(step / 10, f"day {step}")
        return self._answer(knobs, 0.1)

    def _answer(self, knobs: Mapping[str, float], more: float) -> Figures:
        peak = 1000 * (1 + more) + 10 * knobs["growth"]
        return Figures(
            (
                Figure("peak VMs", peak),
                Figure("CPU at peak", 160 * (1 + more) / knobs["cpu_overcommit"], "% of usable"),
                Figure("CPU runs out", float("inf"), "days", "at this growth"),
            ),
            svg="<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        )


def at_once(work: Callable[[Callable[[], bool]], None]) -> Background[None]:
    """Do the work in this thread: a runner for tests without threads."""
    return Background(work).run()
