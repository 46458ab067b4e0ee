"""What is measured: the name, unit and meaning of every quantity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloudlab.model import VmState

CLOUD: Final = "cloud"
"""The scope that is the whole cloud; the others are the names of clusters."""


class Statistic(StrEnum):
    """What to say of a quantity in a stretch of time."""

    MEAN = "mean"
    PEAK = "peak"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity.

    Attributes:
        name: how to ask for it.
        unit: what it counts.
        meaning: a phrase for people.
    """

    name: str
    unit: str
    meaning: str


PER_CLUSTER: Final = (
    Measure("vms_running", "VMs", "state Running"),
    Measure("cpu_allocated_mhz", "MHz", "held by VMs or reserved for stopped ones, on open hosts"),
    Measure("cpu_total_mhz", "MHz", "what open hosts offer, over-provisioning included"),
    Measure("ram_allocated_mib", "MiB", "held by VMs or reserved for stopped ones, on open hosts"),
    Measure("ram_total_mib", "MiB", "what open hosts offer, over-provisioning included"),
    Measure("hosts_up", "hosts", "status Up, whether open to VMs or not"),
)
"""Known of the whole cloud and of each cluster. A host is open when it is Up and Enabled."""

OTHER_STATES: Final = tuple(state for state in VmState if state is not VmState.RUNNING)

OF_THE_CLOUD: Final = (
    *(Measure(f"vms_{state.lower()}", "VMs", f"state {state}") for state in OTHER_STATES),
    Measure("storage_allocated_mib", "MiB", "volumes and copies of templates on primary storage"),
    Measure("storage_total_mib", "MiB", "what pools offer, over-provisioning included"),
    Measure("addresses_taken", "addresses", "guest addresses in use"),
    Measure("jobs_in_progress", "jobs", "commands that have begun and not ended"),
)
"""Known of the whole cloud only."""

MEASURES: Final = (*PER_CLUSTER, *OF_THE_CLOUD)
"""Everything that can be asked for."""
