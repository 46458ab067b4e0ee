"""Doubts: numbers that are allowed, but look as if they counted something else.

Every doubt names the figure that looks wrong, what it would be in another unit, and the two
ways on: name that unit, or say that the numbers are right as written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import DAY, clock_text, size_text
from simulator.workload.reading import RamUnit, TimeUnit

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEAR: Final = 365.25 * DAY
LONGEST_SPAN_S: Final = 2 * YEAR
"""A trace of requests longer than this is questioned: 18 hours in milliseconds look like it."""

COARSE_SPAN_S: Final = 30 * DAY
COARSE_REQUESTS: Final = 20
"""At least so many times over at least such a span, all multiples of 1000, are questioned."""

LEAST_RAM: Final = 32.0
MOST_RAM: Final = 200_000.0
"""MiB of memory for each vCPU, in the median, between which nothing is questioned. Clouds
sell 512 to 32,768; in GiB that is 0.5 to 32, in KiB 524,288 and more."""

MOST_DISK_GIB: Final = 4096.0
"""A median root disk above this many GiB is questioned: 4 GiB in MiB look like it."""

LEAST_MHZ: Final = 100.0
"""Speeds that are all below this many MHz are questioned: GHz look like it."""

AS_WRITTEN: Final = 'if the numbers are right, say units="as-written" (--trust-units)'


def about_time(
    arrival_s: NDArray[np.float64], lifetime_s: NDArray[np.float64], unit: TimeUnit
) -> str | None:
    """Return why arrivals (seconds, read as `unit`) and lifetimes look wrong, None if not."""
    first_s, span_s = float(arrival_s.min()), float(np.ptp(arrival_s))
    if span_s > LONGEST_SPAN_S:
        return _too_long("arrivals span", span_s, unit)
    if first_s > LONGEST_SPAN_S:
        return _starts_late(first_s)
    lives = lifetime_s[np.isfinite(lifetime_s)]
    if len(lives) and np.median(lives) > LONGEST_SPAN_S and len(np.unique(lives)) > 10:
        return _too_long("half of the VMs live longer than", float(np.median(lives)), unit)
    times = np.concatenate((arrival_s, lives))
    coarse = span_s > COARSE_SPAN_S and len(arrival_s) >= COARSE_REQUESTS
    if unit is TimeUnit.SECONDS and coarse and not (times % 1000).any():
        return (
            f"every arrival and lifetime is a multiple of 1000, as seconds written in "
            f"milliseconds are (a span of {clock_text(span_s)}, or of "
            f"{clock_text(span_s / 1000)} in milliseconds); "
            f'for those, say time_unit="ms" (--time-unit ms)'
        )
    return None


def about_ram(ram_mib: NDArray[np.float64], vcpu: NDArray[np.float64], unit: RamUnit) -> str | None:
    """Return why memory (MiB, read as `unit`) looks wrong beside the vCPUs, None if not."""
    each = float(np.median(ram_mib / np.maximum(vcpu, 1)))
    if LEAST_RAM < each < MOST_RAM:
        return None
    doubt = f"half of the VMs have {'at most' if each <= LEAST_RAM else 'at least'} "
    doubt += f"{size_text(each)} of RAM for each vCPU, read as {unit}"
    for other in RamUnit:
        fair = each / unit.size_mib * other.size_mib
        if LEAST_RAM < fair < MOST_RAM:
            doubt += f", {size_text(fair)} read as {other}: "
            doubt += f'say ram_unit="{other}" (--ram-unit {other})'
    return doubt


def about_disk(disk_gib: NDArray[np.float64]) -> str | None:
    """Return why the disks that are given look wrong, None if they do not."""
    if not len(disk_gib) or np.median(disk_gib) <= MOST_DISK_GIB:
        return None
    return (
        f"half of the disks have at least {size_text(float(np.median(disk_gib)) * 1024)}; "
        f"the column counts GiB: divide MiB by 1024"
    )


def about_speed(cpu_mhz: NDArray[np.float64]) -> str | None:
    """Return why the speeds that are given look wrong, None if they do not."""
    if not len(cpu_mhz) or cpu_mhz.max() >= LEAST_MHZ:
        return None
    return (
        f"no vCPU has more than {cpu_mhz.max():g} MHz; the column counts MHz: write 2.4 GHz as 2400"
    )


def _too_long(what: str, seconds: float, unit: TimeUnit) -> str:
    """Return the doubt about a time that is too long, with the finer units that would do."""
    doubt = f"{what} {seconds / YEAR:.1f} years, read as {unit}"
    for other in (TimeUnit.MILLISECONDS, TimeUnit.MICROSECONDS):
        fair_s = seconds / unit.length_s * other.length_s
        if fair_s <= LONGEST_SPAN_S:
            doubt += f", {clock_text(fair_s)} read as {other}: "
            doubt += f'say time_unit="{other}" (--time-unit {other})'
            break
    return doubt


def _starts_late(first_s: float) -> str:
    """Return the doubt about a first arrival long after time 0."""
    doubt = f"the first request arrives {first_s / YEAR:,.1f} years after time 0, as "
    if first_s > 1000 * YEAR:
        doubt += 'a date in milliseconds does: say time_unit="ms" (--time-unit ms), and '
    else:
        doubt += "a calendar date in seconds does: "
    return f"{doubt}say from_first=True (--from-first) to count from the first arrival"
