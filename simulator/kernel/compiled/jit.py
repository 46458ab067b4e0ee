"""Numba's compiler with a type, and a cache that notices a change in any of these files."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

from simulator.kernel.tables import Order
from simulator.placements import Reason

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Return `function` as machine code; what calls it takes it in."""
    return cast("F", numba.njit(error_model="numpy", nogil=True)(function))


def compiled_and_kept(function: F) -> F:
    """Return `function` as machine code that later processes load from disk.

    Numba keeps it beside the source, or in the user's cache folder when the package is
    read-only; where neither can be written every process compiles for itself.
    """
    try:
        return cast("F", numba.njit(error_model="numpy", nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no folder to write to
        return compiled(function)


def sources_checksum(folder: Path = Path(__file__).parent) -> int:
    """Return a number that changes with any line of the folder, and with the enumerations.

    Numba compares only the file of the function it keeps. Captured by that function, this
    number becomes part of the key, so that a change in a function it calls counts as well.
    """
    checksum = zlib.crc32(repr([*Order, *Reason]).encode())
    for path in sorted(folder.glob("*.py")):
        checksum = zlib.crc32(path.read_bytes(), checksum)
    return checksum
