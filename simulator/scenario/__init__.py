"""From a design to what the capacity kernel reads: the fleet and the rules of placement."""

from simulator.scenario.fleet_of_design import fleet_of
from simulator.scenario.rules_of_design import rules_of

__all__ = ["fleet_of", "rules_of"]
