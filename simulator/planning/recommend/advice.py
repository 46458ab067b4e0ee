"""All advice: hosts of every type that can be bought, and remedies for the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.recommend.missing import missing
from simulator.planning.recommend.record import Recommendation, Remedy
from simulator.planning.recommend.remedies import administrative, larger_hosts
from simulator.planning.recommend.search import Search
from simulator.planning.recommend.trial import tried, without_other_limits

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
    roomy = site.with_fleet(without_other_limits(site.fleet))
    base = tried(roomy, demand, hopeless=0, fail_hosts=True)
    searches: list[Search] = []
    for offer in site.offers:
        if watch.is_stopped():
            break
        searches.append(Search(roomy, demand, base, offer))
        searches[-1].answer()
        watch.tell(len(searches), len(site.offers))
    remedies = (
        *administrative(traffic.refused),
        *larger_hosts(site, demand, traffic.refused),
        *_other_limits(site, demand, searches, base),
    )
    return Advice(tuple(search.recommendation() for search in searches), remedies)


def _other_limits(
    site: Site, demand: Demand, searches: Sequence[Search], base: Trial
) -> tuple[Remedy, ...]:
    """Return the storage and addresses missing with the best hosts that were found."""
    ways = [(search, hosts) for search in searches if (hosts := search.answer()) is not None]
    if not ways:
        return missing(site.fleet, demand, site.rules, base.placements)
    search, hosts = min(ways, key=lambda way: _rank(way[0], len(way[1])))
    trial = search.trial(hosts)
    return missing(_with_limits(site.fleet, trial.fleet), demand, site.rules, trial.placements)


def _rank(search: Search, hosts: int) -> tuple[int, float, int]:
    """Return a key that is least for the way that leaves fewest refused and then costs least."""
    price = search.offer.price_per_month
    return search.hopeless, np.inf if price is None else hosts * price, hosts


def _with_limits(real: Fleet, hosts: Fleet) -> Fleet:
    """Return the fleet `hosts` with the storage and addresses of `real`."""
    return replace(
        hosts,
        pool_capacity_mib=real.pool_capacity_mib,
        pool_factor=real.pool_factor,
        pool_disable=real.pool_disable,
        address_total=real.address_total,
    )


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
