"""What is free at peak but cannot be used, and why."""

from simulator.planning.stranded.parts import stranded_of
from simulator.planning.stranded.record import Stranded

__all__ = ["Stranded", "stranded_of"]
