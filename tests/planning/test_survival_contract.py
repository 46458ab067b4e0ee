"""What the plan promises of host failures is what the HA workflow does when hosts break."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from cloudlab.design import Design
from cloudlab.model import ALGORITHMS, VmState
from simulator.planning.site import site_of
from simulator.planning.survival.restarts import restarts
from simulator.planning.survival.scene import scene_of
from simulator.scenario.run import placements_of
from simulator.simulation import Simulation
from simulator.workload import Demand

HOURS = 3600.0


def a_design(algorithm: str, threshold: float | str, *, spares: int = 0) -> Design:
    """Return two clusters of unlike hosts, in one of them spares."""
    plain = {"cpus": 8, "mhz": 1000, "ram_gib": 16}
    large = {"cpus": 12, "mhz": 1000, "ram_gib": 24, "name_pattern": "{cluster}-large{n}"}
    spare = plain | {"tags": "spare", "count": spares, "name_pattern": "{cluster}-spare{n}"}
    hosts = [plain | {"count": 3}, large | {"count": 1}]
    pool = {"capacity_gib": 4000, "type": "RBD"}
    return Design.checked(
        {
            "cloud": "to be broken",
            "settings": {
                "vm.allocation.algorithm": algorithm,
                "cluster.cpu.allocated.capacity.disablethreshold": threshold,
                "cluster.memory.allocated.capacity.disablethreshold": threshold,
                "restart.retry.interval": 60,
                **({"ha.tag": "spare"} if spares else {}),
            },
            "templates": [{"name": "t", "size_gib": 1}],
            "zones": [
                {
                    "name": "z",
                    "pods": [
                        {
                            "name": "p",
                            "clusters": [
                                {
                                    "name": name,
                                    "hosts": [*hosts, *([spare] if spares else [])],
                                    "primary_storage": [pool | {"name": f"{name}-pool"}],
                                }
                                for name in ("a", "b")
                            ],
                        }
                    ],
                }
            ],
        }
    )


def a_demand(count: int, seed: int) -> Demand:
    """Return VMs that stay, one a second, of a few accounts."""
    chance = np.random.default_rng(seed)
    return Demand.of(
        "that stays",
        arrival_s=np.arange(count, dtype=float),
        lifetime_s=np.full(count, np.inf),
        vcpu=chance.choice([1, 2, 4], count, p=[0.5, 0.3, 0.2]),
        ram_mib=chance.choice([512, 2048, 6000], count, p=[0.5, 0.3, 0.2]),
        disk_mib=np.full(count, 100),
        cpu_mhz=chance.choice([0, 500], count, p=[0.8, 0.2]),
        tenant=chance.integers(3, size=count),
        tenant_names=["x", "y", "z"],
    )


def running(design: Design, demand: Demand, seed: int) -> Simulation:
    """Return a cloud in which `demand` has been played, every VM under high availability."""
    simulation = Simulation(design, seed=seed)
    simulation.play(demand)
    simulation.start("host monitor")
    simulation.engine.run(until=len(demand) + 1.0)
    for offering in simulation.cloud.inventory.compute_offerings:
        offering.ha = True
    return simulation


def down_after(design: Design, demand: Demand, seed: int, hosts: tuple[str, ...]) -> set[int]:
    """Return the requests whose VMs do not run again hours after `hosts` broke."""
    simulation = running(design, demand, seed)
    for host in simulation.cloud.inventory.hosts:
        if host.name in hosts:
            simulation.break_host(host)
    simulation.engine.run(until=simulation.engine.now + 4 * HOURS)
    vms = simulation.player.running
    return {request for request, vm in vms.items() if vm.state is not VmState.RUNNING}


def promised(design: Design, demand: Demand, seed: int) -> list:
    """Return every cluster's scene with the names of its hosts."""
    site, simulation = site_of(design, seed), running(design, demand, seed)
    placements = placements_of(simulation, simulation.player, seed)
    fleet, found = site.fleet, []
    for cluster in range(len(fleet.cluster_names)):
        begin, end = fleet.cluster_start[cluster : cluster + 2]
        of = scene_of(site, demand, placements, cluster, float(len(demand)))
        found.append((of, fleet.host_names[begin:end]))
    return found


def said_to_be_down(of, failed: tuple[int, ...]) -> set[int]:
    """Return the requests that the plan says would not restart."""
    mask = np.zeros((1, of.hosts), np.bool_)
    mask[0, list(failed)] = True
    found = restarts(of, mask)
    return set(of.vm[found.vm[0, found.is_down[0]]].tolist())


CASES = [
    (algorithm, *((0.85, 0), ("off", 0), (0.85, 1))[number % 3])
    for number, algorithm in enumerate([*ALGORITHMS, "firstfit", "random", "random"])
]
"""Every algorithm, by turns with thresholds, without, and with a spare host a cluster."""


@pytest.mark.parametrize(("algorithm", "threshold", "spares"), CASES)
def test_the_loss_of_a_host_is_what_the_workflow_makes_of_it(
    algorithm: str, threshold: float | str, spares: int
) -> None:
    """Every VM that the plan says restarts does, and no other one."""
    design, seen = a_design(algorithm, threshold, spares=spares), 0
    for count, seed in ((38, 1), (60, 2)):
        demand = a_demand(count, seed)
        for of, names in promised(design, demand, seed):
            for host in range(of.hosts):
                said = said_to_be_down(of, (host,))
                assert down_after(design, demand, seed, (names[host],)) == said
                seen += len(said)
    assert seen


@pytest.mark.parametrize("algorithm", ["firstfit", "userdispersing", "firstfitleastconsumed"])
def test_when_two_hosts_fail_together_all_restart_that_were_promised_to(algorithm: str) -> None:
    """Of the pairs that the plan says are survived no VM stays down; of others some do."""
    design, demand, broken = a_design(algorithm, 0.85), a_demand(21, 3), 0
    for of, names in promised(design, demand, 3):
        for pair in combinations(range(of.hosts), 2):
            down = down_after(design, demand, 3, tuple(names[host] for host in pair))
            if said_to_be_down(of, pair):
                broken += bool(down)
            else:
                assert not down
    assert 0 < broken < 12
