"""The answer within a blink, from sums alone, and how far it is from a simulation."""

from simulator.planning.estimate.confirm import Compared, Confirmation, confirm
from simulator.planning.estimate.estimate import Estimate, estimate
from simulator.planning.estimate.profile import Profile, profile_of
from simulator.planning.estimate.what_if import WhatIf

__all__ = [
    "Compared",
    "Confirmation",
    "Estimate",
    "Profile",
    "WhatIf",
    "confirm",
    "estimate",
    "profile_of",
]
