"""Named streams of chance: the only place where randomness enters.

A `stream` is a generator of its own for one purpose, so that asking one question more
often never changes the answer to another. A `draw` is a single number that depends on
nothing but its address, so that two engines that meet requests in a different way still
make the same random choice for the same request.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIX_1: Final = 0xBF58476D1CE4E5B9
_MIX_2: Final = 0x94D049BB133111EB


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of stream `name` under `seed`, the same on every machine."""
    import numpy as np  # noqa: PLC0415  (numpy is not needed to import the errors and units)

    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def lot(seed: int, name: str, ordinal: int) -> int:
    """Return 32 random bits that belong to this address: coarser than `draw`, and ten times faster.

    Args:
        seed: the seed of the run, >= 0.
        name: what is drawn.
        ordinal: which one, counted from 0.
    """
    return zlib.crc32(b"%d/%s/%d" % (seed, name.encode(), ordinal))


def _mix(value: int) -> int:
    """Return the 64-bit finaliser of splitmix64.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
    OOPSLA 2014.
    """
    value = ((value ^ (value >> 30)) * _MIX_1) & _MASK
    value = ((value ^ (value >> 27)) * _MIX_2) & _MASK
    return value ^ (value >> 31)


def draw(seed: int, ordinal: int, salt: int) -> float:
    """Return the number in [0, 1) that belongs to this address, 53 bits fine.

    Args:
        seed: the seed of the run, >= 0.
        ordinal: which request asks, counted from 0.
        salt: which of the request's questions this is.
    """
    state = _mix((seed + _GOLDEN) & _MASK)
    state = _mix((state + (ordinal + 1) * _GOLDEN) & _MASK)
    state = _mix((state + (salt + 1) * _GOLDEN) & _MASK)
    return (state >> 11) / 9007199254740992.0
