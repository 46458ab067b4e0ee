"""A whole demand played at workflow fidelity: what became of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.engine import quiet_gc, stop_on_ctrl_c
from cloudlab.state import Journal
from simulator.kernel.times import released_at
from simulator.placements import Placements
from simulator.scenario.fleet_of_design import fleet_of
from simulator.scenario.rules_of_design import rules_of
from simulator.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudlab.design import Design
    from simulator.fleet import Fleet
    from simulator.scenario.play import Player
    from simulator.workload import Demand

STRETCHES: Final = 400
"""Into how many parts of equal length a run is cut, to tell its progress between them."""


def play(
    design: Design,
    demand: Demand,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Placements:
    """Return where every request of `demand` went on the cloud of `design`.

    Every request is a deploy, with its job, its volume, its NIC and its address, and every
    end a destroy; the expunge service runs beside. Steps take no time: a trace tells how long
    a VM held its capacity, so its deploy and destroy are part of that already.

    Args:
        design: the cloud, empty at the beginning.
        demand: the requests.
        seed: of the random algorithms, >= 0.
        progress: called with the number decided and the number of all.
        stop: asked between stretches; once true, the run ends and keeps what was decided.
    """
    simulation = Simulation(design, seed=seed, journal=Journal(keep=0))
    player = simulation.play(demand)
    simulation.start("expunge")
    engine, total = simulation.engine, len(demand)
    with quiet_gc(), stop_on_ctrl_c(engine):
        for moment in _moments(demand):
            if stop is not None and stop():
                break
            engine.run(until=moment)
            if progress is not None:
                progress(player.arrived, total)
            if engine.stopped:
                break
    return placements_of(simulation, player, seed)


def _moments(demand: Demand) -> NDArray[np.float64]:
    """Return where the run is cut: equal stretches, the last just past the last event."""
    if not len(demand):
        return np.zeros(0)
    finite = demand.departure_s[np.isfinite(demand.departure_s)]
    last = max(float(demand.arrival_s[-1]), float(finite.max(initial=0.0)))
    moments = np.linspace(last / STRETCHES, last, STRETCHES)
    moments[-1] = np.nextafter(last, np.inf)
    return moments


def placements_of(simulation: Simulation, player: Player, seed: int) -> Placements:
    """Return what `player` has seen, in the indices of the design's fleet."""
    fleet, rules = fleet_of(simulation.design), rules_of(simulation.design, seed)
    hosts, pools = _places(simulation, fleet)
    done = slice(0, player.arrived)
    host, pool = player.host[done], player.pool[done]
    demand, seen = player.demand, player.end_s[done]
    end = np.where(np.isinf(seen), demand.departure_s[done], seen)
    end = np.where(host < 0, np.nan, end)
    known = np.concatenate((demand.arrival_s[done][-1:], end[np.isfinite(end)]))
    return Placements(
        host=_renumbered(host, hosts),
        pool=_renumbered(pool, pools),
        reason=player.reason[done].copy(),
        start_s=player.start_s[done].copy(),
        end_s=end,
        released_s=released_at(end, rules.expunge_delay_s, rules.expunge_interval_s),
        horizon_s=float(known.max(initial=0.0)),
        rules=rules,
        undecided=len(player.demand) - player.arrived,
    )


def _renumbered(column: NDArray[np.int32], places: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return `column` with every number replaced by its place; -1 stays."""
    found = np.full(len(column), -1, np.int32)
    placed = column >= 0
    found[placed] = places[column[placed]]
    return found


def _places(simulation: Simulation, fleet: Fleet) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the index in `fleet` of every host and pool of the cloud, -1 where it has none.

    The fleet leaves out what takes no VMs of users; the rest is in the same order.
    """
    inventory = simulation.cloud.inventory
    clusters = [
        (fleet.zone_names[fleet.pod_zone[pod]], fleet.pod_names[pod], name)
        for name, pod in zip(fleet.cluster_names, fleet.cluster_pod, strict=True)
    ]
    index = {
        (*clusters[cluster], name): place
        for place, (name, cluster) in enumerate(
            zip(fleet.host_names, fleet.host_cluster, strict=True)
        )
    }
    hosts = [
        index.get((host.zone.name, host.pod.name, host.cluster.name, host.name), -1)
        for host in inventory.hosts
    ]
    named = {
        (fleet.zone_names[zone], name): place
        for place, (name, zone) in enumerate(zip(fleet.pool_names, fleet.pool_zone, strict=True))
    }
    pools = [named.get((pool.zone.name, pool.name), -1) for pool in inventory.pools]
    return np.array(hosts, np.int32), np.array(pools, np.int32)
