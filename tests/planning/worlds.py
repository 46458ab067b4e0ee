"""Small clouds and demands for the tests of the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.fleet import Fleet, HostKind
from simulator.kernel import simulate
from simulator.placements import Placements, Rules
from simulator.planning.site import HostOffer, Site
from simulator.workload import Demand

FIRST_FIT = Rules(algorithm="firstfit", expunge_delay_s=0, expunge_interval_s=0)
BIG = HostKind("big", 64, 1000, 65_536)
SMALL = HostKind("small", 8, 1000, 8192)


def fleet(hosts: int = 2, clusters: int = 1, **changes: object) -> Fleet:
    """Return hosts of 8 cores of 1000 MHz and 8 GiB, with a pool of 1 TiB a cluster."""
    values = {"cores": 8, "mhz": 1000, "ram_mib": 8192, "pool_mib": 1 << 20, "addresses": 10_000}
    return Fleet.uniform(hosts=hosts, clusters=clusters, **(values | changes))


def site(of: Fleet | None = None, rules: Rules = FIRST_FIT, **changes: object) -> Site:
    """Return a site of `of` where small and big hosts can be bought."""
    offers = (HostOffer(SMALL, 100.0), HostOffer(BIG, 700.0))
    values = {"offers": offers, "price_date": "2026-11-01"} | changes
    return Site("test cloud", of or fleet(), rules, **values)


def demand(*vms: tuple[float, float, int, int], **columns: object) -> Demand:
    """Return requests given as arrival, lifetime, vCPU and MiB, in order of arrival."""
    arrival, lifetime, vcpu, ram = zip(*vms, strict=True)
    values = {"disk_mib": 1024} | columns
    return Demand.of(
        "test demand", arrival_s=arrival, lifetime_s=lifetime, vcpu=vcpu, ram_mib=ram, **values
    )


def churn(
    count: int = 400,
    seed: int = 1,
    *,
    days: float = 7.0,
    mean_hours: float = 12.0,
    tenants: int = 10,
    sizes: tuple[tuple[int, int], ...] = ((1, 1024), (2, 2048), (2, 4096), (4, 4096)),
) -> Demand:
    """Return requests at random times with exponential lifetimes."""
    generator = np.random.default_rng(seed)
    which = generator.integers(0, len(sizes), count)
    size = np.array(sizes)[which]
    return Demand.of(
        "churn",
        arrival_s=np.sort(generator.uniform(0, days * 86_400, count)),
        lifetime_s=generator.exponential(mean_hours * 3600, count) + 1,
        vcpu=size[:, 0],
        ram_mib=size[:, 1],
        disk_mib=generator.integers(1, 5, count) * 1024,
        tenant=generator.integers(0, tenants, count),
        tenant_names=[f"tenant-{number}" for number in range(tenants)],
    )


def placed(where: Site, what: Demand) -> Placements:
    """Return what the kernel makes of `what`."""
    return simulate(where.fleet, what, where.rules)


def with_columns(of: Fleet, **columns: object) -> Fleet:
    """Return the fleet with columns replaced; lists become arrays of the right type."""
    typed = {
        name: np.asarray(value, getattr(of, name).dtype)
        if isinstance(getattr(of, name), np.ndarray)
        else value
        for name, value in columns.items()
    }
    return replace(of, **typed)
