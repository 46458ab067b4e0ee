"""The same plan under other seeds: what of it is luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.kernel import simulate
from simulator.planning.exhaustion import RunsOut, runs_out
from simulator.planning.recommend import suffices
from simulator.planning.resample import resampled
from simulator.planning.stocks import stocks_of
from simulator.planning.watch import Stopped
from simulator.workload import Demand

if TYPE_CHECKING:
    from simulator.placements import Placements
    from simulator.planning.exhaustion import Typical
    from simulator.planning.exhaustion.shortage import Shortage
    from simulator.planning.places import Place
    from simulator.planning.question import Question
    from simulator.planning.recommend import Recommendation
    from simulator.planning.site import Site
    from simulator.planning.stocks import Stock
    from simulator.planning.watch import Watch

DemandSource = Demand | Callable[[int], Demand]
"""A demand, or a function from a seed to one that is as likely."""


@dataclass(frozen=True, slots=True)
class Replication:
    """One run of the capacity kernel under a seed of its own, with growth.

    Attributes:
        seed: of the demand and of random placement.
        requests: how many there were.
        admitted: how many got a host.
        peak_vms: the most VMs that ran at one time.
        share_peak_cpu: allocated ÷ usable CPU of the whole cloud at peak.
        share_peak_ram: the same for RAM.
        is_enough: whether with the best of what is advised to buy nothing is refused that
            hosts could hold, and every cluster survives the loss of a host; None when nothing
            can be advised.
    """

    seed: int
    requests: int
    admitted: int
    peak_vms: int
    share_peak_cpu: float
    share_peak_ram: float
    is_enough: bool | None = None

    @property
    def refused_total(self) -> int:
        """How many requests were refused."""
        return self.requests - self.admitted


@dataclass(frozen=True, slots=True)
class Replicated:
    """One replication, and when everything ran out in it."""

    replication: Replication
    runs_out: dict[tuple[Shortage, Place], RunsOut]


def main_demand(source: DemandSource, question: Question) -> Demand:
    """Return the demand of the main run, under the plan's own seed."""
    demand = source if isinstance(source, Demand) else source(question.seed)
    return question.played(demand, question.seed)


def replicate(
    site: Site,
    source: DemandSource,
    question: Question,
    *,
    typical: Typical,
    best: Recommendation | None,
    watch: Watch,
) -> tuple[Replicated, ...]:
    """Return the replications with the seeds `seed`, `seed + 1` and so on.

    A function is asked for the demand of every seed. A demand is resampled, see
    `simulator.planning.resample`; a single replication takes it as it is.

    Args:
        site: the cloud.
        source: where demands come from.
        question: what is asked.
        typical: the request by which a place is called full.
        best: what to buy, which is tried on every demand.
        watch: who hears of progress.
    """
    watch.begin("replications", question.replications)
    made: list[Replicated] = []
    for seed in range(question.seed, question.seed + question.replications):
        if watch.is_stopped():
            break
        seeded, demand = site.seeded(seed), _demand(source, question, seed)
        placements = simulate(seeded.fleet, demand, seeded.rules, stop=watch.is_stopped)
        if placements.undecided:
            break
        found = _replicated(seeded, demand, placements, question, typical)
        try:
            is_enough = suffices(seeded, demand, placements, best, watch.is_stopped)
        except Stopped:
            break
        made.append(replace(found, replication=replace(found.replication, is_enough=is_enough)))
        watch.tell(len(made), question.replications)
    return tuple(made)


def _demand(source: DemandSource, question: Question, seed: int) -> Demand:
    if not isinstance(source, Demand):
        demand = source(seed)
    elif question.replications > 1:
        demand = resampled(source, seed)
    else:
        demand = source
    return demand.scaled(question.scale, seed).grown(question.growth, question.horizon_days, seed)


def _replicated(
    site: Site, demand: Demand, placements: Placements, question: Question, typical: Typical
) -> Replicated:
    stocks = stocks_of(site, placements, demand)
    replication = Replication(
        seed=site.rules.seed,
        requests=len(placements),
        admitted=placements.admitted,
        peak_vms=placements.peak_vms,
        share_peak_cpu=_share(stocks.cpu),
        share_peak_ram=_share(stocks.ram),
    )
    times = runs_out(
        site.fleet,
        stocks,
        demand,
        placements,
        typical=typical,
        rate=question.growth_rate,
        end_s=question.end_s(demand),
    )
    return Replicated(replication, times)


def _share(stock: Stock) -> float:
    """Return the peak over the whole cloud ÷ what is usable."""
    usable = int(stock.usable.sum())
    return int(stock.whole().peaks().amount[0]) / usable if usable else 0.0
