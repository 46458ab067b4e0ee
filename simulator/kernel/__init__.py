"""Capacity at full speed: a million lives of VMs decided in seconds, one array at a time."""

from simulator.kernel.simulate import Engine, simulate

__all__ = ["Engine", "simulate"]
