"""Hosts of one type that suffice, as few as can be found.

First the fewest with which nothing is refused that hosts could hold, in the order in which
`policy` adds them: the number grows by 1, 2, 4 ... until it suffices, and the gap to the last
that did not is halved. It begins with the fewest that can suffice by sums: those that lift what
may be allocated in the whole cloud to the peak of what is asked for. Then every cluster that
does not survive the loss of a host gets 1, 2, 4 ... more until it does; where `ha.tag` is set
they are spare hosts. At last hosts are taken away again, from one cluster after another as many
as can go, until none can. So the answer suffices and with one host less, taken from any
cluster, something fails: both by simulation.

If sums do not say that fewer cannot do, one host less is tried in every other distribution over
the clusters while those are few, else with two hosts exchanged for one elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.planning.places import cluster_place
from simulator.planning.recommend.choice import (
    MOST_DISTRIBUTIONS,
    Choice,
    Slot,
    with_one_less,
    without,
)
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.policy import by_pressure, open_clusters, weakest_first
from simulator.planning.recommend.record import Addition, Recommendation
from simulator.planning.recommend.sums import fewest_by_sums
from simulator.planning.recommend.trial import Trial, tried, with_hosts, with_spares

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.planning.site import HostOffer, Site
    from simulator.workload import Demand

MOST_TIMES: Final = 4
"""The search gives up beyond so many times the hosts there are."""

_AT_LEAST: Final = 64

MOST_REQUESTS: Final = 10_000_000
"""Hosts are taken away while all trials of a type together decide no more requests than that."""


FEW_REQUESTS: Final = 200_000
"""Other distributions are tried while their trials decide no more requests than that."""


class Search:
    """The search for one type, with the trials that were made."""

    def __init__(
        self,
        site: Site,
        demand: Demand,
        base: Trial,
        offer: HostOffer,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.site = site
        self.demand = demand
        self.base = base
        self.offer = offer
        self.stop = stop
        self.holdable = holdable(site, demand, offer)
        self.hopeless = int(np.count_nonzero(~self.holdable))
        refused = len(base.placements) - base.placements.admitted - self.hopeless
        self.trials: dict[Choice, Trial] = {(): replace(base, refused=refused)}
        self.one_less = ""
        """What goes wrong with one host less, or what stands in the way of any number."""
        self._answer: Choice | None = None
        self._is_done = False

    def trial(self, choice: Choice) -> Trial:
        """Return what becomes of the demand with one host more in each slot of `choice`.

        Raises:
            Stopped: somebody asked to stop.
        """
        key = tuple(sorted(choice))
        if key not in self.trials:
            kind, fleet = self.offer.kind, self.site.fleet
            fleet = with_hosts(fleet, [slot.cluster for slot in key if not slot.is_spare], kind)
            fleet = with_spares(fleet, [slot.cluster for slot in key if slot.is_spare], kind)
            site = self.site.with_fleet(fleet)
            self.trials[key] = tried(site, self.demand, self.hopeless, stop=self.stop)
        return self.trials[key]

    def answer(self) -> Choice | None:
        """Return where hosts go that suffice; None when no number does.

        Raises:
            Stopped: somebody asked to stop.
        """
        if not self._is_done:
            self._answer, self._is_done = self._found(), True
        return self._answer

    def recommendation(self) -> Recommendation:
        """Return the advice for this type."""
        choice = self.answer()
        added = () if choice is None else choice
        return Recommendation(
            kind=self.offer.kind,
            hosts=None if choice is None else len(choice),
            additions=tuple(
                Addition(
                    cluster_place(self.site.fleet, slot.cluster), added.count(slot), slot.is_spare
                )
                for slot in sorted(set(added))
            ),
            price_per_month=self.offer.price_per_month,
            currency=self.site.currency,
            price_date=self.site.price_date,
            too_large=self.hopeless,
            one_less=self.one_less,
            runs=len(self.trials),
        )

    def _found(self) -> Choice | None:
        if not open_clusters(self.site, self.offer):
            self.one_less = f"no cluster runs {self.offer.hypervisor}"
            return () if self.trial(()).is_enough else None
        chosen = self._against_refusals()
        if chosen is not None:
            chosen = self._against_failures(chosen)
        return None if chosen is None else self._redistributed(self._trimmed(chosen))

    def _against_refusals(self) -> Choice | None:
        """Return the fewest hosts, in the order of pressure, with which nothing is refused."""
        found: list[Slot] = []
        sequence = by_pressure(self.site, self.base, self.offer)

        def first(hosts: int) -> Choice:
            found.extend(map(Slot, islice(sequence, max(hosts - len(found), 0))))
            return tuple(found[:hosts])

        least = fewest_by_sums(self.site.fleet, self.demand, self.offer, self.holdable)
        failed, step, hosts, most = least - 1, 1, least, least + self._most
        while self.trial(first(hosts)).refused:
            if hosts == most:
                self._give_up(first(most))
                return None
            failed, hosts, step = hosts, min(hosts + step, most), step * 2
        while hosts - failed > 1:
            middle = (hosts + failed) // 2
            if self.trial(first(middle)).refused:
                failed = middle
            else:
                hosts = middle
        return first(hosts)

    def _against_failures(self, chosen: Choice) -> Choice | None:
        """Return `chosen` and more hosts with which every cluster survives the loss of one."""
        is_spare, most = self.site.restarts_on_spares, len(chosen) + self._most
        steps: Counter[int] = Counter()
        while not self.trial(chosen).is_enough:
            if len(chosen) > most:
                self._give_up(chosen)
                return None
            for cluster in weakest_first(self.site, self.trial(chosen), self.offer):
                more = 1 << steps[cluster]
                chosen += (Slot(cluster, is_spare),) * more
                steps[cluster] += 1
        return chosen

    def _trimmed(self, chosen: Choice) -> Choice:
        """Return `chosen` without the hosts that can be spared."""
        before: Choice | None = None
        while before != chosen:
            before = chosen
            for slot in sorted(set(chosen)):
                chosen = self._with_fewest(chosen, slot)
        self.one_less = self._complaint(chosen)
        return chosen

    def _redistributed(self, chosen: Choice) -> Choice:
        """Return fewer hosts in other clusters, where some that suffice are found."""
        least = fewest_by_sums(
            self.site.fleet, self.demand, self.offer, self.holdable, lose_one=True
        )
        kinds = [Slot(cluster) for cluster in open_clusters(self.site, self.offer)]
        if self.site.restarts_on_spares:
            kinds += [Slot(slot.cluster, is_spare=True) for slot in kinds]
        while len(chosen) > least:
            some = islice(with_one_less(chosen, kinds), MOST_DISTRIBUTIONS)
            most = FEW_REQUESTS // max(len(self.demand), 1)
            enough = (each for each in islice(some, most) if self.trial(each).is_enough)
            better = next(enough, None)
            if better is None:
                break
            chosen = self._trimmed(better)
        return chosen

    def _with_fewest(self, chosen: Choice, slot: Slot) -> Choice:
        """Return `chosen` with as few hosts in `slot` as suffice when the others stay."""
        others = tuple(each for each in chosen if each != slot)
        enough, failed = chosen.count(slot), -1
        middle = enough - 1  # as a rule none can go
        while enough - failed > 1 and self._may_try(others + (slot,) * middle):
            if self.trial(others + (slot,) * middle).is_enough:
                enough = middle
            else:
                failed = middle
            middle = (enough + failed) // 2
        return others + (slot,) * enough

    def _may_try(self, choice: Choice) -> bool:
        """Return whether the trial was made, or may still be."""
        decided = len(self.trials) * len(self.demand)
        return tuple(sorted(choice)) in self.trials or decided < MOST_REQUESTS

    @property
    def _most(self) -> int:
        """With so many hosts the search gives up."""
        return max(MOST_TIMES * len(self.site.fleet), _AT_LEAST)

    def _give_up(self, choice: Choice) -> None:
        """Write down what still fails with `choice`, the most that is tried."""
        self.one_less = f"with {len(choice):,}: {self.trial(choice).complaint}"

    def _complaint(self, choice: Choice) -> str:
        """Return what goes wrong with one host less, where that is least."""
        fewer = [tuple(sorted(without(choice, slot))) for slot in sorted(set(choice))]
        tried = [self.trials[each] for each in fewer if each in self.trials]
        if not tried:
            return ""
        best = min(tried, key=lambda trial: (trial.refused, len(trial.failing)))
        untried = "" if len(tried) == len(fewer) else "; not tried in every cluster"
        return f"with {len(choice) - 1:,}: {best.complaint}{untried}"
