"""The rules of placement, one small cloud a rule, on both engines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cloudlab.streams import draw
from simulator.fleet import Fleet, HostKind
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Reason, Rules
from simulator.workload import Demand

FIRST_FIT = Rules(Algorithm.FIRST_FIT)


def one_after_another(count: int, **columns: object) -> Demand:
    """Return `count` requests a second apart that live on, unless told otherwise."""
    return Demand.of("test", arrival_s=np.arange(count, dtype=float), **columns)


def small(hosts: int, clusters: int = 1, **changes: object) -> Fleet:
    """Return clusters of hosts of 4 cores of 1000 MHz and 8 GiB."""
    return Fleet.uniform(hosts, 4, 1000, 8192, clusters, **changes)


def hosts(fleet: Fleet, demand: Demand, rules: Rules, engine: Engine) -> list[int]:
    """Return the host of every request, -1 when refused."""
    return simulate(fleet, demand, rules, engine=engine).host.tolist()


def reasons(fleet: Fleet, demand: Demand, engine: Engine, rules: Rules = FIRST_FIT) -> list[Reason]:
    """Return what became of every request."""
    return [Reason(code) for code in simulate(fleet, demand, rules, engine=engine).reason]


# --- time ---------------------------------------------------------------------------------------


def test_a_departure_goes_before_an_arrival_at_the_same_moment(engine: Engine) -> None:
    """The host that a VM leaves at 1 s takes the VM that comes at 1 s."""
    demand = one_after_another(2, lifetime_s=1, vcpu=4)
    assert hosts(small(1), demand, FIRST_FIT, engine) == [0, 0]


def test_the_departure_is_the_unrounded_sum(engine: Engine) -> None:
    """0.1 s and 0.2 s make a little more than 0.3 s: an arrival at 0.3 s comes too early."""
    demand = Demand.of("test", arrival_s=[0.1, 0.3], lifetime_s=0.2, vcpu=4)
    assert hosts(small(1), demand, FIRST_FIT, engine) == [0, -1]


def test_disk_and_address_stay_taken_until_the_expunge(engine: Engine) -> None:
    """Destroyed at 1 s, due after 5 s, swept every 4 s: gone at 8 s and not before."""
    rules = replace(FIRST_FIT, expunge_delay_s=5, expunge_interval_s=4, default_disk_mib=10)
    demand = Demand.of("test", arrival_s=[0, 2, 7.9, 8], lifetime_s=1, vcpu=4)
    tight = {"STORAGE": small(1, pool_mib=10), "ADDRESS": small(1, addresses=1)}
    for reason, fleet in tight.items():
        placements = simulate(fleet, demand, rules, engine=engine)
        assert placements.host.tolist() == [0, -1, -1, 0]
        assert placements.reason.tolist() == [0, Reason[reason], Reason[reason], 0]
        assert placements.released_s[[0, 3]].tolist() == [8, 16]


def test_without_delay_and_interval_all_comes_back_at_once(engine: Engine) -> None:
    """The only address goes from the VM that leaves at 1 s to the one that comes at 1 s."""
    rules = replace(FIRST_FIT, expunge_delay_s=0, expunge_interval_s=0)
    demand = one_after_another(2, lifetime_s=1)
    assert hosts(small(1, addresses=1), demand, rules, engine) == [0, 0]


# --- clusters and zones -------------------------------------------------------------------------


def test_the_least_used_cluster_comes_first_and_ties_go_by_index(engine: Engine) -> None:
    """Equal VMs go round the clusters; a large one keeps its cluster back for a while."""
    demand = one_after_another(5, vcpu=[1, 2, 1, 1, 1])
    assert hosts(small(1, clusters=2), demand, FIRST_FIT, engine) == [0, 1, 0, 0, 1]


def test_clusters_can_be_ordered_by_ram(engine: Engine) -> None:
    """The VM that is large in RAM only keeps its cluster back only when RAM orders."""
    demand = one_after_another(3, vcpu=[1, 2, 1], ram_mib=[4096, 1024, 1024])
    by_ram = replace(FIRST_FIT, order_clusters_by="RAM")
    assert hosts(small(1, clusters=2), demand, FIRST_FIT, engine) == [0, 1, 0]
    assert hosts(small(1, clusters=2), demand, by_ram, engine) == [0, 1, 1]


def test_used_share_counts_against_the_size_of_the_cluster(engine: Engine) -> None:
    """A cluster twice as large gets two VMs for one."""
    fleet = small(1, clusters=2).with_hosts(1, 1)
    assert hosts(fleet, one_after_another(4), FIRST_FIT, engine) == [0, 1, 1, 0]


def test_a_full_zone_hands_the_request_to_the_next(engine: Engine) -> None:
    """The least used zone comes first; one that cannot take a VM is passed over."""
    fleet = small(1, zones=2).with_hosts(1, 1)
    demand = one_after_another(4, vcpu=[4, 4, 4, 1])
    assert hosts(fleet, demand, FIRST_FIT, engine) == [0, 1, 2, -1]


def test_a_zone_is_tried_whole_before_the_next(engine: Engine) -> None:
    """The emptiest cluster stands in the fuller zone: the emptier zone still comes first."""
    fleet = small(1, clusters=2, zones=2)
    demand = one_after_another(4, vcpu=[3, 1, 1, 1])
    assert hosts(fleet, demand, FIRST_FIT, engine) == [0, 2, 3, 2]


# --- hosts --------------------------------------------------------------------------------------


def test_first_fit_takes_the_lowest_index_with_room(engine: Engine) -> None:
    """Small VMs fill the gaps that large ones left on the first hosts."""
    demand = one_after_another(4, vcpu=[3, 3, 1, 1])
    assert hosts(small(2), demand, FIRST_FIT, engine) == [0, 1, 0, 1]


def test_random_takes_the_draw_of_the_request(engine: Engine) -> None:
    """The host is the drawn one among those that fit, in index order."""
    demand = one_after_another(40, lifetime_s=2.5, vcpu=4)
    got = hosts(small(5), demand, Rules(Algorithm.RANDOM, seed=9), engine)
    for number in range(40):
        busy = set(got[max(0, number - 2) : number])
        fitting = [host for host in range(5) if host not in busy]
        assert got[number] == fitting[int(draw(9, number, 0) * len(fitting))]


def test_least_consumed_takes_the_emptiest_share(engine: Engine) -> None:
    """Free share counts, not free MHz: the small empty host goes before the large used one."""
    fleet = small(1).with_hosts(0, 1, HostKind("large", cores=16, mhz=1000, ram_mib=8192))
    rules = Rules(Algorithm.FIRST_FIT_LEAST_CONSUMED)
    demand = one_after_another(4)
    assert hosts(fleet, demand, rules, engine) == [0, 1, 1, 1]


def test_user_dispersing_keeps_an_account_apart(engine: Engine) -> None:
    """Each account's VMs go to the cluster and the host where it has fewest."""
    demand = one_after_another(
        6, tenant=[0, 0, 0, 0, 1, 0], vcpu=[1, 1, 1, 1, 1, 1], tenant_names=("a", "b")
    )
    rules = Rules(Algorithm.USER_DISPERSING)
    assert hosts(small(2, clusters=2), demand, rules, engine) == [0, 2, 1, 3, 0, 2]


