"""Where queueing theory knows the answer, the kernel finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulator.fleet import Fleet
from simulator.kernel import simulate
from simulator.placements import Algorithm, Placements, Rules
from simulator.workload import Demand

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIFE_S = 1_000.0
FLAVOURS = np.array([1, 2, 4, 8])
MIX = np.array([0.4, 0.3, 0.2, 0.1])
WARM_UP = 0.05
BATCHES = 20
T_99 = 2.861  # two-sided 99 % of Student's t with 19 degrees of freedom


def erlang_b(servers: int, load: float) -> float:
    """Return the share of calls lost when `servers` are offered `load` erlangs.

    Source: A. K. Erlang, "Solution of some problems in the theory of probabilities of
    significance in automatic telephone exchanges", 1917, by the usual recursion.
    """
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    return lost


def kaufman_roberts(servers: int, rho: float) -> tuple[NDArray[np.float64], float]:
    """Return the share of every flavour lost, and the mean of busy servers.

    Source: J. S. Kaufman, "Blocking in a shared resource environment", IEEE Transactions on
    Communications 29 (1981); J. W. Roberts, "A service system with heterogeneous user
    requirements", 1981: j q(j) = sum over flavours of a_k b_k q(j - b_k).
    """
    loads = rho * servers / (MIX @ FLAVOURS) * MIX
    weights = np.zeros(servers + 1)
    weights[0] = 1.0
    for busy in range(1, servers + 1):
        reached = busy >= FLAVOURS
        weights[busy] = (loads * FLAVOURS)[reached] @ weights[busy - FLAVOURS[reached]] / busy
    weights /= weights.sum()
    lost = np.array([weights[servers - flavour + 1 :].sum() for flavour in FLAVOURS])
    return lost, float(weights @ np.arange(servers + 1))


def poisson(count: int, load: float, vcpu: NDArray[np.int64], seed: int) -> Demand:
    """Return `count` Poisson arrivals of exponential lives that offer `load` VMs."""
    chance = np.random.default_rng(seed)
    return Demand.of(
        "poisson",
        arrival_s=np.cumsum(chance.exponential(LIFE_S / load, count)),
        lifetime_s=np.maximum(chance.exponential(LIFE_S, count), 0.001),
        vcpu=vcpu,
        ram_mib=1,
    )


def place(cores: int, demand: Demand, hosts: int = 1) -> Placements:
    """Return where the demand goes on hosts that only their cores limit."""
    return simulate(Fleet.uniform(hosts, cores), demand, Rules(Algorithm.FIRST_FIT))


def interval(refused: NDArray[np.bool_]) -> tuple[float, float]:
    """Return mean and half of its 99 % interval by the means of batches after the warm-up."""
    settled = refused[int(len(refused) * WARM_UP) :].astype(np.float64)
    means = [float(batch.mean()) for batch in np.array_split(settled, BATCHES)]
    return float(np.mean(means)), T_99 * float(np.std(means, ddof=1)) / BATCHES**0.5


def test_the_recursions_give_textbook_values() -> None:
    """Ten servers at five erlangs lose 1.8385 %; one flavour makes Kaufman-Roberts Erlang's."""
    assert erlang_b(10, 5.0) == pytest.approx(0.018385, abs=5e-7)
    lost, busy = kaufman_roberts(64, 0.7)
    assert lost == pytest.approx([0.0109482, 0.0228835, 0.0499075, 0.1176763], abs=5e-8)
    assert busy == pytest.approx(42.1778833)


@pytest.mark.parametrize(
    ("servers", "load"), [(10, 5.0), (50, 45.0), (64, 44.8), (100, 100.0)], ids=str
)
def test_one_flavour_on_one_host_is_lost_as_erlang_says(servers: int, load: float) -> None:
    """VMs of one core on one host: Erlang's B lies in the interval of the refusals."""
    demand = poisson(200_000, load, np.ones(200_000, np.int64), seed=1917)
    mean, half = interval(place(servers, demand).host < 0)
    exact = erlang_b(servers, load)
    assert abs(mean - exact) <= half
    assert half < 0.5 * exact


@pytest.mark.parametrize(("servers", "rho"), [(64, 0.7), (640, 1.0)], ids=str)
def test_flavours_in_one_pool_are_lost_as_kaufman_and_roberts_say(servers: int, rho: float) -> None:
    """Four flavours on one large host: each flavour's loss, and the mean of cores busy."""
    count = 200_000
    vcpu = np.random.default_rng(5).choice(FLAVOURS, count, p=MIX)
    demand = poisson(count, rho * servers / float(MIX @ FLAVOURS), vcpu, seed=1981)
    placements = place(servers, demand)
    exact, busy = kaufman_roberts(servers, rho)
    for flavour, loss in zip(FLAVOURS, exact, strict=True):
        mean, half = interval(placements.host[vcpu == flavour] < 0)
        assert abs(mean - loss) <= half
        assert half < 0.3 * loss
    measured = placements.vcpu_seconds(demand, demand.span_s) / demand.span_s
    assert measured == pytest.approx(busy, rel=0.01)


def test_ten_hosts_lose_more_large_vms_than_their_cores_together() -> None:
    """The pool's formula promises 11.9 % loss of 8-core VMs; ten hosts of 64 lose about 18.6 %.

    Fragmentation has no closed form: small VMs take the room that large ones cannot use.
    """
    count = 200_000
    vcpu = np.random.default_rng(5).choice(FLAVOURS, count, p=MIX)
    demand = poisson(count, 640 / float(MIX @ FLAVOURS), vcpu, seed=1981)
    refused = place(64, demand, hosts=10).host < 0
    losses = np.array([interval(refused[vcpu == flavour])[0] for flavour in FLAVOURS])
    pooled, _ = kaufman_roberts(640, 1.0)
    assert losses[3] == pytest.approx(0.186, rel=0.05)
    assert losses[3] > 1.4 * pooled[3]
    assert losses[0] < 0.2 * pooled[0]
