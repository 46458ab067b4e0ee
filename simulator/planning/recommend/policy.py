"""Where hosts are added, one after another: more hosts are always the same ones and some more.

Against refusals each host goes to the cluster that is then under the highest pressure,

    pressure = peak ÷ (disable threshold · (usable and reserved - largest host))

of CPU or of RAM, whichever is higher, with the peaks of the cloud as it is; that is, to where
least may be allocated once the largest host is lost. Of equal clusters the first one in the
design is taken.

Once nothing is refused, hosts go in turn to the clusters that do not survive the loss of a
host, those under the highest pressure first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.stocks import largest_of, limit_of

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
    spare: NDArray[np.int64]
    largest: NDArray[np.int64]
    each: NDArray[np.int64]
    threshold: NDArray[np.float64]

    def pressure(self, added: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return peak ÷ what may be held, after so many hosts were added to every cluster."""
        usable = self.usable + added * self.each
        largest = np.where(added > 0, np.maximum(self.largest, self.each), self.largest)
        room = limit_of(usable + self.spare - largest, self.threshold)
        full = np.where(self.peak > 0, np.inf, 0.0)
        return np.where(room > 0, self.peak / np.maximum(room, 1), full)


def open_clusters(site: Site, offer: HostOffer) -> list[int]:
    """Return the clusters that hosts of `offer` can join."""
    clusters = range(len(site.fleet.cluster_names))
    return [cluster for cluster in clusters if site.takes(cluster, offer)]


def by_pressure(site: Site, base: Trial, offer: HostOffer) -> Iterator[int]:
    """Yield the cluster of the first added host, of the second and so on, without end.

    Args:
        site: the cloud.
        base: what became of the demand without additions.
        offer: what is added; some cluster must take it.
    """
    allowed = np.full(len(site.fleet.cluster_names), -1.0)
    allowed[open_clusters(site, offer)] = np.inf
    loads = _loads(site.fleet, base, offer.kind)
    added = np.zeros(len(allowed), np.int64)
    while True:
        pressure = np.maximum(*(load.pressure(added) for load in loads))
        cluster = int(np.argmax(np.minimum(pressure, allowed)))
        added[cluster] += 1
        yield cluster


def weakest_first(site: Site, trial: Trial, offer: HostOffer) -> list[int]:
    """Return the clusters that fail, those under the highest pressure first.

    Where hosts of `offer` can join none of them, it is all that they can join: VMs that go
    there relieve the others.
    """
    possible = open_clusters(site, offer)
    failing = [cluster for cluster in trial.failing if cluster in possible] or possible
    loads = _loads(trial.fleet, trial, offer.kind)
    none = np.zeros(len(site.fleet.cluster_names), np.int64)
    pressure = np.maximum(*(load.pressure(none) for load in loads))
    return sorted(failing, key=lambda cluster: -pressure[cluster])


def _loads(fleet: Fleet, base: Trial, kind: HostKind) -> tuple[Load, Load]:
    cpu_each = np.floor(kind.cores * kind.mhz * fleet.cpu_factor).astype(np.int64)
    ram_each = np.floor(kind.ram_mib * fleet.ram_factor).astype(np.int64)
    return (
        Load(
            peak=base.peak_cpu,
            usable=fleet.per_cluster(fleet.usable_cpu_mhz),
            spare=fleet.spare_cpu_mhz,
            largest=largest_of(fleet, fleet.usable_cpu_mhz),
            each=cpu_each,
            threshold=fleet.cpu_disable,
        ),
        Load(
            peak=base.peak_ram,
            usable=fleet.per_cluster(fleet.usable_ram_mib),
            spare=fleet.spare_ram_mib,
            largest=largest_of(fleet, fleet.usable_ram_mib),
            each=ram_each,
            threshold=fleet.ram_disable,
        ),
    )
