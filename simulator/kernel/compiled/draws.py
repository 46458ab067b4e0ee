"""The draw of `cloudlab.streams`, compiled: the same number for the same address."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.kernel.compiled.jit import compiled

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_ONE: Final = np.uint64(1)
_11: Final = np.uint64(11)
_27: Final = np.uint64(27)
_30: Final = np.uint64(30)
_31: Final = np.uint64(31)


@compiled
def _mix(value: np.uint64) -> np.uint64:
    """Return the finaliser of splitmix64; unsigned numbers wrap round by themselves."""
    value = (value ^ (value >> _30)) * _MIX_1
    value = (value ^ (value >> _27)) * _MIX_2
    return value ^ (value >> _31)


@compiled
def draw(seed: np.uint64, ordinal: int, salt: int) -> float:
    """Return the number in [0, 1) that belongs to this address, 53 bits fine."""
    state = _mix(seed + _GOLDEN)
    state = _mix(state + (np.uint64(ordinal) + _ONE) * _GOLDEN)
    state = _mix(state + (np.uint64(salt) + _ONE) * _GOLDEN)
    return (state >> _11) / 9007199254740992.0
