"""Latency: how long each step of a cloud takes, as distributions that add and multiply.

>>> profile = load_profile("kvm-nfs").seeded(1)
>>> profile.takes("hypervisor.start", ram_gib=4) > 0
True
>>> LogNormal(median=8, p95=20) + 0.5 * disk_gib
LogNormal(median=8, p95=20) + 0.5 * disk_gib
"""

from simulator.latency.distribution import Constant, Distribution
from simulator.latency.document import document_text, load_profile, read_profile, save_profile
from simulator.latency.expression import parse
from simulator.latency.families import (
    Erlang,
    Exponential,
    Gamma,
    LogNormal,
    Normal,
    Uniform,
    Weibull,
)
from simulator.latency.fitting import fit
from simulator.latency.measured import calibrated
from simulator.latency.observed import Empirical, Mixture, Quantiles
from simulator.latency.profile import LatencyProfile
from simulator.latency.step import Step, disk_gib, ram_gib
from simulator.latency.steps import SILENCES, STEPS, sizes_of

__all__ = [
    "SILENCES",
    "STEPS",
    "Constant",
    "Distribution",
    "Empirical",
    "Erlang",
    "Exponential",
    "Gamma",
    "LatencyProfile",
    "LogNormal",
    "Mixture",
    "Normal",
    "Quantiles",
    "Step",
    "Uniform",
    "Weibull",
    "calibrated",
    "disk_gib",
    "document_text",
    "fit",
    "load_profile",
    "parse",
    "ram_gib",
    "read_profile",
    "save_profile",
    "sizes_of",
]
