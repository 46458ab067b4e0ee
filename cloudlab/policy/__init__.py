"""What should happen: decisions as plain functions, without time and without side effects."""

from cloudlab.policy.algorithms import Algorithm, algorithm
from cloudlab.policy.clusters import by_zone_load
from cloudlab.policy.planner import plan
from cloudlab.policy.reason import Reason
from cloudlab.policy.refusal import Explanation, NearMiss, Step, explain
from cloudlab.policy.scene import Avoid, Destination, Scene, Wish

__all__ = [
    "Algorithm",
    "Avoid",
    "Destination",
    "Explanation",
    "NearMiss",
    "Reason",
    "Scene",
    "Step",
    "Wish",
    "algorithm",
    "by_zone_load",
    "explain",
    "plan",
]
