"""When a cluster would refuse the typical request, for each resource by itself.

The rules are those of placement: a cluster refuses for CPU when the request would lift it over
its disable threshold, or when every host of it is short of CPU; likewise for RAM. It refuses
for storage when no pool it reaches has room, and for addresses when its pool has none left.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Resource
from simulator.planning.exhaustion.flags import Flags
from simulator.planning.steps import groups_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.placements import Usage
    from simulator.planning.exhaustion.typical import Typical
    from simulator.planning.stocks import Stock, Stocks


class Shortage(StrEnum):
    """What runs out: one resource, or any of them, alone or together."""

    CPU = Resource.CPU.value
    RAM = Resource.RAM.value
    STORAGE = Resource.STORAGE.value
    ADDRESS = Resource.ADDRESS.value
    ANY = "any"


def shortages(fleet: Fleet, stocks: Stocks, typical: Typical) -> dict[Shortage, Flags]:
    """Return for every cluster when it refuses `typical`, by what it is short of."""
    clusters = len(fleet.cluster_names)
    cpu, ram = _host_shortages(fleet, stocks, typical)
    over_cpu, over_ram = _over_thresholds(fleet, stocks, typical)
    storage = _storage(fleet, stocks.storage, typical)
    address = _address(fleet, stocks.address)

    def no_host(short: Flags) -> Flags:
        return short.every(fleet.host_cluster, clusters)

    alone = {
        Shortage.CPU: no_host(cpu) | over_cpu,
        Shortage.RAM: no_host(ram) | over_ram,
        Shortage.STORAGE: storage,
        Shortage.ADDRESS: address,
    }
    together = no_host(cpu | ram) | over_cpu | over_ram | storage | address
    return {**alone, Shortage.ANY: together}


def _host_shortages(fleet: Fleet, stocks: Stocks, typical: Typical) -> tuple[Flags, Flags]:
    """Return which hosts are short of CPU, and which of RAM."""
    unfit = ~typical.can_run(fleet)
    need = typical.cpu_on(fleet.host_mhz)
    return (
        _beyond(stocks.host_cpu, np.where(unfit, -1, fleet.usable_cpu_mhz - need)),
        _beyond(stocks.host_ram, fleet.usable_ram_mib - typical.ram_mib),
    )


def _over_thresholds(fleet: Fleet, stocks: Stocks, typical: Typical) -> tuple[Flags, Flags]:
    """Return which clusters the request would lift over their threshold of CPU, and of RAM."""
    need = typical.cpu_on(fleet.first_mhz)
    return (
        _over(stocks.cpu, need),
        _over(stocks.ram, np.full(len(need), typical.ram_mib)),
    )


def _storage(fleet: Fleet, stock: Stock, typical: Typical) -> Flags:
    """Return which clusters reach no pool with room for the disk."""
    usage, disk = stock.usage, typical.disk_mib
    size, pool = fleet.pool_capacity_mib * fleet.pool_factor, groups_of(usage)
    full = _beyond(usage, stock.usable - disk) | Flags.where(
        usage,
        _share(usage.amount + disk, size[pool]) >= stock.threshold[pool],
        _share(np.full(len(size), disk), size) >= stock.threshold,
    )
    own = full.every(fleet.pool_cluster, len(fleet.cluster_names))
    zone_wide = np.where(fleet.pool_cluster < 0, fleet.pool_zone, -1)
    return own & full.every(zone_wide, len(fleet.zone_names)).take(fleet.cluster_zone)


def _address(fleet: Fleet, stock: Stock) -> Flags:
    """Return which clusters have no address left."""
    return _beyond(stock.usage, stock.usable - 1).take(fleet.cluster_address_pool)


def _beyond(usage: Usage, most: NDArray[np.int64]) -> Flags:
    """Return which groups hold more than `most`, `(groups,)`."""
    return Flags.where(usage, usage.amount > most[groups_of(usage)], most < 0)


def _over(stock: Stock, need: NDArray[np.int64]) -> Flags:
    """Return which clusters `need` more would lift over their disable threshold."""
    cluster = groups_of(stock.usage)
    return Flags.where(
        stock.usage,
        _share(stock.usage.amount + need[cluster], stock.counted[cluster])
        > stock.threshold[cluster],
        _share(need, stock.counted) > stock.threshold,
    )


def _share(
    part: NDArray[np.int64], whole: NDArray[np.floating | np.integer]
) -> NDArray[np.float64]:
    """Return part ÷ whole; 0 where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole) > 0, part / whole, 0.0)
