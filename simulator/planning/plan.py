"""The record `Plan`: everything that was found out, ready to be shown, saved and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from simulator.planning.exhaustion import Exhaustion, Typical
    from simulator.planning.levels import Level
    from simulator.planning.places import Place
    from simulator.planning.question import Question
    from simulator.planning.recommend import Advice, Recommendation, Remedy
    from simulator.planning.replications import Replication
    from simulator.planning.stranded import Stranded
    from simulator.planning.survival import Survival
    from simulator.planning.timeline import Timeline
    from simulator.planning.traffic import Traffic


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Plan:
    """A capacity plan. docs/capacity-plan.md says what every figure means.

    Attributes:
        cloud: what the cloud is called.
        demand: what the demand is called.
        algorithm: how VMs were placed, a value of `vm.allocation.algorithm`.
        question: what was asked.
        traffic: what became of the requests of the main run.
        typical: the request by which a place is called full.
        levels: every resource of the cloud and of each zone, pod and cluster.
        survival: how many host failures each cluster survives.
        exhaustion: when every resource of every place runs out.
        replications: the runs that exhaustion is taken over.
        stranded: what is free at peak in each cluster but cannot be used.
        advice: what to buy.
        timeline: the main run in a few hundred points.
        stopped_at: where the work was stopped; empty when it was finished. What was not come
            to is left out.
    """

    cloud: str
    demand: str
    algorithm: str
    question: Question
    traffic: Traffic
    typical: Typical
    levels: tuple[Level, ...]
    survival: tuple[Survival, ...]
    exhaustion: tuple[Exhaustion, ...]
    replications: tuple[Replication, ...]
    stranded: tuple[Stranded, ...]
    advice: Advice
    timeline: Timeline
    stopped_at: str = ""

    @property
    def recommendation(self) -> tuple[Recommendation, ...]:
        """One line for each type of host that can be bought."""
        return self.advice.recommendations

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What helps where hosts do not."""
        return self.advice.remedies

    @property
    def best(self) -> Recommendation | None:
        """The recommendation that leaves fewest requests refused, and of those costs least."""
        return self.advice.best

    @property
    def sufficient(self) -> int:
        """In how many replications the best recommendation suffices."""
        return sum(each.is_enough is True for each in self.replications)

    def levels_of(self, place: Place) -> tuple[Level, ...]:
        """Return the resources of one place."""
        return tuple(level for level in self.levels if level.place == place)

    def hosts_of(self, place: Place) -> int:
        """Return how many hosts of a place take VMs."""
        return next((level.hosts for level in self.levels_of(place)), 0)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table of the plan by name, as pandas DataFrames."""
        from simulator.planning.report.tables import tables_of  # noqa: PLC0415  (loads pandas)

        return tables_of(self)

    def to_text(self) -> str:
        """Return the plan as a person wants to read it in a terminal."""
        from simulator.planning.report.text import to_text  # noqa: PLC0415  (only when shown)

        return to_text(self)

    def to_json(self) -> str:
        """Return the plan for programs; docs/plan-json.md describes it."""
        from simulator.planning.report.document import to_json  # noqa: PLC0415

        return to_json(self)

    def to_html(self) -> str:
        """Return the plan as one HTML page that opens offline."""
        from simulator.planning.report.html import to_html  # noqa: PLC0415  (loads matplotlib)

        return to_html(self)

    def to_xlsx(self, path: str | Path) -> None:
        """Write the plan as a workbook, one sheet a table."""
        from simulator.planning.report.xlsx import to_xlsx  # noqa: PLC0415  (loads xlsxwriter)

        to_xlsx(self, path)

    def __repr__(self) -> str:
        """Return the summary and what to try next."""
        from simulator.planning.report.display import text  # noqa: PLC0415  (only when shown)

        return text(self)

    def _repr_html_(self) -> str:
        """Return the summary for a notebook."""
        from simulator.planning.report.display import html  # noqa: PLC0415  (only when shown)

        return html(self)
