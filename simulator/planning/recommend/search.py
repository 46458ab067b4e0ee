"""The smallest number of hosts of one type that suffices.

First the fewest with which nothing is refused that hosts could hold; then the fewest beside
them with which every cluster survives the loss of a host; `policy` says where they go. Each
search grows the number by 1, 2, 4 ... until it suffices, and halves the gap to the last that
did not. The first begins with the fewest that can suffice by sums: those that lift what may be
allocated in the whole cloud to the peak of what is asked for. So the answer suffices and one
host less does not, both by simulation (or, for the first number tried, by sums).

A smaller number still might suffice if the answer did not grow with the number: a placement
that changes can, rarely, refuse with one host more what it admitted with one less.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.places import cluster_place
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.policy import by_pressure, open_clusters, weakest_first
from simulator.planning.recommend.record import Addition, Recommendation
from simulator.planning.recommend.sums import fewest_by_sums
from simulator.planning.recommend.trial import Trial, tried, with_hosts

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.planning.site import HostOffer, Site
    from simulator.workload import Demand

MOST_TIMES: Final = 4
"""The search gives up beyond so many times the hosts there are."""

ROUNDS: Final = 5
"""So often clusters that fail only now are added to those that get hosts."""

_AT_LEAST: Final = 64

Clusters = tuple[int, ...]
"""The cluster of every added host."""


class Search:
    """The search for one type, with the trials that were made."""

    def __init__(self, site: Site, demand: Demand, base: Trial, offer: HostOffer) -> None:
        self.site = site
        self.demand = demand
        self.base = base
        self.offer = offer
        self.holdable = holdable(site, demand, offer)
        self.hopeless = int(np.count_nonzero(~self.holdable))
        refused = len(base.placements) - base.placements.admitted - self.hopeless
        self.trials: dict[Clusters, Trial] = {(): replace(base, refused=refused)}
        self.one_less = ""
        """What goes wrong with one host less, or what stands in the way of any number."""
        self._answer: Clusters | None = None
        self._is_done = False

    def trial(self, clusters: Clusters) -> Trial:
        """Return what becomes of the demand with one host more in each of `clusters`."""
        key = tuple(sorted(clusters))
        if key not in self.trials:
            fleet = with_hosts(self.site.fleet, key, self.offer.kind)
            self.trials[key] = tried(self.site.with_fleet(fleet), self.demand, self.hopeless)
        return self.trials[key]

    def answer(self) -> Clusters | None:
        """Return where the fewest hosts go that suffice; None when no number does."""
        if not self._is_done:
            self._answer, self._is_done = self._found(), True
        return self._answer

    def recommendation(self) -> Recommendation:
        """Return the advice for this type."""
        clusters = self.answer()
        added = () if clusters is None else clusters
        return Recommendation(
            kind=self.offer.kind,
            hosts=None if clusters is None else len(clusters),
            additions=tuple(
                Addition(cluster_place(self.site.fleet, cluster), added.count(cluster))
                for cluster in sorted(set(added))
            ),
            price_per_month=self.offer.price_per_month,
            currency=self.site.currency,
            price_date=self.site.price_date,
            too_large=self.hopeless,
            one_less=self.one_less,
            runs=len(self.trials),
        )

    def _found(self) -> Clusters | None:
        if not open_clusters(self.site, self.offer):
            self.one_less = f"no cluster runs {self.offer.hypervisor}"
            return () if self.trial(()).is_enough else None
        chosen = self._against_refusals()
        weak: list[int] = []
        for _ in range(ROUNDS):
            if chosen is None or self.trial(chosen).is_enough:
                break
            failing = weakest_first(self.site, self.trial(chosen), self.offer)
            weak += [cluster for cluster in failing if cluster not in weak]
            chosen = self._against_failures(chosen, weak)
        return chosen

    def _against_refusals(self) -> Clusters | None:
        """Return the fewest hosts with which nothing is refused."""
        found: list[int] = []
        sequence = by_pressure(self.site, self.base, self.offer)

        def first(hosts: int) -> Clusters:
            found.extend(islice(sequence, max(hosts - len(found), 0)))
            return tuple(found[:hosts])

        least = fewest_by_sums(self.site.fleet, self.demand, self.offer, self.holdable)
        return self._fewest(first, lambda trial: not trial.refused, least)

    def _against_failures(self, chosen: Clusters, weak: list[int]) -> Clusters | None:
        """Return `chosen` and the fewest hosts with which the clusters `weak` survive a loss."""

        def first(hosts: int) -> Clusters:
            return chosen + tuple(islice(cycle(weak), hosts))

        def holds(trial: Trial) -> bool:
            return not trial.refused and not set(weak) & set(trial.failing)

        return self._fewest(first, holds, 1)

    def _fewest(
        self, first: Callable[[int], Clusters], holds: Callable[[Trial], bool], least: int
    ) -> Clusters | None:
        """Return the shortest `first(n)`, n >= `least`, for which `holds`; None beyond a bound."""
        most = least + max(MOST_TIMES * len(self.site.fleet), _AT_LEAST)
        failed, step, hosts = least - 1, 1, least
        while not holds(self.trial(first(hosts))):
            if hosts == most:
                self.one_less = self._with(first(most))
                return None
            failed, hosts, step = hosts, min(hosts + step, most), step * 2
        while hosts - failed > 1:
            middle = (hosts + failed) // 2
            if holds(self.trial(first(middle))):
                hosts = middle
            else:
                failed = middle
        self.one_less = self._with(first(hosts - 1)) if hosts else ""
        return first(hosts)

    def _with(self, clusters: Clusters) -> str:
        """Return in words what goes wrong with hosts in `clusters`."""
        trial = self.trials.get(tuple(sorted(clusters)))
        why = trial.complaint if trial else "less CPU or RAM than is asked for at peak"
        return f"with {len(clusters):,}: {why}"
