"""What is changed in a what-if question, and the fleet that it makes of a fleet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.errors import InvalidParameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change to the cloud and to its demand.

    Attributes:
        growth: by how many per cent a month demand grows, above -100.
        months: how far ahead to look, months of that growth, 0 or more.
        scale: how many times the demand there is today, more than 0.
        cpu_overcommit: CPU over-provisioning of every cluster; None: as it is.
        ram_overcommit: RAM over-provisioning of every cluster; None: as it is.
        hosts_per_cluster: hosts in every cluster, 1 or more; None: as it is.

    Raises:
        InvalidParameter: a value is out of its range.
    """

    growth: float = 0.0
    months: float = 0.0
    scale: float = 1.0
    cpu_overcommit: float | None = None
    ram_overcommit: float | None = None
    hosts_per_cluster: int | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        _at_least("months", self.months, 0)
        for name in ("cpu_overcommit", "ram_overcommit", "hosts_per_cluster"):
            value = getattr(self, name)
            _at_least(name, 1 if value is None else value, 1)
        if not (-100 < self.growth < math.inf):
            raise InvalidParameter(f"growth is {self.growth}; allowed: above -100 (% a month)")
        if not 0 < self.scale < math.inf:
            raise InvalidParameter(f"scale is {self.scale}; allowed: more than 0")

    @property
    def rate(self) -> float:
        """Growth a month as a fraction."""
        return self.growth / 100

    @property
    def factor(self) -> float:
        """How many times today's demand is asked for: scale, and the growth of `months`."""
        return self.scale * float((1 + self.rate) ** self.months)

    def fleet(self, fleet: Fleet) -> Fleet:
        """Return `fleet` changed: new hosts of a cluster are like its last one."""
        changed = (
            fleet if self.hosts_per_cluster is None else _resized(fleet, self.hosts_per_cluster)
        )
        clusters = len(fleet.cluster_names)
        if self.cpu_overcommit is not None:
            changed = replace(changed, cpu_factor=np.full(clusters, float(self.cpu_overcommit)))
        if self.ram_overcommit is not None:
            changed = replace(changed, ram_factor=np.full(clusters, float(self.ram_overcommit)))
        return changed


def _at_least(name: str, value: float, least: float) -> None:
    if not least <= value < math.inf:
        raise InvalidParameter(f"{name} is {value}; allowed: {least} or more")


def _resized(fleet: Fleet, hosts: int) -> Fleet:
    """Return the fleet with `hosts` hosts in every cluster that has any."""
    rows = _rows(fleet, hosts)
    seen: dict[int, int] = {}
    names = []
    for row in rows.tolist():
        seen[row] = seen.get(row, -1) + 1
        names.append(fleet.host_names[row] + (f"-copy{seen[row]}" if seen[row] else ""))
    return replace(
        fleet,
        host_names=tuple(names),
        host_cluster=fleet.host_cluster[rows],
        host_cores=fleet.host_cores[rows],
        host_mhz=fleet.host_mhz[rows],
        host_ram_mib=fleet.host_ram_mib[rows],
        host_type=tuple(fleet.host_type[row] for row in rows.tolist()),
    )


def _rows(fleet: Fleet, hosts: int) -> NDArray[np.int64]:
    """Return which host every new one is like: the first ones, then copies of the last."""
    start, end = fleet.cluster_start[:-1], fleet.cluster_start[1:]
    present = np.flatnonzero(end > start)
    rows = np.minimum(start[present, None] + np.arange(hosts), end[present, None] - 1)
    return np.asarray(rows.reshape(-1), np.int64)
