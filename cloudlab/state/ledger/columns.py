"""Columns that grow: one number a row, with room behind the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_ROOM: Final = 16


def column() -> NDArray[np.int64]:
    """Return a column of no rows."""
    return np.zeros(0, dtype=np.int64)


def grown(old: NDArray[Any], size: int) -> NDArray[Any]:
    """Return `old` as a view of `size` rows, new ones 0; the room doubles when it is full."""
    base = old.base if isinstance(old.base, np.ndarray) else old
    if len(base) < size:
        larger = np.zeros(max(_LEAST_ROOM, 2 * size), dtype=old.dtype)
        larger[: len(old)] = old
        base = larger
    return base[:size]
