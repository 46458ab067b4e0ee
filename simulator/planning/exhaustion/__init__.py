"""When each resource runs out, measured in the simulation or extrapolated beyond its end."""

from simulator.planning.exhaustion.record import Basis, Exhaustion
from simulator.planning.exhaustion.runs import RunsOut, runs_out
from simulator.planning.exhaustion.summary import exhaustion_of
from simulator.planning.exhaustion.typical import Typical, typical_of

__all__ = [
    "Basis",
    "Exhaustion",
    "RunsOut",
    "Typical",
    "exhaustion_of",
    "runs_out",
    "typical_of",
]
