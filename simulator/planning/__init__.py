"""The capacity plan: does it fit, when does it run out, what breaks it, and what to buy.

`make_plan` makes one from a design and a demand; a `Plan` shows itself, as text, tables, JSON,
HTML and a workbook. `estimate` answers what-if questions by sums, `confirm` by simulation.
"""

from simulator.planning.estimate import (
    Confirmation,
    Estimate,
    WhatIf,
    confirm,
    estimate,
    profile_of,
)
from simulator.planning.make import MainRun, make_plan, plan_of
from simulator.planning.plan import Plan
from simulator.planning.question import Fidelity, Question
from simulator.planning.replications import DemandSource
from simulator.planning.resample import resampled
from simulator.planning.site import Site, site_of

__all__ = [
    "Confirmation",
    "DemandSource",
    "Estimate",
    "Fidelity",
    "MainRun",
    "Plan",
    "Question",
    "Site",
    "WhatIf",
    "confirm",
    "estimate",
    "make_plan",
    "plan_of",
    "profile_of",
    "resampled",
    "site_of",
]