def test_a_lower_dispersion_weight_lets_the_used_share_speak(engine: Engine) -> None:
    """With weight 0 only the used share orders clusters; outside 0..1 it counts as 1."""
    demand = one_after_another(3, tenant=[0, 1, 0], vcpu=[1, 3, 1], tenant_names=("a", "b"))
    fleet, rules = small(1, clusters=2), Rules(Algorithm.USER_DISPERSING)
    second_vm_of_a = {1.0: 1, 7.0: 1, -0.1: 1, 0.5: 1, 0.3: 0, 0.0: 0}
    for weight, host in second_vm_of_a.items():
        weighed = replace(rules, user_dispersion_weight=weight)
        assert hosts(fleet, demand, weighed, engine) == [0, 1, host]


@pytest.mark.parametrize(
    "algorithm",
    [Algorithm.USER_CONCENTRATED_POD_FIRST_FIT, Algorithm.USER_CONCENTRATED_POD_RANDOM],
)
def test_user_concentrated_pod_keeps_an_account_together(
    engine: Engine, algorithm: Algorithm
) -> None:
    """An account stays in the pod of its first VM until that is full."""
    demand = one_after_another(6, tenant=[0, 1, 0, 1, 0, 0], vcpu=2, tenant_names=("a", "b"))
    got = hosts(small(1, clusters=1, pods=2), demand, Rules(algorithm), engine)
    assert got == [0, 1, 0, 1, -1, -1]


# --- speed --------------------------------------------------------------------------------------


