"""Units used everywhere: MiB, MHz and seconds as plain numbers, and how people read them."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024
"""Bytes."""

MIB_PER_GIB: Final = 1024
MIB_PER_TIB: Final = 1024 * 1024

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0
MONTH: Final = 365.25 / 12 * DAY
"""Seconds in a mean month (30.44 days), the unit of growth rates."""


def mib(gib: float) -> int:
    """Return whole MiB in `gib` GiB, rounded to the nearest MiB."""
    return round(gib * MIB_PER_GIB)


def size_text(size_mib: float) -> str:
    """Return a size in MiB as people read it: `512 MiB`, `24 GiB`, `1.5 PiB`."""
    size, unit = float(size_mib), "MiB"
    for larger in ("GiB", "TiB", "PiB"):
        if abs(float(f"{size:.4g}")) < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.4g} {unit}"


def clock_text(seconds: float) -> str:
    """Return a moment or duration in seconds as people read it: `45 s`, `2 h 05 min`, `3 d 4 h`."""
    if float(f"{seconds:.3g}") < MINUTE:
        return f"{seconds:.3g} s"
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02d} min"
    days, rest = divmod(round(seconds / HOUR), 24)
    return f"{days} d {rest} h"
