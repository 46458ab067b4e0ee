"""The physical cloud as columns: what the capacity kernel and the planning pages read."""

from simulator.fleet.columns import Fleet
from simulator.fleet.kind import HostKind, Spare

__all__ = ["Fleet", "HostKind", "Spare"]
