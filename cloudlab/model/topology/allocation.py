"""Zones, pods and clusters are switched on and off for new work."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cloudlab.model.lifecycle import Lifecycle


class AllocationState(StrEnum):
    """Whether new work may be placed in a zone, pod or cluster."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class AllocationEvent(StrEnum):
    """What an administrator does to a zone, pod or cluster."""

    ENABLE = "Enable"
    DISABLE = "Disable"


def _allocation(kind: str) -> Lifecycle[AllocationState, AllocationEvent]:
    """Return the table of a scope that is born Disabled and may be switched at any time."""
    on, off = AllocationState.ENABLED, AllocationState.DISABLED
    moves = {AllocationEvent.ENABLE: on, AllocationEvent.DISABLE: off}
    return Lifecycle(kind, "state", off, [(off, moves), (on, moves)])


ZONE_LIFECYCLE: Final = _allocation("zone")
POD_LIFECYCLE: Final = _allocation("pod")
CLUSTER_LIFECYCLE: Final = _allocation("cluster")
