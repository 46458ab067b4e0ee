"""How placement decides: the settings of a cloud that the capacity kernel obeys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloudlab.errors import InvalidParameter
from simulator.placements.choices import check_choice

DAY_S: Final = 86_400.0
CENTOS_TEMPLATE_MIB: Final = 8 * 1024


class Algorithm(StrEnum):
    """The values of CloudStack's setting `vm.allocation.algorithm`."""

    RANDOM = "random"
    FIRST_FIT = "firstfit"
    USER_DISPERSING = "userdispersing"
    USER_CONCENTRATED_POD_RANDOM = "userconcentratedpod_random"
    USER_CONCENTRATED_POD_FIRST_FIT = "userconcentratedpod_firstfit"
    FIRST_FIT_LEAST_CONSUMED = "firstfitleastconsumed"


class CapacityType(StrEnum):
    """The values of `host.capacityType.to.order.clusters`."""

    CPU = "CPU"
    RAM = "RAM"


@dataclass(frozen=True, slots=True)
class Rules:
    """How placement decides; defaults are CloudStack's where it has one.

    Attributes:
        algorithm: a value of `Algorithm`.
        order_clusters_by: a value of `CapacityType`.
        user_dispersion_weight: weight of the account's VMs against the used share when
            clusters are ordered for userdispersing; outside 0..1 it counts as 1.
        expunge_delay_s: how long a destroyed VM keeps its disk and address, >= 0.
        expunge_interval_s: how often the expunger looks, >= 0; 0 is at once when due.
        default_disk_mib: disk of a request that names none, >= 0.
        seed: of the random algorithms, >= 0.

    Raises:
        InvalidParameter: a value is out of its range.
    """

    algorithm: str = Algorithm.RANDOM
    order_clusters_by: str = CapacityType.CPU
    user_dispersion_weight: float = 1.0
    expunge_delay_s: float = DAY_S
    expunge_interval_s: float = DAY_S
    default_disk_mib: int = CENTOS_TEMPLATE_MIB
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse unknown names and values out of range."""
        check_choice("algorithm", self.algorithm, Algorithm)
        check_choice("order_clusters_by", self.order_clusters_by, CapacityType)
        for name in ("expunge_delay_s", "expunge_interval_s", "default_disk_mib", "seed"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                message = f"{name} is {value}; it must be a finite number, 0 or more"
                raise InvalidParameter(message)

    @property
    def weight(self) -> float:
        """The user dispersion weight that counts: 1 when the setting is outside 0..1."""
        asked = self.user_dispersion_weight
        return asked if 0.0 <= asked <= 1.0 else 1.0
