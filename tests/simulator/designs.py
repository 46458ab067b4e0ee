"""Designs and demands made up from a number: small, uneven and nearly full.

Hypothesis draws the numbers, numpy all that follows from them: drawn one by one sizes would
mostly be alike, and clouds that never fill have nothing to decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from cloudlab.design import Design
from simulator.placements import Algorithm, CapacityType
from simulator.workload import NOT_GIVEN, Demand

NUMBERS = st.integers(0, 1 << 32)
SPAN = 40.0
"""Seconds in which all requests of a demand come."""


def a_design(number: int, algorithm: Algorithm | None = None) -> Design:
    """Return up to 2 zones, 4 pods, 8 clusters and 40 hosts, with little room for anything."""
    chance = np.random.default_rng(number)
    zones, pods, clusters = (int(chance.integers(1, 3)) for _ in range(3))
    basic, mixed, thresholds = (bool(chance.integers(2)) for _ in range(3))
    spares = chance.random() < 0.4
    described = {
        "cloud": "made up",
        "settings": {
            "vm.allocation.algorithm": str(algorithm or chance.choice(list(Algorithm))),
            "host.capacityType.to.order.clusters": str(chance.choice(list(CapacityType))),
            "vm.user.dispersion.weight": float(chance.choice([1.0, 0.0, 0.3, 0.5, 7.0])),
            "expunge.delay": int(chance.choice([0, 5, 7])),
            "expunge.interval": int(chance.choice([0, 1, 4, 10])),
            **_thresholds(chance, on=thresholds),
        },
        "templates": [{"name": "t", "size_gib": int(chance.integers(1, 4))}],
        "zones": [
            _zone(chance, number, basic=basic and number == 0, pods=pods, clusters=clusters)
            for number in range(zones)
        ],
    }
    if mixed:
        _mix(chance, described)
    if spares:
        _keep_some_free(chance, described)
    return Design.checked(described)


def _thresholds(chance: np.random.Generator, *, on: bool) -> dict[str, Any]:
    names = (
        "cluster.cpu.allocated.capacity.disablethreshold",
        "cluster.memory.allocated.capacity.disablethreshold",
        "pool.storage.allocated.capacity.disablethreshold",
    )
    return {name: float(chance.choice([0.7, 0.85, 1.0])) if on else "off" for name in names}


def _zone(
    chance: np.random.Generator, number: int, *, basic: bool, pods: int, clusters: int
) -> dict[str, Any]:
    def guests(place: int) -> list[dict[str, str]]:
        last = int(chance.choice([6, 20, 60, 200, 200]))
        net = f"10.{128 + 8 * number + place}.0"
        return [{"cidr": f"{net}.0/24", "start": f"{net}.2", "end": f"{net}.{1 + last}"}]

    zone: dict[str, Any] = {
        "name": f"z{number}",
        "local_storage": True,
        "network_type": "Basic" if basic else "Advanced",
        "pods": [
            {
                "name": f"z{number}p{pod}",
                "clusters": [
                    _cluster(chance, f"z{number}p{pod}c{each}") for each in range(clusters)
                ],
                **({"guest_ranges": guests(pod)} if basic else {}),
            }
            for pod in range(pods)
        ],
    }
    if not basic:
        zone["guest_ranges"] = guests(0)
    if chance.random() < 0.3:
        zone["primary_storage"] = [_pool(chance, f"z{number}wide")]
    return zone


def _cluster(chance: np.random.Generator, name: str) -> dict[str, Any]:
    plain = {"cpus": 4, "mhz": 1000, "ram_gib": 1.0}
    cluster = {
        "name": name,
        "cpu_overcommit": float(chance.choice([1.0, 1.5, 2.3])),
        "ram_overcommit": float(chance.choice([1.0, 1.0, 1.2])),
        "hosts": [plain | {"count": int(chance.integers(1, 4))}],
        "primary_storage": [
            _pool(chance, f"{name}s{each}") for each in range(int(chance.integers(1, 3)))
        ],
    }
    if chance.random() < 0.2:
        local = {"name": f"{name}local", "scope": "HOST", "type": "Filesystem", "capacity_gib": 9}
        cluster["primary_storage"].append(local)
    return cluster


def _pool(chance: np.random.Generator, name: str) -> dict[str, Any]:
    pool: dict[str, Any] = {"name": name, "capacity_gib": int(chance.choice([4, 15, 40, 200]))}
    if chance.random() < 0.4:
        pool["type"] = "RBD"
    return pool


def _mix(chance: np.random.Generator, described: dict[str, Any]) -> None:
    """Give some clusters hosts of another kind."""
    for zone in described["zones"]:
        for pod in zone["pods"]:
            for cluster in pod["clusters"]:
                other = {
                    "name_pattern": "{cluster}-other{n}",
                    "count": int(chance.integers(1, 4)),
                    "cpus": int(chance.choice([2, 6])),
                    "mhz": int(chance.choice([1000, 1700])),
                    "ram_gib": float(chance.choice([0.75, 1.5])),
                }
                if chance.random() < 0.6:
                    cluster["hosts"].append(other)


def _keep_some_free(chance: np.random.Generator, described: dict[str, Any]) -> None:
    """Give some clusters hosts that take VMs only after a failure, before or after the others."""
    described["settings"]["ha.tag"] = "spare"
    for zone in described["zones"]:
        for pod in zone["pods"]:
            for cluster in pod["clusters"]:
                spare = {
                    "name_pattern": "{cluster}-spare{n}",
                    "count": int(chance.integers(1, 3)),
                    "cpus": int(chance.choice([2, 4])),
                    "mhz": int(chance.choice([1000, 1700])),
                    "ram_gib": float(chance.choice([0.75, 1.5])),
                    "tags": "spare",
                }
                if chance.random() < 0.6:
                    cluster["hosts"].insert(0 if chance.random() < 0.3 else 9, spare)


def a_demand(number: int, most: int = 50) -> Demand:
    """Return up to `most` requests in 40 seconds, some of them at the same moment."""
    chance = np.random.default_rng(number)
    count, tenants, whole = chance.integers(1, most + 1), chance.integers(1, 4), chance.integers(2)
    arrival_s, lifetime_s = chance.uniform(0, SPAN, count), chance.exponential(15, count) + 0.001
    if whole:
        arrival_s, lifetime_s = np.floor(arrival_s), np.ceil(lifetime_s)
    lifetime_s[chance.random(count) < 0.1] = np.inf
    return Demand.of(
        "made up",
        arrival_s=np.sort(arrival_s),
        lifetime_s=lifetime_s,
        vcpu=chance.choice([1, 2, 3, 5], count, p=[0.6, 0.25, 0.1, 0.05]),
        ram_mib=chance.choice([50, 150, 300, 700, 950], count, p=[0.3, 0.3, 0.2, 0.15, 0.05]),
        disk_mib=chance.choice([NOT_GIVEN, 100, 900, 2500], count),
        cpu_mhz=chance.choice([0, 600, 1000, 1500], count, p=[0.6, 0.2, 0.15, 0.05]),
        tenant=chance.integers(tenants, size=count),
        tenant_names=[f"t{n}" for n in range(tenants)],
    )
