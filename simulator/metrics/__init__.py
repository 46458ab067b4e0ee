"""Metrics: what a simulated cloud was like over time, weighted by how long it was so."""

from simulator.metrics.catalog import MEASURES, Measure, Statistic
from simulator.metrics.metrics import Metrics
from simulator.metrics.progress import Progress, progress
from simulator.metrics.step_functions import StepFunctions

__all__ = [
    "MEASURES",
    "Measure",
    "Metrics",
    "Progress",
    "Statistic",
    "StepFunctions",
    "progress",
]
