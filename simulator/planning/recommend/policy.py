"""Where hosts are added, one after another: n hosts are always the first n of one sequence.

The first go to the clusters that do not survive the loss of a host, one to each, the fullest
first. Each of the others goes to the cluster that is then under the highest pressure:

    pressure = peak ÷ min(disable threshold · usable, usable - largest host)

of CPU or of RAM, whichever is higher, with the peaks of the cloud as it is; that is, to where
requests are refused first or the loss of the largest host weighs most. Of equal clusters the
first one in the design is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.stocks import limit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulator.fleet import Fleet, HostKind
    from simulator.planning.recommend.trial import Trial
    from simulator.planning.site import HostOffer, Site


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """One resource of every cluster while hosts are added, `(clusters,)` each."""

    peak: NDArray[np.int64]
    usable: NDArray[np.int64]
    largest: NDArray[np.int64]
    each: NDArray[np.int64]
    threshold: NDArray[np.float64]

    def pressure(self, added: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return peak ÷ what may be held, after so many hosts were added to every cluster."""
        usable = self.usable + added * self.each
        largest = np.where(added > 0, np.maximum(self.largest, self.each), self.largest)
        room = np.minimum(limit_of(usable, self.threshold), usable - largest)
        return np.where(room > 0, self.peak / np.maximum(room, 1), np.inf)


def sequence(site: Site, base: Trial, offer: HostOffer) -> Iterator[int]:
    """Yield the cluster of the first added host, of the second and so on, without end.

    Args:
        site: the cloud.
        base: what became of the demand without additions.
        offer: what is added.
    """
    open_to = np.array([site.takes(c, offer) for c in range(len(site.fleet.cluster_names))])
    loads = _loads(site.fleet, base, offer.kind)
    added = np.zeros(len(open_to), np.int64)
    failing = {cluster for cluster in base.failing if open_to[cluster]}
    while True:
        pressure = np.maximum(*(load.pressure(added) for load in loads))
        first = np.array([cluster in failing for cluster in range(len(open_to))])
        urgent = open_to & first if failing else open_to
        cluster = int(np.argmax(np.where(urgent, pressure, -1.0)))
        failing.discard(cluster)
        added[cluster] += 1
        yield cluster


def _loads(fleet: Fleet, base: Trial, kind: HostKind) -> tuple[Load, Load]:
    cpu_each = np.floor(kind.cores * kind.mhz * fleet.cpu_factor).astype(np.int64)
    ram_each = np.floor(kind.ram_mib * fleet.ram_factor).astype(np.int64)
    return (
        _load(fleet, base.peak_cpu, fleet.usable_cpu_mhz, cpu_each, fleet.cpu_disable),
        _load(fleet, base.peak_ram, fleet.usable_ram_mib, ram_each, fleet.ram_disable),
    )


def _load(
    fleet: Fleet,
    peak: NDArray[np.int64],
    usable: NDArray[np.int64],
    each: NDArray[np.int64],
    threshold: NDArray[np.float64],
) -> Load:
    largest = np.zeros(len(fleet.cluster_names), np.int64)
    np.maximum.at(largest, fleet.host_cluster, usable)
    return Load(peak, fleet.per_cluster(usable), largest, each, threshold)
