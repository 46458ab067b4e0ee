"""Demand: who asks for which VM, when and for how long; from files and from generators."""

from simulator.workload.churn import churn
from simulator.workload.csv_writer import write_demand
from simulator.workload.demand import HOST_SPEED, NOT_GIVEN, Demand
from simulator.workload.generator import generate
from simulator.workload.occupancy import Occupancy, occupancy
from simulator.workload.summary import DemandSummary
from simulator.workload.traces import FORMATS, read_demand

__all__ = [
    "FORMATS",
    "HOST_SPEED",
    "NOT_GIVEN",
    "Demand",
    "DemandSummary",
    "Occupancy",
    "churn",
    "generate",
    "occupancy",
    "read_demand",
    "write_demand",
]
