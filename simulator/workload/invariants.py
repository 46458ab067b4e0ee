"""What the columns of a demand promise, and the check that they keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from simulator.workload.demand import Demand

COLUMNS: Final[Mapping[str, DTypeLike]] = {
    "arrival_s": np.float64,
    "lifetime_s": np.float64,
    "vcpu": np.int32,
    "ram_mib": np.int64,
    "disk_mib": np.int64,
    "cpu_mhz": np.int32,
    "tenant": np.int32,
}
"""The columns that are arrays, with their types."""

LATEST_ARRIVAL_S: Final = 1e10
"""The largest arrival time, 317 years."""

SHORTEST_LIFETIME_S: Final = 1e-3
"""The smallest lifetime. Below the latest arrival it always makes the departure a later number."""


def column_of(demand: str, column: str, values: ArrayLike, dtype: DTypeLike) -> NDArray[np.generic]:
    """Return `values` as an array of `dtype` that holds exactly the same numbers.

    Raises:
        InvalidParameter: if a number would change, as 2.5 or 3e9 would in an int32 column.
    """
    given = np.asarray(values)
    with np.errstate(invalid="ignore"):  # NaN into an integer column is found just below
        typed = np.ascontiguousarray(given, dtype=dtype)
    changed = (typed != given) & ~np.isnan(given)
    if np.issubdtype(dtype, np.integer):
        changed = typed != given
    if changed.any():
        row = int(np.argmax(changed))
        raise InvalidParameter(
            f"demand {demand!r}: {column} of request {row} is {given[row]}; "
            f"allowed: numbers that {np.dtype(dtype).name} holds exactly"
        )
    return typed


def check_demand(demand: Demand) -> None:
    """Refuse columns that break a promise of `Demand`.

    Raises:
        InvalidParameter: names the column, the first request in question and what is allowed.
    """
    lengths = {column: np.shape(getattr(demand, column)) for column in COLUMNS}
    if demand.ids is not None:
        lengths["ids"] = (len(demand.ids),)
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{column} {shape}" for column, shape in lengths.items())
        raise InvalidParameter(f"demand {demand.name!r}: columns differ in length: {told}")
    for column, good, allowed in _promises(demand):
        if not good.all():
            row = int(np.argmin(good))
            raise InvalidParameter(
                f"demand {demand.name!r}: {column} of request {demand.id_of(row)} is "
                f"{getattr(demand, column)[row]}; allowed: {allowed}"
            )


def _promises(demand: Demand) -> Iterator[tuple[str, NDArray[np.bool_], str]]:
    """Yield each promise as a column, which of its rows keep it, and what is allowed."""
    arrival_s, tenants = demand.arrival_s, len(demand.tenant_names)
    in_range = (arrival_s >= 0) & (arrival_s <= LATEST_ARRIVAL_S)
    yield "arrival_s", in_range, f"0 to {LATEST_ARRIVAL_S:.0e}"
    in_order = np.diff(arrival_s, prepend=arrival_s[:1]) >= 0
    yield "arrival_s", in_order, "nothing earlier than the request before"
    long_enough = demand.lifetime_s >= SHORTEST_LIFETIME_S
    yield "lifetime_s", long_enough, f"{SHORTEST_LIFETIME_S} or more; inf for a VM that lives on"
    yield "vcpu", demand.vcpu >= 1, "1 or more"
    yield "ram_mib", demand.ram_mib >= 1, "1 or more"
    yield "disk_mib", demand.disk_mib >= -1, "0 or more; -1 where no disk is named"
    yield "cpu_mhz", demand.cpu_mhz >= 0, "1 or more; 0 for the speed of the host"
    known = (demand.tenant >= 0) & (demand.tenant < tenants)
    yield "tenant", known, f"0 to {tenants - 1}, an index of tenant_names"
