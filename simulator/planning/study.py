"""What if: the study behind the panel in notebooks, sums at once and a simulation to confirm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.engine.background import background
from cloudlab.errors import Cancelled
from cloudlab.views import Figure, Figures, Knob, standard_knobs
from simulator.planning.estimate import Estimate, confirm, estimate, profile_of
from simulator.planning.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloudlab.design import Design
    from simulator.planning.estimate import Confirmation
    from simulator.workload import Demand

LOOK: Final = 0.1
"""Seconds between two looks at whether to stop."""
_AS_DESIGNED: Final = ("cpu_overcommit", "ram_overcommit", "hosts_per_cluster")
"""Knobs that leave every cluster as it is designed until they are turned."""


class Study:
    """A design and its demand, some months from now, with a few things changed.

    Growth is that of the demand; everything is said about the moment that is looked ahead to,
    and hosts that are added to a cluster are like its last one.

    Attributes:
        knobs: what may be turned.
    """

    def __init__(
        self,
        design: Design,
        demand: Demand,
        seed: int = 0,
        *,
        growth: float = 5.0,
        months: float = 6.0,
    ) -> None:
        """Prepare the study of `design` under `demand`.

        Args:
            design: the cloud.
            demand: the requests of today.
            seed: of random placement.
            growth: where its knob stands at first, % a month.
            months: how far ahead its knob looks at first.
        """
        self._site = site_of(design, seed)
        self._demand = demand
        self._profile = profile_of(demand, self._site.fleet, self._site.rules)
        fleet = self._site.fleet
        self.knobs: tuple[Knob, ...] = (
            *standard_knobs(
                growth=growth,
                cpu_overcommit=float(np.mean(fleet.cpu_factor)),
                ram_overcommit=float(np.mean(fleet.ram_factor)),
                hosts_per_cluster=round(len(fleet) / len(fleet.cluster_names)),
            ),
            Knob("months", "Look ahead", 0, max(24, months), 1, months, "months"),
        )

    def estimate(self, knobs: Mapping[str, float]) -> Figures:
        """Return what sums say, in a few milliseconds.

        Raises:
            InvalidParameter: a knob is out of its range.
        """
        found = self._estimate(knobs)
        note = "" if found.fits else "more is asked for than may be allocated"
        return self._figures(
            found,
            cpu=found.peak_cpu_share,
            ram=found.peak_ram_share,
            months=found.months_until_full,
            surviving=found.clusters_n_plus_1,
            refused=Figure("refused", 0.0 if found.fits else None, "% of requests", note),
        )

    def confirm(
        self,
        knobs: Mapping[str, float],
        progress: Callable[[float, str], None],
        stop: Callable[[], bool],
    ) -> Figures:
        """Return what the capacity kernel says to the same question.

        It runs in a thread of its own, so that stopping need not wait for it.

        Raises:
            InvalidParameter: a knob is out of its range.
            Cancelled: `stop` said so.
        """
        asked = self._estimate(knobs)
        progress(0.1, f"simulating {round(len(self._demand) * asked.what_if.factor):,} requests")
        work = background(lambda _: confirm(self._site, self._demand, asked), "what-if")
        while not work.done:
            if stop():
                raise Cancelled("the simulation was cancelled")
            work.wait(LOOK)
        if work.result is None:
            raise work.error or Cancelled("the simulation ended without an answer")
        return self._confirmed(work.result)

    def _confirmed(self, found: Confirmation) -> Figures:
        simulated = {each.figure: each.simulated for each in found.figures}
        share = 100 * found.refused / found.requests if found.requests else 0.0
        return self._figures(
            found.estimate,
            cpu=simulated["peak CPU share"] or 0.0,
            ram=simulated["peak RAM share"] or 0.0,
            months=simulated["months until full"],
            surviving=simulated["clusters N+1"] or 0.0,
            refused=Figure("refused", share, "% of requests", f"{found.refused:,} requests"),
        )

    def _estimate(self, knobs: Mapping[str, float]) -> Estimate:
        first = {knob.name: knob.value for knob in self.knobs}
        turned = {name: knobs[name] for name in _AS_DESIGNED if knobs[name] != first[name]}
        hosts = turned.get("hosts_per_cluster")
        return estimate(
            self._site.fleet,
            self._profile,
            growth=knobs["growth"],
            months=knobs["months"],
            cpu_overcommit=turned.get("cpu_overcommit"),
            ram_overcommit=turned.get("ram_overcommit"),
            hosts_per_cluster=None if hosts is None else round(hosts),
        )

    def _figures(
        self,
        about: Estimate,
        *,
        cpu: float,
        ram: float,
        months: float | None,
        surviving: float,
        refused: Figure,
    ) -> Figures:
        """Return the figures of either answer: the same labels in the same order."""
        growth, ahead = about.what_if.growth, about.what_if.months
        when = f"after {ahead:g} months" if ahead else "today"
        return Figures(
            (
                Figure("CPU allocated at peak", 100 * cpu, "% of usable", when),
                Figure("RAM allocated at peak", 100 * ram, "% of usable", when),
                refused,
                Figure(
                    "clusters that survive a failed host",
                    surviving,
                    f"of {about.clusters}",
                    when,
                ),
                Figure(
                    "CPU or RAM runs out after",
                    math.inf if months is None else months,
                    "months",
                    f"at {growth:g} % growth a month",
                ),
                Figure("hosts", float(about.hosts)),
                self._cost(about),
            )
        )

    def _cost(self, about: Estimate) -> Figure:
        """Return what the hosts cost, as far as all their prices are known."""
        prices = {offer.kind.name: offer.price_per_month for offer in self._site.offers}
        hosts = about.what_if.fleet(self._site.fleet).host_type
        known = [price for price in map(prices.get, hosts) if price is not None]
        complete = len(known) == len(hosts)
        dated = f"prices of {self._site.price_date}" if self._site.price_date else ""
        note = dated if complete else "some host types have no price"
        unit = f"{self._site.currency} a month"
        return Figure("hosts cost", sum(known) if complete else None, unit, note)
