"""The smallest number of hosts of one type that suffices.

The search begins with the fewest that can suffice by sums: those that lift what may be
allocated in the whole cloud to the peak of what is asked for. From there the number grows by
1, 2, 4 ... until it suffices; then the gap to the last that did not is halved. So the answer
suffices and one host less does not, both by simulation (or, for the first number tried, by
sums).

A smaller number still might suffice if the answer did not grow with the number: a placement
that changes can, rarely, refuse with one host more what it admitted with one less.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.places import cluster_place
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.policy import sequence
from simulator.planning.recommend.record import Addition, Recommendation
from simulator.planning.recommend.trial import Trial, tried, with_hosts
from simulator.planning.stocks import limit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.fleet import Fleet
    from simulator.planning.site import HostOffer, Site
    from simulator.workload import Demand

MOST_TIMES: Final = 4
"""The search gives up beyond so many times the hosts there are."""

_AT_LEAST: Final = 64


class Search:
    """The search for one type, with the trials that were made."""

    def __init__(self, site: Site, demand: Demand, base: Trial, offer: HostOffer) -> None:
        self.site = site
        self.demand = demand
        self.offer = offer
        self.holdable = holdable(site, demand, offer)
        self.hopeless = int(np.count_nonzero(~self.holdable))
        refused = len(base.placements) - base.placements.admitted - self.hopeless
        self.trials: dict[int, Trial] = {0: replace(base, refused=refused)}
        self._sequence = sequence(site, base, offer)
        self._clusters: list[int] = []
        self._fewest: int | None = None
        self._is_done = False

    def clusters(self, hosts: int) -> list[int]:
        """Return the clusters that the first `hosts` hosts are added to."""
        self._clusters += islice(self._sequence, max(hosts - len(self._clusters), 0))
        return self._clusters[:hosts]

    def trial(self, hosts: int) -> Trial:
        """Return what becomes of the demand with `hosts` hosts more, tried once."""
        if hosts not in self.trials:
            fleet = with_hosts(self.site.fleet, self.clusters(hosts), self.offer.kind)
            self.trials[hosts] = tried(self.site.with_fleet(fleet), self.demand, self.hopeless)
        return self.trials[hosts]

    def fewest(self) -> int | None:
        """Return the smallest number that suffices; None when none within the bound does."""
        if not self._is_done:
            self._fewest, self._is_done = self._found(), True
        return self._fewest

    def _found(self) -> int | None:
        if not self._has_home():
            return 0 if self.trial(0).is_enough else None
        least = fewest_by_sums(self.site.fleet, self.demand, self.offer, self.holdable)
        most = least + max(MOST_TIMES * len(self.site.fleet), _AT_LEAST)
        failed, step, hosts = least - 1, 1, least
        while not self.trial(hosts).is_enough:
            if hosts == most:
                return None
            failed, hosts, step = hosts, min(hosts + step, most), step * 2
        while hosts - failed > 1:
            middle = (hosts + failed) // 2
            if self.trial(middle).is_enough:
                hosts = middle
            else:
                failed = middle
        return hosts

    def recommendation(self) -> Recommendation:
        """Return the advice for this type."""
        hosts = self.fewest()
        return Recommendation(
            kind=self.offer.kind,
            hosts=hosts,
            additions=self._additions(hosts or 0),
            price_per_month=self.offer.price_per_month,
            currency=self.site.currency,
            price_date=self.site.price_date,
            too_large=self.hopeless,
            one_less=self._one_less(hosts),
            runs=len(self.trials),
        )

    def _has_home(self) -> bool:
        clusters = range(len(self.site.fleet.cluster_names))
        return any(self.site.takes(cluster, self.offer) for cluster in clusters)

    def _additions(self, hosts: int) -> tuple[Addition, ...]:
        clusters = self.clusters(hosts)
        return tuple(
            Addition(cluster_place(self.site.fleet, cluster), clusters.count(cluster))
            for cluster in sorted(set(clusters))
        )

    def _one_less(self, hosts: int | None) -> str:
        if not self._has_home():
            return f"no cluster runs {self.offer.hypervisor}"
        if hosts is None:
            most = max(self.trials)
            return f"with {most:,} hosts more: {self.trials[most].complaint}"
        if not hosts:
            return ""
        if hosts - 1 in self.trials:
            return f"with {hosts - 1:,}: {self.trials[hosts - 1].complaint}"
        return f"with {hosts - 1:,}: less CPU or RAM than is asked for at peak"


def fewest_by_sums(
    fleet: Fleet, demand: Demand, offer: HostOffer, holdable: NDArray[np.bool_]
) -> int:
    """Return how many hosts of `offer` at least are needed for the peak of what hosts can hold.

    What is allocated never exceeds the sum of the limits; so these cannot be too many.
    """
    kind, least = offer.kind, 0
    cpu, ram = _asked_peaks(fleet, demand, offer, np.flatnonzero(holdable))
    for asked, usable, threshold, each in (
        (cpu, fleet.usable_cpu_mhz, fleet.cpu_disable, kind.cores * kind.mhz * fleet.cpu_factor),
        (ram, fleet.usable_ram_mib, fleet.ram_disable, kind.ram_mib * fleet.ram_factor),
    ):
        limit = int(limit_of(fleet.per_cluster(usable), threshold).sum())
        gain = float(np.max(each * np.minimum(threshold, 1.0), initial=0.0)) + 1.0
        least = max(least, math.ceil((asked - limit) / gain))
    return least


def _asked_peaks(
    fleet: Fleet, demand: Demand, offer: HostOffer, rows: NDArray[np.intp]
) -> tuple[int, int]:
    """Return the peaks of CPU (MHz) and RAM (MiB) that the requests at `rows` ask for."""
    slowest = int(fleet.host_mhz.min(initial=offer.kind.mhz))
    speed = np.where(demand.cpu_mhz > 0, demand.cpu_mhz, slowest).astype(np.int64)
    time_s = np.concatenate((demand.departure_s[rows], demand.arrival_s[rows]))
    order = np.argsort(time_s, kind="stable")

    def peak(size: NDArray[np.int64]) -> int:
        change = np.concatenate((-size[rows], size[rows]))
        return int(np.cumsum(change[order]).max(initial=0))

    return peak(demand.vcpu * speed), peak(demand.ram_mib)
