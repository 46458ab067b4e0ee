"""Fleets, demands and rules made up for Hypothesis: small, uneven and nearly full.

Hypothesis draws sizes and a seed, numpy the columns: drawn one by one they would mostly be
alike, and clusters that never fill have nothing to decide.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from simulator.fleet import Fleet, HostKind, Spare
from simulator.placements import Algorithm, CapacityType, Rules
from simulator.workload import NOT_GIVEN, Demand

SEEDS = st.integers(0, 1 << 32)
OFF = np.inf


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Return up to 2 zones, 3 pods, 5 clusters and 20 hosts; clusters may lack hosts or pools."""
    zones, pods, clusters = (draw(st.integers(1, most)) for most in (2, 3, 5))
    mixed, pools = draw(st.booleans()), draw(st.integers(1, 6))
    chance = np.random.default_rng(draw(SEEDS))
    pod_zone = chance.integers(zones, size=pods, dtype=np.int32)
    cluster_pod = chance.integers(pods, size=clusters, dtype=np.int32)
    hosts = chance.integers(5, size=clusters)
    count = int(hosts.sum())
    pool_cluster = chance.integers(-1, clusters, size=pools, dtype=np.int32)
    any_zone = chance.integers(zones, size=pools, dtype=np.int32)
    return Fleet(
        zone_names=tuple(f"z{n}" for n in range(zones)),
        pod_names=tuple(f"p{n}" for n in range(pods)),
        pod_zone=pod_zone,
        cluster_names=tuple(f"c{n}" for n in range(clusters)),
        cluster_pod=cluster_pod,
        cpu_factor=chance.choice([1.0, 1.5, 2.3], clusters),
        ram_factor=chance.choice([1.0, 0.9, 1.2], clusters),
        cpu_disable=chance.choice([OFF, OFF, 1.0, 0.85], clusters),
        ram_disable=chance.choice([OFF, OFF, 1.0, 0.7], clusters),
        host_names=tuple(f"h{n}" for n in range(count)),
        host_cluster=np.repeat(np.arange(clusters, dtype=np.int32), hosts),
        host_cores=chance.choice([4, 2, 6] if mixed else [4], count).astype(np.int32),
        host_mhz=chance.choice([1000, 1700] if mixed else [1000], count).astype(np.int32),
        host_ram_mib=chance.choice([800, 1000] if mixed else [1000], count),
        host_type=("made up",) * count,
        pool_names=tuple(f"s{n}" for n in range(pools)),
        pool_cluster=pool_cluster,
        pool_zone=np.where(pool_cluster < 0, any_zone, pod_zone[cluster_pod[pool_cluster]]),
        pool_capacity_mib=chance.choice([0, 40, 150, 400], pools),
        pool_factor=chance.choice([1.0, 2.0, 1.1], pools),
        pool_disable=chance.choice([OFF, OFF, 1.0, 0.85], pools),
        address_pool_names=("a0", "a1"),
        address_total=chance.choice([5, 20, 60], 2),
        cluster_address_pool=chance.integers(2, size=clusters, dtype=np.int32),
        spares=tuple(_spares(chance, clusters)) if draw(st.booleans()) else (),
    )


def _spares(chance: np.random.Generator, clusters: int) -> Iterator[Spare]:
    """Yield up to two spare hosts a cluster, some of another speed and before all others."""
    for cluster, count in enumerate(chance.integers(3, size=clusters).tolist()):
        for number in range(count):
            kind = HostKind("made up", 4, int(chance.choice([1000, 1700])), 1000)
            first = number == 0 and bool(chance.integers(2))
            yield Spare(cluster, f"c{cluster}spare{number}", kind, first)


@st.composite
def demands(draw: st.DrawFn, most: int = 60) -> Demand:
    """Return up to `most` requests in 40 seconds, many of them at the same moment."""
    count, tenants, whole = draw(st.integers(0, most)), draw(st.integers(1, 3)), draw(st.booleans())
    chance = np.random.default_rng(draw(SEEDS))
    arrival_s, lifetime_s = chance.uniform(0, 40, count), chance.exponential(15, count) + 0.001
    if whole:
        arrival_s, lifetime_s = np.floor(arrival_s), np.ceil(lifetime_s)
    lifetime_s[chance.random(count) < 0.1] = np.inf
    return Demand.of(
        "made up",
        arrival_s=np.sort(arrival_s),
        lifetime_s=lifetime_s,
        vcpu=chance.choice([1, 2, 3, 5], count, p=[0.6, 0.25, 0.1, 0.05]),
        ram_mib=chance.choice([50, 150, 300, 700, 950], count, p=[0.3, 0.3, 0.2, 0.15, 0.05]),
        disk_mib=chance.integers(NOT_GIVEN, 20, count),
        cpu_mhz=chance.choice([0, 600, 1000, 1500], count, p=[0.6, 0.2, 0.15, 0.05]),
        tenant=chance.integers(tenants, size=count),
        tenant_names=[f"t{n}" for n in range(tenants)],
    )


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Return any algorithm with any expunge times."""
    return Rules(
        algorithm=draw(st.sampled_from(Algorithm)),
        order_clusters_by=draw(st.sampled_from(CapacityType)),
        user_dispersion_weight=draw(st.sampled_from([1.0, 0.0, 0.3, 0.5, -1.0, 7.0])),
        expunge_delay_s=draw(st.sampled_from([0.0, 5.0, 7.3])),
        expunge_interval_s=draw(st.sampled_from([0.0, 0.1, 4.0, 10.0])),
        default_disk_mib=draw(st.integers(0, 12)),
        seed=draw(st.integers(0, 1 << 70)),
    )