def test_a_request_without_speed_takes_whole_cores(engine: Engine) -> None:
    """Without `cpu_mhz` a core costs its host's speed; with 500 MHz twice as many fit."""
    assert hosts(small(1), one_after_another(5), FIRST_FIT, engine) == [0, 0, 0, 0, -1]
    half = one_after_another(9, cpu_mhz=500)
    assert hosts(small(1), half, FIRST_FIT, engine) == [0] * 8 + [-1]


def test_a_slow_host_is_passed_over(engine: Engine) -> None:
    """Cores of 1500 MHz are not to be had on hosts of 1000 MHz, however empty."""
    fleet = small(1).with_hosts(0, 1, HostKind("fast", cores=4, mhz=2000, ram_mib=8192))
    assert hosts(fleet, one_after_another(2, cpu_mhz=1500), FIRST_FIT, engine) == [1, 1]


def test_over_provisioning_gives_more_mhz_and_no_more_cores(engine: Engine) -> None:
    """Four cores twice over hold four 2-core VMs and never one of 5 cores."""
    fleet = small(1, cpu_factor=2.0)
    assert hosts(fleet, one_after_another(5, vcpu=2), FIRST_FIT, engine) == [0, 0, 0, 0, -1]
    assert hosts(fleet, one_after_another(1, vcpu=5), FIRST_FIT, engine) == [-1]


# --- pools --------------------------------------------------------------------------------------


def pools(fleet: Fleet, disks: list[int], rules: Rules, engine: Engine) -> list[int]:
    """Return the pool of one VM after another with these disks."""
    demand = one_after_another(len(disks), disk_mib=disks)
    return simulate(fleet, demand, rules, engine=engine).pool.tolist()


def with_zone_pool(fleet: Fleet, capacity_mib: int) -> Fleet:
    """Return the fleet with one more pool that serves all of zone 0."""
    return replace(
        fleet,
        pool_names=(*fleet.pool_names, "zone-wide"),
        pool_cluster=np.append(fleet.pool_cluster, np.int32(-1)),
        pool_zone=np.append(fleet.pool_zone, np.int32(0)),
        pool_capacity_mib=np.append(fleet.pool_capacity_mib, capacity_mib),
        pool_factor=np.append(fleet.pool_factor, 1.0),
        pool_disable=np.append(fleet.pool_disable, np.inf),
    )


def test_first_fit_fills_the_clusters_pool_before_the_zones(engine: Engine) -> None:
    """Pools go by index; the zone-wide one serves every cluster of the zone."""
    fleet = with_zone_pool(small(2, clusters=2, pool_mib=10), 25)
    assert pools(fleet, [10, 10, 10, 10, 10], FIRST_FIT, engine) == [0, 1, 2, 2, -1]


def test_a_cluster_without_a_pool_is_passed_over(engine: Engine) -> None:
    """The host is there and the pool is not: the next cluster takes the VM."""
    fleet = small(1, clusters=2)
    fleet = replace(fleet, pool_cluster=np.array([1, 1], np.int32))
    assert hosts(fleet, one_after_another(2), FIRST_FIT, engine) == [1, 1]


def test_storage_can_be_over_provisioned(engine: Engine) -> None:
    """A factor of 2 holds twice the disks; the room is rounded down."""
    assert pools(small(1, pool_mib=10, pool_factor=2.0), [10, 10, 1], FIRST_FIT, engine)[-1] == -1
    assert pools(small(1, pool_mib=11, pool_factor=1.1), [12, 1], FIRST_FIT, engine) == [0, -1]


def test_a_pool_must_stay_below_its_threshold(engine: Engine) -> None:
    """At 0.5 a pool of 20 takes 9 and refuses the tenth; a cluster may reach its threshold.

    The share is of what over-provisioning makes of the pool, before that is rounded.
    """
    fleet = small(1, pool_mib=20, pool_disable=0.5)
    assert pools(fleet, [9, 1], FIRST_FIT, engine) == [0, -1]
    unrounded = small(1, pool_mib=11, pool_factor=1.1, pool_disable=0.5)
    assert pools(unrounded, [6, 1], FIRST_FIT, engine) == [0, -1]  # 6 of 12.1, not of 12
    assert hosts(small(1, cpu_disable=0.5), one_after_another(3), FIRST_FIT, engine) == [0, 0, -1]


def test_a_request_without_disk_takes_the_default(engine: Engine) -> None:
    """-1 is the default disk, 0 is none."""
    rules = replace(FIRST_FIT, default_disk_mib=8)
    assert pools(small(1, pool_mib=10), [-1, -1, 0, 2], rules, engine) == [0, -1, 0, 0]


