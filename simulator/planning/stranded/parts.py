"""What is free at peak, divided: shares of the free CPU and RAM of a cluster.

The measure is how many VMs of the typical size could still be placed. On every host

    places = min(free CPU // CPU of a VM, free RAM // RAM of a VM)

The free CPU of a host is then its places times the CPU of a VM, and a rest. Of the rest, whole
VMs' worth is stranded because the host's RAM is out, and what is left over is a fragment,
smaller than a VM. RAM is divided likewise. The places of the cluster are then cut down, see
`simulator.planning.stranded.cuts`. So the parts of CPU, and those of RAM, add up to exactly
what is free.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from simulator.placements import Resource
from simulator.planning.places import cluster_place
from simulator.planning.stocks import UNITS
from simulator.planning.stranded.cuts import places_left
from simulator.planning.stranded.moment import Moment, peak_of
from simulator.planning.stranded.record import Stranded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.planning.exhaustion import Typical
    from simulator.planning.site import Site
    from simulator.planning.stocks import Stocks


def stranded_of(site: Site, stocks: Stocks, typical: Typical) -> tuple[Stranded, ...]:
    """Return the stranded CPU and RAM of every cluster at its peak."""
    return tuple(
        part
        for cluster in range(len(site.fleet.cluster_names))
        for part in _parts(peak_of(site, stocks, typical, cluster))
    )


def _parts(peak: Moment) -> Iterator[Stranded]:
    """Yield what is free of CPU and of RAM, divided by cause."""
    fits = peak.fits()
    places = np.minimum(*fits)
    left = places_left(peak, places)
    for resource, free, size, alone in zip(
        (Resource.CPU, Resource.RAM), peak.free, peak.size, fits, strict=True
    ):
        edges = [int(_first(places, count) @ size) for count in left]
        cuts = [before - after for before, after in pairwise(edges)]
        other = int((alone - places) @ size)
        yield Stranded(
            place=cluster_place(peak.site.fleet, peak.cluster),
            resource=resource,
            unit=UNITS[resource],
            at_s=peak.at_s,
            free=int(free.sum()),
            other_resource=other,
            fragments=int(free.sum()) - other - edges[0],
            storage=cuts[0],
            addresses=cuts[1],
            threshold=cuts[2],
            reserve=cuts[3],
            placeable=edges[-1],
        )


def _first(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the first `count` places, counted over the hosts in index order, `(hosts,)`."""
    before = np.cumsum(places) - places
    return np.asarray(np.clip(count - before, 0, places))
