"""What a plan is about: the hosts that stand there, how they are used, and what can be bought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.units import mib
from simulator.fleet import HostKind
from simulator.scenario import fleet_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cloudlab.design import Design
    from simulator.fleet import Fleet
    from simulator.placements import Rules


@dataclass(frozen=True, slots=True)
class HostOffer:
    """A kind of host that can be bought.

    Attributes:
        kind: its size.
        price_per_month: what one costs a month; None when not known.
        hypervisor: the only one it can run; empty for any.
    """

    kind: HostKind
    price_per_month: float | None = None
    hypervisor: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A cloud as the plan sees it.

    Attributes:
        name: what the cloud is called.
        fleet: the hosts, pools and addresses that take VMs.
        rules: how VMs are placed.
        offers: what can be bought, in the order of the price list.
        currency: of all prices.
        price_date: the day the prices were taken, as in 2026-11-01; empty when not known.
        hypervisors: what every cluster runs, in the order of the fleet; empty: not known.
        has_ha_tag: whether `ha.tag` is set: then VMs of failed hosts restart on spare hosts
            and nowhere else, and where there are no spare hosts, nowhere.
    """

    name: str
    fleet: Fleet
    rules: Rules
    offers: tuple[HostOffer, ...] = ()
    currency: str = "USD"
    price_date: str = ""
    hypervisors: tuple[str, ...] = ()
    has_ha_tag: bool = False

    @property
    def restarts_on_spares(self) -> bool:
        """Whether VMs of failed hosts restart on spare hosts alone."""
        return self.has_ha_tag or bool(self.fleet.spares)

    def with_fleet(self, fleet: Fleet) -> Site:
        """Return the site with other hosts in the same clusters."""
        return replace(self, fleet=fleet)

    def seeded(self, seed: int) -> Site:
        """Return the site with random placement under another seed."""
        return replace(self, rules=replace(self.rules, seed=seed))

    def takes(self, cluster: int, offer: HostOffer) -> bool:
        """Return whether hosts of `offer` can join the cluster at index `cluster`."""
        if not offer.hypervisor or not self.hypervisors:
            return True
        return self.hypervisors[cluster] == offer.hypervisor

    def spare_hardware(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return CPU (MHz) and RAM (MiB) of every cluster's spare hosts, as bought."""
        cpu, ram = np.zeros((2, len(self.fleet.cluster_names)), np.int64)
        for spare in self.fleet.spares:
            cpu[spare.cluster] += spare.kind.cpu_mhz
            ram[spare.cluster] += spare.kind.ram_mib
        return cpu, ram


def site_of(design: Design, seed: int) -> Site:
    """Return the site that `design` describes; `seed` is that of random placement."""
    return Site(
        name=design.cloud,
        fleet=fleet_of(design),
        rules=rules_of(design, seed),
        offers=tuple(_offers(design)),
        currency=design.currency,
        price_date=design.price_date.isoformat() if design.price_date else "",
        hypervisors=tuple(str(at.cluster.hypervisor) for at in design.clusters() if at.is_open),
        has_ha_tag=bool(design.settings.ha_tag),
    )


def _offers(design: Design) -> Iterator[HostOffer]:
    for entry in design.host_types:
        kind = HostKind(entry.name, entry.cpus, entry.mhz, mib(entry.ram_gib))
        yield HostOffer(kind, entry.price_per_month, str(entry.hypervisor or ""))