def test_random_pools_have_a_draw_of_their_own(engine: Engine) -> None:
    """The pool is drawn with the odd salt of its cluster among those with room."""
    fleet = with_zone_pool(small(8), 1 << 40)
    got = pools(fleet, [1] * 20, Rules(Algorithm.RANDOM, seed=4), engine)
    assert got == [int(draw(4, number, 1) * 2) for number in range(20)]
    assert set(got) == {0, 1}


def test_user_dispersing_spreads_volumes_too(engine: Engine) -> None:
    """An account's volumes alternate between two pools."""
    fleet = with_zone_pool(small(8), 1 << 40)
    got = pools(fleet, [1] * 6, Rules(Algorithm.USER_DISPERSING), engine)
    assert all(pool != other for pool, other in pairwise(got))


# --- reasons ------------------------------------------------------------------------------------


def test_what_no_empty_host_could_hold_is_refused_for_its_size(engine: Engine) -> None:
    """Too many cores, too fast, too much RAM: each is a matter of size."""
    demand = one_after_another(
        4, vcpu=[5, 1, 1, 1], cpu_mhz=[0, 1001, 0, 0], ram_mib=[1, 1, 8193, 8192]
    )
    assert reasons(small(2), demand, engine) == [Reason.SIZE] * 3 + [Reason.ADMITTED]


def test_a_full_host_is_short_of_what_it_is_short_of(engine: Engine) -> None:
    """CPU, RAM, or both, by what the hosts lack."""
    full = {
        Reason.CPU: {"vcpu": [4, 1], "ram_mib": [1, 1]},
        Reason.RAM: {"vcpu": [1, 1], "ram_mib": [8192, 1]},
        Reason.CPU_AND_RAM: {"vcpu": [4, 1], "ram_mib": [8192, 1]},
    }
    for reason, sizes in full.items():
        assert reasons(small(1), one_after_another(2, **sizes), engine)[1] == reason


def test_hosts_short_of_different_things_are_short_of_both(engine: Engine) -> None:
    """One host lacks CPU and the other RAM: neither alone would help."""
    demand = one_after_another(3, vcpu=[4, 1, 1], ram_mib=[1024, 8192, 1024])
    assert reasons(small(2), demand, engine)[2] == Reason.CPU_AND_RAM


def test_hosts_that_are_too_small_have_no_say(engine: Engine) -> None:
    """A host that could never hold the VM does not count as short of RAM."""
    fleet = small(1).with_hosts(0, 1, HostKind("tiny", cores=4, mhz=1000, ram_mib=512))
    demand = one_after_another(2, vcpu=[4, 1], ram_mib=1024)
    assert reasons(fleet, demand, engine)[1] == Reason.CPU


def test_a_threshold_is_named_when_a_host_has_room(engine: Engine) -> None:
    """The cluster is closed at half; its host would have had room."""
    fleet = small(1, ram_disable=0.5)
    demand = one_after_another(2, ram_mib=[4096, 1])
    assert reasons(fleet, demand, engine) == [Reason.ADMITTED, Reason.THRESHOLD]


def test_the_nearest_remedy_is_named(engine: Engine) -> None:
    """Address goes before storage, and storage before threshold."""
    fleet = replace(
        small(1, clusters=3, cpu_disable=np.inf),
        address_pool_names=("none", "many"),
        address_total=np.array([0, 99]),
        cluster_address_pool=np.array([1, 1, 1], np.int32),
        cpu_disable=np.array([0.1, np.inf, np.inf]),
        pool_capacity_mib=np.array([1 << 40, 0, 0]),
    )
    demand = one_after_another(1)
    without_storage = replace(fleet, cpu_disable=np.full(3, 0.1))
    without_address = replace(fleet, cluster_address_pool=np.array([1, 1, 0], np.int32))
    assert reasons(without_storage, demand, engine) == [Reason.THRESHOLD]
    assert reasons(fleet, demand, engine) == [Reason.STORAGE]
    assert reasons(without_address, demand, engine) == [Reason.ADDRESS]


def test_a_closed_cluster_without_addresses_is_closed(engine: Engine) -> None:
    """A cluster over its threshold says so, even when it has no address either."""
    fleet = small(1, cpu_disable=0.1, addresses=0)
    assert reasons(fleet, one_after_another(1), engine) == [Reason.THRESHOLD]
