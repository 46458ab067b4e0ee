"""Names in a file of requests: who is asked for, and who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.workload.demand import ONE_TENANT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.workload.table import Table


def ids_of(
    table: Table, ids: NDArray[np.generic], order: NDArray[np.intp]
) -> tuple[str, ...] | None:
    """Return the names of the requests in order of arrival; None if they are 0, 1, 2 ..."""
    names: list[str] = ids[order].tolist()
    if names == list(map(str, range(len(names)))):
        return None
    if len(set(names)) < len(names) or "" in names:
        seen: dict[str, int] = {}
        for row, name in enumerate(ids.tolist()):
            if not name:
                raise table.refusal(row, "id", "but must not be", "name every request")
            if name in seen:
                first = table.line(seen[name])
                raise table.refusal(
                    row, "id", f"like line {first}", "give every request a name of its own"
                )
            seen[name] = row
    return tuple(names)


def tenants_of(
    names: NDArray[np.generic] | None, length: int
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return the code of each request's tenant, and the names in order of appearance."""
    if names is None:
        return np.zeros(length, dtype=np.int32), ONE_TENANT
    told = [name or ONE_TENANT[0] for name in names.tolist()]
    codes = {name: code for code, name in enumerate(dict.fromkeys(told))}
    return np.fromiter(map(codes.__getitem__, told), np.int32, length), tuple(codes)
