"""Why a VM was placed nowhere: what each step removed, what is missing, what would fit."""

from cloudlab.policy.refusal.explain import explain
from cloudlab.policy.refusal.explanation import Explanation, NearMiss, Step

__all__ = ["Explanation", "NearMiss", "Step", "explain"]
