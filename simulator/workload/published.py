"""Published figures of a public cloud's demand, as laws that can be drawn from.

Source: the Azure VM trace of 2017 (Cortez et al., SOSP 2017; AzurePublicDataset V1, CC BY 4.0),
669,435 VMs of a first-party subset over nine days: shares, means and quantiles computed from
it; shapes fitted to it. `tests/workload/test_generator_moments.py` compares the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import DAY, HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Lognormal:
    """One kind of lifetime: its share of the VMs, its median in seconds, its width.

    Attributes:
        share: share of the batches, 0 to 1.
        median_s: half of this kind live shorter.
        sigma: standard deviation of the logarithm.
    """

    share: float
    median_s: float
    sigma: float

    @property
    def mean_s(self) -> float:
        """Mean lifetime of this kind, seconds."""
        return self.median_s * math.exp(self.sigma**2 / 2)


@dataclass(frozen=True, slots=True)
class Law:
    """How requests come about; `AZURE` holds the published figures.

    Attributes:
        sizes: share of the VMs of each size, as (vcpu, ram_mib): share; they sum to 1.
        batch_exponent: a batch of k VMs has a chance proportional to k ** -batch_exponent ...
        largest_batch: ... up to this many (a bounded Zipf law: most batches hold one VM, a few
            hold hundreds).
        lifetimes: the kinds of lifetime. The VMs of a batch share a kind and a size.
        day_swing: the hourly rate swings by this share of its mean over a day ...
        busiest_hour: ... and is largest at this hour of the day, 0 to 24.
        weekend: the rate on days 6 and 7 of each week, as a share of that on the others.
    """

    sizes: dict[tuple[int, int], float]
    batch_exponent: float
    largest_batch: int
    lifetimes: tuple[Lognormal, ...]
    day_swing: float
    busiest_hour: float
    weekend: float

    def batch_chances(self) -> NDArray[np.float64]:
        """Return the chance of a batch of 1, 2 ... VMs, (largest_batch,)."""
        weights = np.arange(1, self.largest_batch + 1, dtype=np.float64) ** -self.batch_exponent
        chances: NDArray[np.float64] = weights / weights.sum()
        return chances

    @property
    def batch_mean(self) -> float:
        """Mean number of VMs in a batch."""
        return float(np.dot(self.batch_chances(), np.arange(1, self.largest_batch + 1)))

    @property
    def lifetime_mean_s(self) -> float:
        """Mean lifetime, seconds."""
        return sum(kind.share * kind.mean_s for kind in self.lifetimes)

    def rate(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rate of batches at each time beside that of a mean weekday hour.

        Time 0 is a Monday at midnight.
        """
        hour = time_s % DAY / HOUR
        shape = 1 + self.day_swing * np.cos(2 * np.pi * (hour - self.busiest_hour) / 24)
        return np.where(time_s % (7 * DAY) < 5 * DAY, shape, self.weekend * shape)


AZURE_ARRIVALS_PER_HOUR: Final = 3046.0
"""VMs an hour in the Azure trace."""

AZURE: Final = Law(
    sizes={
        (1, 1792): 0.5676,
        (2, 3584): 0.1954,
        (4, 7168): 0.1009,
        (8, 14_336): 0.0946,
        (8, 57_344): 0.0246,
        (1, 768): 0.0160,
        (2, 14_336): 0.0003,
        (2, 16_384): 0.0002,
        (4, 28_672): 0.0002,
        (1, 2048): 0.0001,
        (2, 4096): 0.0001,
    },
    batch_exponent=1.91,
    largest_batch=400,
    lifetimes=(
        Lognormal(share=0.68, median_s=1160.0, sigma=0.75),
        Lognormal(share=0.29, median_s=22_300.0, sigma=1.2),
        Lognormal(share=0.03, median_s=864_000.0, sigma=0.6),
    ),
    day_swing=0.4,
    busiest_hour=13.8,
    weekend=0.87,
)
"""A public cloud in 2017: 57 % of the VMs are small, batches hold 4.9 on average, a third of the
VMs end within 20 minutes, half within 30, one in ten lives longer than 13 hours."""
