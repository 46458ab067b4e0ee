"""The planner and the capacity kernel decide alike: host, pool and reason of every request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudlab.design import Design, read_design
from cloudlab.model import ALGORITHMS
from simulator.kernel import simulate
from simulator.placements import Reason
from simulator.scenario import fleet_of, rules_of
from simulator.scenario.run import play
from simulator.workload import Demand

TIGHT = """
zones:
- network_type: Basic
  pods:
  - guest_ranges: [{{start: 10.1.0.2, end: 10.1.0.{addresses}}}]
    cidr: 172.16.0.0/24
    clusters:
    - hosts: [{{count: 2, cpus: 8, mhz: 1000, ram_gib: 20}}]
      primary_storage:
      - {{capacity_gib: 60, overprovisioning_factor: 1}}
      - {{capacity_gib: 40, overprovisioning_factor: 1}}
    - hosts: [{{count: 2, cpus: 8, mhz: 1000, ram_gib: 20}}]
      primary_storage: [{{capacity_gib: 60, overprovisioning_factor: 1}}]
  - guest_ranges: [{{start: 10.2.0.2, end: 10.2.0.{addresses}}}]
    cidr: 172.16.1.0/24
    clusters:
    - hosts: [{{count: 2, cpus: 8, mhz: 1000, ram_gib: 20}}]
      primary_storage: [{{capacity_gib: 60, overprovisioning_factor: 1}}]
"""
"""Three small clusters in two pods, where everything runs short now and then."""

WEIGHTS = {"userdispersing": (1, 0.5, 0)}
CASES = [
    (name, weight, *(("CPU", "off"), ("RAM", 0.7))[(number + place) % 2])
    for number, name in enumerate(ALGORITHMS)
    for place, weight in enumerate(WEIGHTS.get(name, (1,)))
]
"""Every algorithm, by turns with and without thresholds."""


def demand(count: int = 250) -> Demand:
    """Return requests of four accounts, some too large for any host."""
    chance = np.random.default_rng(4)
    return Demand(
        name="tight",
        ids=None,
        arrival_s=np.sort(chance.uniform(0, 17_000, count).round()),
        lifetime_s=chance.exponential(6000, count) + 1,
        vcpu=chance.choice([1, 2, 4, 8, 12], count, p=[0.4, 0.3, 0.2, 0.08, 0.02]).astype(np.int32),
        ram_mib=chance.choice([512, 2048, 4096, 9000, 20_000], count).astype(np.int64),
        disk_mib=chance.choice([-1, 1024, 30_000], count).astype(np.int64),
        cpu_mhz=chance.choice([0, 500, 1000], count).astype(np.int32),
        tenant=chance.integers(0, 4, count).astype(np.int32),
        tenant_names=("a", "b", "c", "d"),
    )


@pytest.fixture(scope="module")
def designs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Design]:
    """The tight cloud, once short of addresses and once not."""
    folder: Path = tmp_path_factory.mktemp("designs")
    made = {}
    for name, addresses in (("few", 12), ("many", 60)):
        file = folder / f"{name}.yaml"
        file.write_text(TIGHT.format(addresses=addresses))
        made[name] = read_design(file)
    return made


@pytest.mark.parametrize(("algorithm", "weight", "by", "threshold"), CASES)
def test_both_fidelities_decide_alike(
    designs: dict[str, Design], algorithm: str, weight: float, by: str, threshold: float | str
) -> None:
    """By every algorithm, short of all that can be short."""
    seen: set[Reason] = set()
    for design in designs.values():
        chosen = design.with_settings(
            {
                "vm.allocation.algorithm": algorithm,
                "vm.user.dispersion.weight": weight,
                "host.capacityType.to.order.clusters": by,
                "cluster.cpu.allocated.capacity.disablethreshold": threshold,
                "cluster.memory.allocated.capacity.disablethreshold": threshold,
                "pool.storage.allocated.capacity.disablethreshold": threshold,
                "expunge.delay": 2000,
                "expunge.interval": 500,
            }
        )
        kernel = simulate(fleet_of(chosen), demand(), rules_of(chosen, 5))
        workflows = play(chosen, demand(), seed=5)
        np.testing.assert_array_equal(workflows.host, kernel.host)
        np.testing.assert_array_equal(workflows.pool, kernel.pool)
        np.testing.assert_array_equal(workflows.reason, kernel.reason)
        seen |= {Reason(int(reason)) for reason in np.unique(kernel.reason)}
    expected = {Reason.ADMITTED, Reason.SIZE, Reason.RAM, Reason.STORAGE, Reason.ADDRESS}
    assert seen >= expected | ({Reason.THRESHOLD} if threshold != "off" else {Reason.CPU_AND_RAM})
