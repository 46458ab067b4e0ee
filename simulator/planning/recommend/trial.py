"""One trial of the search: the demand on the cloud with some hosts added."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.fleet import Spare
from simulator.kernel import simulate
from simulator.placements import Resource
from simulator.planning.survival import survives_one
from simulator.planning.watch import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from simulator.fleet import Fleet, HostKind
    from simulator.placements import Placements
    from simulator.planning.site import Site
    from simulator.workload import Demand

_PLENTY_MIB: Final = 1 << 50
_PLENTY_ADDRESSES: Final = 1 << 40


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What became of the demand.

    Attributes:
        fleet: the hosts it was placed on.
        placements: what became of every request.
        refused: refused requests that hosts could hold.
        failing: clusters that do not survive the loss of any one host; only looked at when
            nothing is refused, or when asked for.
        peak_cpu: `(clusters,)` most CPU allocated, MHz.
        peak_ram: `(clusters,)` most RAM allocated, MiB.
    """

    fleet: Fleet
    placements: Placements
    refused: int
    failing: tuple[int, ...]
    peak_cpu: NDArray[np.int64]
    peak_ram: NDArray[np.int64]

    @property
    def is_enough(self) -> bool:
        """Whether nothing is refused that hosts could hold, and every cluster is N+1."""
        return not self.refused and not self.failing

    @property
    def complaint(self) -> str:
        """What is not enough, in words."""
        if self.refused:
            return f"{self.refused:,} {'request' if self.refused == 1 else 'requests'} refused"
        names = [self.fleet.cluster_names[cluster] for cluster in self.failing]
        return f"a host's VMs would not all restart in {', '.join(names)}"


def tried(
    site: Site,
    demand: Demand,
    hopeless: int,
    *,
    fail_hosts: bool = False,
    stop: Callable[[], bool] | None = None,
) -> Trial:
    """Return what becomes of `demand` on `site`.

    Args:
        site: the cloud with the hosts to try.
        demand: the requests.
        hopeless: how many of them no host could hold; their refusal does not count.
        fail_hosts: whether to look at host failures even if requests are refused.
        stop: whether to give up.

    Raises:
        Stopped: it was given up.
    """
    placements = simulate(site.fleet, demand, site.rules, stop=stop)
    if placements.undecided:
        raise Stopped
    return judged(site, demand, placements, hopeless, fail_hosts=fail_hosts)


def judged(
    site: Site,
    demand: Demand,
    placements: Placements,
    hopeless: int,
    *,
    fail_hosts: bool = False,
) -> Trial:
    """Return the trial that `placements` of `demand` on `site` are; see `tried`."""
    fleet = site.fleet
    refused = len(placements) - placements.admitted - hopeless
    cpu = placements.peaks(fleet, demand, Resource.CPU)
    ram = placements.peaks(fleet, demand, Resource.RAM)
    moments = list(zip(cpu.at_s.tolist(), ram.at_s.tolist(), strict=True))
    failing = (
        tuple(
            cluster
            for cluster, at_s in enumerate(moments)
            if not survives_one(site, demand, placements, cluster, at_s)
        )
        if fail_hosts or not refused
        else ()
    )
    return Trial(fleet, placements, refused, failing, cpu.amount, ram.amount)


def with_hosts(fleet: Fleet, clusters: Sequence[int], kind: HostKind) -> Fleet:
    """Return the fleet with one more host of `kind` for every entry of `clusters`."""
    for cluster in sorted(set(clusters)):
        fleet = fleet.with_hosts(cluster, clusters.count(cluster), kind)
    return fleet


def with_spares(fleet: Fleet, clusters: Sequence[int], kind: HostKind) -> Fleet:
    """Return the fleet with one more spare host of `kind` for every entry of `clusters`."""
    added = (
        Spare(cluster, f"{fleet.cluster_names[cluster]}-extra-spare{number}", kind)
        for number, cluster in enumerate(sorted(clusters))
    )
    return replace(fleet, spares=(*fleet.spares, *added))


def without_other_limits(fleet: Fleet) -> Fleet:
    """Return the fleet with storage and addresses that do not run out."""
    return replace(
        fleet,
        pool_capacity_mib=np.full_like(fleet.pool_capacity_mib, _PLENTY_MIB),
        pool_factor=np.ones_like(fleet.pool_factor),
        pool_disable=np.full_like(fleet.pool_disable, np.inf),
        address_total=np.full_like(fleet.address_total, _PLENTY_ADDRESSES),
    )
