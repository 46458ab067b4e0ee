"""A demand in figures: how much, how often, how large, how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.units import HOUR
from simulator.workload.batches import batch_of
from simulator.workload.occupancy import occupancy

if TYPE_CHECKING:
    from simulator.workload.demand import Demand

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
"""The quantiles of lifetime that a summary gives."""


@dataclass(frozen=True, slots=True)
class Size:
    """One size of VM and its share of the requests, 0 to 1."""

    vcpu: int
    ram_mib: int
    share: float


@dataclass(frozen=True, slots=True)
class DemandSummary:
    """The figures of a demand; what is held at a time assumes that nothing is refused.

    Attributes:
        requests: number of requests.
        lives_on: how many of them never end.
        span_s: seconds from time 0 to the last arrival.
        requests_per_hour: mean rate over the span.
        tenants: how many different tenants ask.
        batches: how often one of them asks, for one VM or many at once.
        batch_mean: mean number of requests in a batch.
        batches_per_tenant: mean number of batches of a tenant.
        peak_vms: most VMs at a time; `mean_vms` is time-weighted over the span.
        peak_vcpu: most virtual CPUs at a time; `mean_vcpu` likewise.
        peak_ram_mib: most memory at a time, MiB; `mean_ram_mib` likewise.
        peak_vcpu_at_s: when virtual CPUs first reach their peak.
        sizes: every size asked for, the most frequent first.
        lifetime_s: lifetime in seconds by quantile; inf where the VM lives on.
    """

    requests: int
    lives_on: int
    span_s: float
    requests_per_hour: float
    tenants: int
    batches: int
    batch_mean: float
    batches_per_tenant: float
    peak_vms: int
    mean_vms: float
    peak_vcpu: int
    mean_vcpu: float
    peak_ram_mib: int
    mean_ram_mib: float
    peak_vcpu_at_s: float
    sizes: tuple[Size, ...]
    lifetime_s: dict[float, float]


def summarise(demand: Demand) -> DemandSummary:
    """Return the figures of `demand`."""
    requests, span_s = len(demand), demand.span_s
    tenants = len(np.unique(demand.tenant))
    batches = int(batch_of(demand).max(initial=-1)) + 1
    held = occupancy(demand)
    return DemandSummary(
        requests=requests,
        lives_on=int(np.isinf(demand.lifetime_s).sum()),
        span_s=span_s,
        requests_per_hour=requests / (span_s / HOUR) if span_s else 0.0,
        tenants=tenants,
        batches=batches,
        batch_mean=requests / max(batches, 1),
        batches_per_tenant=batches / max(tenants, 1),
        peak_vms=int(held.vms.max()),
        mean_vms=held.mean(held.vms, span_s),
        peak_vcpu=int(held.vcpu.max()),
        mean_vcpu=held.mean(held.vcpu, span_s),
        peak_ram_mib=int(held.ram_mib.max()),
        mean_ram_mib=held.mean(held.ram_mib, span_s),
        peak_vcpu_at_s=float(held.time_s[np.argmax(held.vcpu)]),
        sizes=_sizes(demand),
        lifetime_s=_lifetimes(demand),
    )


def _sizes(demand: Demand) -> tuple[Size, ...]:
    """Return the sizes asked for, the most frequent first."""
    rams, ram = np.unique(demand.ram_mib, return_inverse=True)
    codes = (
        demand.vcpu.astype(np.int64) * len(rams) + ram
    )  # one number a size sorts 20 times faster
    sizes, counts = np.unique(codes, return_counts=True)
    return tuple(
        Size(int(code // len(rams)), int(rams[code % len(rams)]), int(count) / len(demand))
        for count, code in sorted(zip(counts, sizes, strict=True), key=lambda pair: -pair[0])
    )


def _lifetimes(demand: Demand) -> dict[float, float]:
    """Return the lifetime at each quantile: one that some request really has."""
    if not len(demand):
        return {}
    values = np.quantile(demand.lifetime_s, QUANTILES, method="inverted_cdf")
    return dict(zip(QUANTILES, values.tolist(), strict=True))
