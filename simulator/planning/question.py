"""What is asked of a plan, checked before anything is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cloudlab.errors import InvalidParameter
from cloudlab.units import DAY

if TYPE_CHECKING:
    from cloudlab.design import Design
    from simulator.workload import Demand

MOST_REPLICATIONS: Final = 1000
MOST_OVERCOMMIT: Final = 100
"""More is hardly meant; a design that says so may have it, up to the highest that designs know."""
HIGHEST_OVERCOMMIT: Final = 10_000


class Fidelity(StrEnum):
    """How the main run is played: every deploy as a workflow, or by the capacity kernel."""

    WORKFLOW = "workflow"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Question:
    """The figures that make one plan differ from another over the same design and demand.

    Attributes:
        scale: how many times as many requests as the demand has, more than 0.
        growth: by how many per cent a month requests become more frequent, above -100.
        horizon_days: how far the demand is played, days; None: to its own end.
        algorithm: a `vm.allocation.algorithm` instead of the design's; empty: the design's.
        cpu_overcommit: a CPU over-provisioning factor for all clusters; None: the design's.
        replications: how many seeds the interval of exhaustion is taken over, 1 to 1000.
        seed: of everything that is drawn, 0 or more.
        fidelity: how the main run is played.

    Raises:
        InvalidParameter: a value is out of its range.
    """

    scale: float = 1.0
    growth: float = 0.0
    horizon_days: float | None = None
    algorithm: str = ""
    cpu_overcommit: float | None = None
    replications: int = 5
    seed: int = 0
    fidelity: str = Fidelity.WORKFLOW

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        _check("scale", self.scale, self.scale > 0, "more than 0 (1.3 = 30 % more)")
        _check("growth", self.growth, self.growth > -100, "above -100 (% a month)")
        if self.horizon_days is not None:
            _check("horizon_days", self.horizon_days, self.horizon_days > 0, "more than 0")
        if self.cpu_overcommit is not None:
            _check("cpu_overcommit", self.cpu_overcommit, self.cpu_overcommit >= 1, "1 or more")
        fits = 1 <= self.replications <= MOST_REPLICATIONS
        _check("replications", self.replications, fits, f"1 to {MOST_REPLICATIONS}")
        _check("seed", self.seed, self.seed >= 0, "a whole number, 0 or more")
        if self.fidelity not in list(Fidelity):
            message = f"fidelity is {self.fidelity!r}; allowed: {', '.join(Fidelity)}"
            raise InvalidParameter(message)

    @property
    def growth_rate(self) -> float:
        """Growth a month as a fraction."""
        return self.growth / 100

    def design(self, design: Design) -> Design:
        """Return `design` with the algorithm and the over-provisioning asked for.

        Raises:
            InvalidParameter: so much is not meant, unless the design accepts what is unusual.
        """
        if self.algorithm:
            design = design.with_algorithm(self.algorithm)
        factor = self.cpu_overcommit
        if factor is not None:
            meant = design.accept_unusual or not MOST_OVERCOMMIT < factor <= HIGHEST_OVERCOMMIT
            allowed = f"1 to {MOST_OVERCOMMIT}; if you mean it, set accept_unusual in the design"
            _check("cpu_overcommit", factor, meant, allowed)
            design = design.with_cpu_overcommit(factor)
        return design

    def played(self, demand: Demand, seed: int) -> Demand:
        """Return the demand of the main run: scaled, and grown up to the horizon if there is one.

        Without a horizon it is today's demand; growth then only says when that is too much.
        """
        scaled = demand.scaled(self.scale, seed)
        if self.horizon_days is None:
            return scaled
        return scaled.grown(self.growth, self.horizon_days, seed)

    def end_s(self, demand: Demand) -> float:
        """Return the moment that "at the end" means: the horizon, or the last request."""
        return demand.span_s if self.horizon_days is None else self.horizon_days * DAY


def _check(name: str, value: float, good: bool, allowed: str) -> None:  # noqa: FBT001
    if not (good and math.isfinite(value)):
        raise InvalidParameter(f"{name} is {value}; allowed: {allowed}")
