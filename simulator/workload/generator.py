"""A generator of demand like a public cloud's: batches by day and week, sizes, lifetimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from cloudlab.units import DAY, HOUR
from simulator.workload.copies import check_seed, check_size
from simulator.workload.demand import Demand
from simulator.workload.published import AZURE, AZURE_ARRIVALS_PER_HOUR, Law

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP_S: Final = 300.0
"""The rate of arrivals is taken as constant over this long."""


def generate(
    days: float,
    arrivals_per_hour: float = AZURE_ARRIVALS_PER_HOUR,
    seed: int = 0,
    *,
    law: Law = AZURE,
    tenants: int | None = None,
    standing: int = 0,
    name: str = "azure-like",
) -> Demand:
    """Return requests over `days` days, from midnight on a Monday, in whole seconds.

    Args:
        days: how long requests arrive, more than 0.
        arrivals_per_hour: VMs an hour, on average over a week, more than 0.
        seed: of the streams, 0 or more.
        law: sizes, batches, lifetimes and the shape of the day.
        tenants: how many tenants share the batches, the second half as often as the first, the
            third a third as often ...; None gives every batch a tenant of its own, as in the
            Azure trace.
        standing: VMs that are there from time 0 and live on, besides those that arrive.
        name: what to call the demand.

    Raises:
        InvalidParameter: if an argument is out of range or the demand would be too large.
    """
    check_seed(seed)
    if not 0 < days < np.inf or not 0 < arrivals_per_hour < np.inf or standing < 0:
        raise InvalidParameter(
            f"{arrivals_per_hour} arrivals an hour over {days} days beside {standing} standing "
            f"VMs; allowed: more than 0 of the first two, 0 or more of the last"
        )
    if tenants is not None and tenants < 1:
        raise InvalidParameter(f"tenants is {tenants}; allowed: 1 or more")
    check_size(name, days * 24 * arrivals_per_hour + standing, "ask for less")
    starts_s = _batch_starts(days, arrivals_per_hour / law.batch_mean, law, seed)
    sizes = _batch_sizes(len(starts_s), law, seed)
    batch = np.concatenate(
        (np.arange(standing), standing + np.repeat(np.arange(len(starts_s)), sizes))
    )
    batches = standing + len(starts_s)
    shape = np.array(list(law.sizes))[_pick(list(law.sizes.values()), batches, seed, "size")]
    tenant, tenant_names = _tenants(tenants, batches, seed)
    return Demand.of(
        name,
        arrival_s=np.concatenate((np.zeros(standing), starts_s))[batch],
        lifetime_s=_lifetimes(batch, standing, law, seed),
        vcpu=shape[batch, 0],
        ram_mib=shape[batch, 1],
        tenant=tenant[batch],
        tenant_names=tenant_names,
    )


def _batch_starts(days: float, batches_per_hour: float, law: Law, seed: int) -> NDArray[np.float64]:
    """Return when each batch arrives: a Poisson process whose rate follows day and week."""
    week = law.rate(np.arange(0.0, 7 * DAY, _STEP_S) + _STEP_S / 2)
    edges = np.minimum(np.arange(0.0, days * DAY + _STEP_S, _STEP_S), days * DAY)
    rates = law.rate(edges[:-1] + _STEP_S / 2) / week.mean() * batches_per_hour / HOUR
    expected = np.concatenate(([0.0], np.cumsum(rates * np.diff(edges))))
    chance = stream(seed, "generate/arrivals")
    count = chance.poisson(expected[-1])
    passed = np.sort(chance.uniform(0, expected[-1], count))
    starts_s: NDArray[np.float64] = np.floor(np.interp(passed, expected, edges))
    return starts_s


def _batch_sizes(batches: int, law: Law, seed: int) -> NDArray[np.intp]:
    """Return how many VMs each batch holds."""
    return 1 + _pick(law.batch_chances().tolist(), batches, seed, "batch")


def _lifetimes(batch: NDArray[np.intp], standing: int, law: Law, seed: int) -> NDArray[np.float64]:
    """Return the lifetime of each VM, whole seconds from 1; inf for those standing."""
    batches = int(batch.max(initial=-1)) + 1
    kind = _pick([kind.share for kind in law.lifetimes], batches, seed, "kind")[batch]
    median_s = np.array([kind.median_s for kind in law.lifetimes])[kind]
    sigma = np.array([kind.sigma for kind in law.lifetimes])[kind]
    spread = stream(seed, "generate/lifetime").standard_normal(len(batch))
    lifetime_s = np.maximum(np.round(median_s * np.exp(sigma * spread)), 1.0)
    return np.where(batch < standing, np.inf, lifetime_s)


def _tenants(
    tenants: int | None, batches: int, seed: int
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return the tenant of each batch, and the names of all tenants."""
    if tenants is None:
        return np.arange(batches), tuple(map(str, range(batches)))
    digits = len(str(tenants))
    names = tuple(f"tenant-{number:0{digits}}" for number in range(1, tenants + 1))
    shares = [1.0 / rank for rank in range(1, tenants + 1)]
    return _pick(shares, batches, seed, "tenant"), names


def _pick(shares: list[float], count: int, seed: int, name: str) -> NDArray[np.intp]:
    """Return `count` indices of `shares`, each as often as its share of their sum."""
    edges = np.cumsum(shares) / np.sum(shares)
    chosen = np.searchsorted(edges, stream(seed, f"generate/{name}").random(count), side="right")
    return np.minimum(chosen, len(shares) - 1)
