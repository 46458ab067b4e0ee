"""When a destroyed VM gives back its disk and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def released_at(
    destroyed_s: NDArray[np.float64], delay_s: float, interval_s: float
) -> NDArray[np.float64]:
    """Return when VMs destroyed at `destroyed_s` are expunged.

    The expunger looks at the times k * `interval_s`, k >= 1, and takes every VM that has
    been destroyed for `delay_s` or longer. With an interval of 0 a VM goes as soon as its
    delay is over. Infinite times stay infinite.

    Source: CloudStack's settings expunge.delay and expunge.interval.
    """
    if interval_s == 0:
        return destroyed_s + delay_s
    tick = np.maximum(np.ceil((destroyed_s + delay_s) / interval_s), 1.0)
    with np.errstate(invalid="ignore"):  # infinite ticks compare as nan: neither early nor late
        early = tick * interval_s - destroyed_s < delay_s
        tick[early] += 1.0
        late = (tick > 1.0) & ((tick - 1.0) * interval_s - destroyed_s >= delay_s)
    tick[late] -= 1.0
    return tick * interval_s
