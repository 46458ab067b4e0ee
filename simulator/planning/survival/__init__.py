"""How many host failures every cluster survives at peak, by packing its VMs."""

from simulator.planning.survival.clusters import survival_of, survives_one
from simulator.planning.survival.record import Left, Survival, Worst

__all__ = ["Left", "Survival", "Worst", "survival_of", "survives_one"]
