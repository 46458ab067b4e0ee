"""Which requests some host could hold, were it empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.planning.site import HostOffer, Site
    from simulator.workload import Demand

_Size = tuple[int, int, int, int]
"""Cores, MHz of a core, usable MHz and usable MiB of a host."""


def holdable(site: Site, demand: Demand, offer: HostOffer | None = None) -> NDArray[np.bool_]:
    """Return which requests fit on a host of the fleet, or on one of `offer`, `(requests,)`."""
    sizes = set(_present(site))
    if offer is not None:
        sizes |= set(_offered(site, offer))
    found = np.zeros(len(demand), np.bool_)
    for cores, mhz, cpu_mhz, ram_mib in sorted(sizes):
        speed = np.where(demand.cpu_mhz > 0, demand.cpu_mhz, mhz)
        found |= (
            (demand.vcpu <= cores)
            & (demand.cpu_mhz <= mhz)
            & (demand.vcpu.astype(np.int64) * speed <= cpu_mhz)
            & (demand.ram_mib <= ram_mib)
        )
    return found


def _present(site: Site) -> Iterator[_Size]:
    fleet = site.fleet
    columns = (fleet.host_cores, fleet.host_mhz, fleet.usable_cpu_mhz, fleet.usable_ram_mib)
    return zip(*(column.tolist() for column in columns), strict=True)


def _offered(site: Site, offer: HostOffer) -> Iterator[_Size]:
    kind = offer.kind
    for cluster in range(len(site.fleet.cluster_names)):
        if site.takes(cluster, offer):
            cpu = int(kind.cores * kind.mhz * site.fleet.cpu_factor[cluster])
            ram = int(kind.ram_mib * site.fleet.ram_factor[cluster])
            yield kind.cores, kind.mhz, cpu, ram
