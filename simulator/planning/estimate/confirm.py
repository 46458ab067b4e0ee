"""The same question to the simulation, and how far the estimate was off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudlab.units import MONTH
from simulator.kernel import simulate
from simulator.planning.exhaustion import runs_out, typical_of
from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.places import Place, Scope
from simulator.planning.stocks import stocks_of
from simulator.planning.survival import survives_one

if TYPE_CHECKING:
    from simulator.planning.estimate.estimate import Estimate
    from simulator.planning.site import Site
    from simulator.planning.stocks import Stock
    from simulator.workload import Demand


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of an estimate beside that of the simulation; None where there is none."""

    figure: str
    unit: str
    estimated: float | None
    simulated: float | None

    @property
    def difference(self) -> float | None:
        """Estimated less simulated."""
        if self.estimated is None or self.simulated is None:
            return None
        return self.estimated - self.simulated


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An estimate and what a simulation of the same change gives.

    Attributes:
        estimate: what was estimated.
        figures: every figure that both have.
        requests: requests simulated.
        refused: how many of them were refused.
    """

    estimate: Estimate
    figures: tuple[Compared, ...]
    requests: int
    refused: int


def confirm(site: Site, demand: Demand, estimated: Estimate) -> Confirmation:
    """Return `estimated` beside a run of the capacity kernel over `demand`.

    The demand is scaled to the months looked ahead; what is not full then is extrapolated, as
    in a plan.
    """
    what_if = estimated.what_if
    site = site.with_fleet(what_if.fleet(site.fleet))
    asked = demand.scaled(what_if.factor, site.rules.seed)
    placements = simulate(site.fleet, asked, site.rules)
    stocks = stocks_of(site, placements, asked)
    cpu, ram = _peaks(stocks.cpu), _peaks(stocks.ram)
    surviving = sum(
        survives_one(site, asked, placements, cluster, (cpu[1][cluster], ram[1][cluster]))
        for cluster in range(estimated.clusters)
    )
    refused = len(placements) - placements.admitted
    figures = (
        Compared("peak CPU share", "share", estimated.peak_cpu_share, cpu[0]),
        Compared("peak RAM share", "share", estimated.peak_ram_share, ram[0]),
        Compared(
            "months until full",
            "months",
            estimated.months_until_full,
            _months(site, demand, what_if.rate, what_if.scale),
        ),
        Compared("clusters N+1", "clusters", float(estimated.clusters_n_plus_1), float(surviving)),
        Compared("everything admitted", "yes = 1", float(estimated.fits), float(not refused)),
    )
    return Confirmation(estimated, figures, len(placements), refused)


def _peaks(stock: Stock) -> tuple[float, list[float]]:
    """Return the peak of the whole cloud ÷ usable, and when every cluster is at its own."""
    usable = int(stock.usable.sum())
    share = int(stock.whole().peaks().amount[0]) / usable if usable else 0.0
    return share, stock.usage.peaks().at_s.tolist()


def _months(site: Site, demand: Demand, rate: float, scale: float) -> float | None:
    """Return the months until the cloud refuses a typical request for want of CPU or RAM."""
    growing = demand.scaled(scale, site.rules.seed).grown(rate * 100, seed=site.rules.seed)
    placements = simulate(site.fleet, growing, site.rules)
    found = runs_out(
        site.fleet,
        stocks_of(site, placements, growing),
        growing,
        placements,
        typical=typical_of(growing, site.rules),
        rate=rate,
        end_s=growing.span_s,
    )
    cloud = Place(Scope.CLOUD, 0)
    at_s = min(found[shortage, cloud].at_s for shortage in (Shortage.CPU, Shortage.RAM))
    return at_s / MONTH if math.isfinite(at_s) else None
