"""What became of every request, why, and what the cloud held at any time."""

from cloudlab.policy.reason import Reason
from simulator.placements.record import Placements
from simulator.placements.rules import Algorithm, CapacityType, Rules
from simulator.placements.usage import Peaks, Resource, Scope, Usage

__all__ = [
    "Algorithm",
    "CapacityType",
    "Peaks",
    "Placements",
    "Reason",
    "Resource",
    "Rules",
    "Scope",
    "Usage",
]
