"""Survival of every cluster, at the moment that leaves least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.planning.places import cluster_place
from simulator.planning.survival.largest import Halving
from simulator.planning.survival.packable import most_packable
from simulator.planning.survival.record import Proof, Survival
from simulator.planning.survival.scene import scene_of
from simulator.planning.survival.worst import worst_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.placements import Placements
    from simulator.planning.site import Site
    from simulator.planning.stocks import Stocks
    from simulator.planning.watch import Watch
    from simulator.workload import Demand


def survival_of(
    site: Site, stocks: Stocks, demand: Demand, placements: Placements, watch: Watch
) -> tuple[Survival, ...]:
    """Return how many host failures every cluster survives at its peaks of CPU and RAM share.

    Every VM counts as one under high availability.
    """
    count = len(site.fleet.cluster_names)
    watch.begin("host failures", count)
    found: list[Survival] = []
    for cluster in range(count):
        if watch.is_stopped():
            break
        found.append(_survival(site, stocks, demand, placements, cluster))
        watch.tell(len(found), count)
    return tuple(found)


def survives_one(
    site: Site,
    demand: Demand,
    placements: Placements,
    cluster: int,
    moments_s: Sequence[float],
) -> bool:
    """Return whether `cluster` survives the loss of any one host at each of `moments_s`."""
    return all(
        Halving(scene_of(site, demand, placements, cluster, at_s), site.rules.seed).survives(1)
        for at_s in dict.fromkeys(moments_s)
    )


def _moments(stocks: Stocks, cluster: int) -> list[float]:
    """Return when the cluster is fullest: of CPU, and of RAM if that is another moment."""
    moments = []
    for stock in (stocks.cpu, stocks.ram):
        times, amounts = stock.usage.of(cluster)
        moments.append(float(times[np.argmax(amounts)]) if len(times) else 0.0)
    return list(dict.fromkeys(moments))


def _survival(
    site: Site, stocks: Stocks, demand: Demand, placements: Placements, cluster: int
) -> Survival:
    most, worst = _fewest(site, stocks, demand, placements, cluster)
    scene = worst.scene
    verdict = worst.verdict(max(most, 1)) if scene.hosts else None
    beyond = worst.verdict(most + 1).broken if most < scene.hosts else None
    found = worst_of(site, demand, scene, cluster, beyond) if beyond else None
    may_pack = found is not None and found.proof is Proof.ORDER
    return Survival(
        place=cluster_place(site.fleet, cluster),
        hosts=scene.hosts,
        spares=scene.bins - scene.hosts,
        survives=most,
        packable=most_packable(scene, most, site.rules.seed) if may_pack else most,
        at_s=scene.at_s,
        tested=verdict.tested if verdict else 0,
        sets=verdict.sets if verdict else 0,
        worst=found,
    )


def _fewest(
    site: Site, stocks: Stocks, demand: Demand, placements: Placements, cluster: int
) -> tuple[int, Halving]:
    """Return how many failures are survived at the worse of the two peaks, and its search."""
    searches = [
        Halving(scene_of(site, demand, placements, cluster, at_s), site.rules.seed)
        for at_s in _moments(stocks, cluster)
    ]
    most, worst = searches[0].most(len(site.fleet)), searches[0]
    for search in searches[1:]:
        found = search.most(most)
        if found < most:
            most, worst = found, search
    return most, worst
