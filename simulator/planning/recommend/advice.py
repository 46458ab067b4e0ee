"""All advice: hosts of every type that can be bought, and remedies for the rest."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.recommend.missing import missing
from simulator.planning.recommend.record import Recommendation, Remedy
from simulator.planning.recommend.remedies import administrative, larger_hosts
from simulator.planning.recommend.search import Search
from simulator.planning.recommend.trial import tried, without_other_limits
from simulator.planning.watch import Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.fleet import Fleet
    from simulator.planning.recommend.trial import Trial
    from simulator.planning.site import HostOffer, Site
    from simulator.planning.survival import Survival
    from simulator.planning.traffic import Traffic
    from simulator.planning.watch import Watch
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class Advice:
    """What to buy: one recommendation for each type, any of which suffices, and remedies."""

    recommendations: tuple[Recommendation, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def best(self) -> Recommendation | None:
        """The recommendation that leaves fewest requests refused, and of those costs least."""
        possible = [each for each in self.recommendations if each.hosts is not None]
        return min(possible, key=_cheapest, default=None)


def advice_of(
    site: Site, demand: Demand, traffic: Traffic, survival: Sequence[Survival], watch: Watch
) -> Advice:
    """Return what removes every refusal and lets every cluster survive the loss of a host.

    Hosts are searched for as if storage and addresses could not run out; what of those is
    missing with the hosts found is a remedy of its own.
    """
    watch.begin("hosts to buy", len(site.offers))
    if watch.is_stopped():
        return Advice()
    if not traffic.refused_total and all(each.is_n_plus_1 for each in survival):
        return Advice(tuple(_nothing_to_buy(site, offer) for offer in site.offers))
    searches: list[Search] = []
    remedies = [
        *administrative(traffic.refused),
        *larger_hosts(site, demand, traffic.refused),
    ]
    with suppress(Stopped):
        base = _searched(site, demand, searches, watch)
        remedies += _other_limits(site, demand, searches, base, watch)
    return Advice(tuple(search.recommendation() for search in searches), tuple(remedies))


def _searched(site: Site, demand: Demand, searches: list[Search], watch: Watch) -> Trial:
    """Fill `searches` with those that came to an end; return the trial without more hosts.

    Raises:
        Stopped: somebody asked to stop.
    """
    roomy = site.with_fleet(without_other_limits(site.fleet))
    base = tried(roomy, demand, hopeless=0, fail_hosts=True, stop=watch.is_stopped)
    for offer in site.offers:
        if watch.is_stopped():
            raise Stopped
        search = Search(roomy, demand, base, offer, watch.is_stopped)
        search.answer()
        searches.append(search)
        watch.tell(len(searches), len(site.offers))
    return base


def _other_limits(
    site: Site, demand: Demand, searches: Sequence[Search], base: Trial, watch: Watch
) -> tuple[Remedy, ...]:
    """Return the storage and addresses missing with the best hosts that were found."""
    ways = [search for search in searches if search.answer() is not None]
    trial = base
    if ways:
        best = min(ways, key=lambda way: _cheapest(way.recommendation()))
        trial = best.trial(best.answer() or ())
    fleet = _with_limits(site.fleet, trial.fleet)
    return missing(fleet, demand, site.rules, trial.placements, watch.is_stopped)


def _with_limits(real: Fleet, hosts: Fleet) -> Fleet:
    """Return the fleet `hosts` with the storage and addresses of `real`."""
    return replace(
        hosts,
        pool_capacity_mib=real.pool_capacity_mib,
        pool_factor=real.pool_factor,
        pool_disable=real.pool_disable,
        address_total=real.address_total,
    )


def _cheapest(each: Recommendation) -> tuple[int, float, int]:
    cost = each.cost_per_month
    return each.too_large, np.inf if cost is None else cost, each.hosts or 0


def _nothing_to_buy(site: Site, offer: HostOffer) -> Recommendation:
    return Recommendation(
        kind=offer.kind,
        hosts=0,
        additions=(),
        price_per_month=offer.price_per_month,
        currency=site.currency,
        price_date=site.price_date,
        too_large=0,
        one_less="",
        runs=0,
    )
