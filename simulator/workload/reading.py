"""How a file of requests is to be read: its units, its order, its seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import HOUR, MINUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Units(StrEnum):
    """Whether numbers that look like another unit are questioned."""

    QUESTIONED = "questioned"
    AS_WRITTEN = "as-written"


class TimeUnit(StrEnum):
    """What the columns of time count."""

    MICROSECONDS = "us"
    MILLISECONDS = "ms"
    SECONDS = "s"
    MINUTES = "min"
    HOURS = "h"

    @property
    def length_s(self) -> float:
        """Seconds in one of this unit."""
        return {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR}[self.value]

    def seconds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `values` in seconds, rounded once."""
        if self.length_s < 1:
            return values / round(1 / self.length_s)
        return values * self.length_s


class RamUnit(StrEnum):
    """What the column of memory counts."""

    BYTES = "bytes"
    KIB = "kib"
    MIB = "mib"
    GIB = "gib"

    @property
    def size_mib(self) -> float:
        """MiB in one of this unit."""
        return {"bytes": 1024.0**-2, "kib": 1024.0**-1, "mib": 1.0, "gib": 1024.0}[self.value]

    def mib(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `values` in MiB; those converted are rounded to the nearest whole MiB."""
        return values if self is RamUnit.MIB else np.rint(values * self.size_mib)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file.

    Attributes:
        name: what to call the demand.
        seed: of the streams that fill in what the file leaves open, 0 or more.
        sort: put requests in order of arrival, instead of refusing a file out of order.
        units: whether to question numbers that look like another unit.
        time_unit: what arrival and lifetime count.
        ram_unit: what memory counts.
        from_first: count time from the first arrival, instead of from the file's own zero.
    """

    name: str
    seed: int = 0
    sort: bool = False
    units: Units = Units.QUESTIONED
    time_unit: TimeUnit = TimeUnit.SECONDS
    ram_unit: RamUnit = RamUnit.MIB
    from_first: bool = False
