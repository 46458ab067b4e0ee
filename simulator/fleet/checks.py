"""What makes a fleet's columns fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulator.fleet.columns import Fleet

_COLUMNS: Final = {
    "pod": ("pod_zone",),
    "cluster": (
        "cluster_pod",
        "cpu_factor",
        "ram_factor",
        "cpu_disable",
        "ram_disable",
        "cluster_address_pool",
    ),
    "host": ("host_cluster", "host_cores", "host_mhz", "host_ram_mib", "host_type"),
    "pool": ("pool_cluster", "pool_zone", "pool_capacity_mib", "pool_factor", "pool_disable"),
    "address_pool": ("address_total",),
}
_LINKS: Final = (
    ("pod_zone", "zone_names", 0),
    ("cluster_pod", "pod_names", 0),
    ("cluster_address_pool", "address_pool_names", 0),
    ("host_cluster", "cluster_names", 0),
    ("pool_cluster", "cluster_names", -1),
    ("pool_zone", "zone_names", 0),
)
_AT_LEAST_ONE: Final = ("host_cores", "host_mhz", "host_ram_mib")
_NOT_NEGATIVE: Final = ("pool_capacity_mib", "address_total")
_POSITIVE: Final = ("cpu_factor", "ram_factor", "pool_factor")
_THRESHOLDS: Final = ("cpu_disable", "ram_disable", "pool_disable")


def check_fleet(fleet: Fleet) -> None:
    """Raise `InvalidParameter` when the columns of `fleet` contradict each other."""
    for noun, columns in _COLUMNS.items():
        names: tuple[str, ...] = getattr(fleet, f"{noun}_names")
        for column in columns:
            _check_length(column, getattr(fleet, column), len(names), noun)
    for column, names_of, lowest in _LINKS:
        count = len(getattr(fleet, names_of))
        _check_range(fleet, column, lowest, count - 1)
    for column in _AT_LEAST_ONE:
        _check_range(fleet, column, 1, np.inf)
    for column in _NOT_NEGATIVE + _THRESHOLDS:
        _check_range(fleet, column, 0, np.inf)
    for column in _POSITIVE:
        _check_range(fleet, column, np.nextafter(0.0, 1.0), np.finfo(np.float64).max)
    _check_spares(fleet)
    if np.any(np.diff(fleet.host_cluster) < 0):
        message = "host_cluster must not decrease: list the hosts of one cluster together"
        raise InvalidParameter(message)


def _check_spares(fleet: Fleet) -> None:
    highest = len(fleet.cluster_names) - 1
    for spare in fleet.spares:
        if not 0 <= spare.cluster <= highest:
            message = f"spare {spare.name} is in cluster {spare.cluster}; allowed: 0 .. {highest}"
            raise InvalidParameter(message)


def _check_length(column: str, values: Sequence[object], count: int, noun: str) -> None:
    if len(values) != count:
        message = f"{column} has {len(values)} values for {count} {noun} names; give one for each"
        raise InvalidParameter(message)


def _check_range(fleet: Fleet, column: str, lowest: float, highest: float) -> None:
    values: NDArray[np.float64] = getattr(fleet, column)
    wrong = np.flatnonzero(~((values >= lowest) & (values <= highest)))
    if len(wrong):
        index = int(wrong[0])
        message = f"{column}[{index}] is {values[index]}; it must lie in {lowest} .. {highest}"
        raise InvalidParameter(message)
