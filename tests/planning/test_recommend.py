"""What to buy: the smallest number, where it goes, what it costs, and what else is needed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from simulator.fleet import Fleet, HostKind
from simulator.kernel.simulate import STRETCH
from simulator.planning.places import Scope
from simulator.planning.recommend import advice_of
from simulator.planning.recommend.choice import Slot
from simulator.planning.recommend.holdable import holdable
from simulator.planning.recommend.missing import missing
from simulator.planning.recommend.policy import by_pressure, weakest_first
from simulator.planning.recommend.search import Search
from simulator.planning.recommend.sums import fewest_by_sums
from simulator.planning.recommend.trial import tried, with_hosts, without_other_limits
from simulator.planning.site import HostOffer
from simulator.planning.stocks import stocks_of
from simulator.planning.survival import survival_of
from simulator.planning.traffic import traffic_of
from simulator.planning.watch import Stopped, Watch
from tests.planning.worlds import SMALL, churn, demand, fleet, placed, site, with_columns


def advice(where, what, watch: Watch | None = None):
    """Return the advice for `what` on `where`."""
    placements = placed(where, what)
    survival = survival_of(where, stocks_of(where, placements, what), what, placements, Watch())
    traffic = traffic_of(placements, what, what.span_s)
    return advice_of(where, what, traffic, survival, watch or Watch())


def test_nothing_to_buy() -> None:
    """A cloud that admits everything and survives a host needs no search."""
    found = advice(site(fleet(3)), demand((0, 9, 1, 512)))
    assert [(each.hosts, each.cost_per_month, each.runs) for each in found.recommendations] == [
        (0, 0.0, 0),
        (0, 0.0, 0),
    ]
    assert found.remedies == ()


def test_refusals_and_a_spare_by_hand() -> None:
    """Five VMs that each fill a host need five hosts, and one more to lose; there are two."""
    found = advice(site(fleet(2)), demand(*((0.0, 9.0, 8, 8192) for _ in range(5))))
    small, big = found.recommendations
    assert (small.kind.name, small.hosts, small.cost_per_month) == ("small", 4, 400.0)
    assert "a host's VMs would not all restart in z0p0c0" in small.one_less
    # The big host takes all five, but then the loss of it cannot be made good by the small ones.
    assert (big.hosts, big.cost_per_month) == (2, 1400.0)
    assert (small.currency, small.price_date) == ("USD", "2026-11-01")


@settings(max_examples=15)
@given(st.integers(0, 100), st.integers(1, 3), st.sampled_from([0.85, np.inf]))
def test_one_host_less_does_not_suffice(seed: int, clusters: int, threshold: float) -> None:
    """The answer suffices; with one host less, wherever it is taken from, something fails."""
    where = site(fleet(2, clusters, cpu_disable=threshold, ram_disable=threshold))
    what = churn(60, seed, days=1, mean_hours=8)
    search = Search(where, what, tried(where, what, 0, fail_hosts=True), where.offers[0])
    answer = search.answer()
    assert answer is not None
    assert search.trial(answer).is_enough
    for slot in set(answer):
        fewer = [each for each in answer if each != slot] + [slot] * (answer.count(slot) - 1)
        assert not search.trial(tuple(fewer)).is_enough
    assert sum(each.hosts for each in search.recommendation().additions) == len(answer)


@settings(max_examples=10)
@given(st.integers(0, 100))
def test_in_one_cluster_no_smaller_number_suffices(seed: int) -> None:
    """Where there is one cluster to add to, counting up finds the same number."""
    where = site(fleet(2, cpu_disable=0.85))
    what = churn(60, seed, days=1, mean_hours=8)
    search = Search(where, what, tried(where, what, 0, fail_hosts=True), where.offers[0])
    counted = next(hosts for hosts in range(99) if search.trial((Slot(0),) * hosts).is_enough)
    assert len(search.answer()) == counted


@pytest.mark.parametrize(
    ("sizes", "count"),
    [([(5, 8), (2, 16)], 150), ([(2, 8), (9, 8)], 170), ([(2, 16), (6, 8)], 160)],
)
@pytest.mark.parametrize("offer", [0, 1])
def test_no_smaller_number_suffices_wherever_hosts_are_put(
    sizes: list[tuple[int, int]], count: int, offer: int
) -> None:
    """Trying every distribution of fewer hosts over unlike clusters finds none that does."""
    cores = [each for hosts, each in sizes for _ in range(hosts)]
    unlike = with_columns(
        fleet(len(cores), clusters=1, cpu_disable=0.85, ram_disable=0.85), host_cores=cores
    )
    where = site(two_clusters(unlike, sizes[0][0]))
    what = churn(count, 2, days=1, mean_hours=8)
    search = Search(where, what, tried(where, what, 0, fail_hosts=True), where.offers[offer])
    answer = search.answer()
    assert answer
    for hosts in range(len(answer)):
        for clusters in combinations_with_replacement((0, 1), hosts):
            assert not search.trial(tuple(map(Slot, clusters))).is_enough


def two_clusters(one: Fleet, first: int) -> Fleet:
    """Return the hosts of `one` in two clusters, `first` of them in the first."""
    two = fleet(1, clusters=2, cpu_disable=0.85, ram_disable=0.85)
    hosts = ("host_names", "host_cores", "host_mhz", "host_ram_mib", "host_type")
    columns = {name: getattr(one, name) for name in hosts}
    return with_columns(two, host_cluster=np.arange(len(one)) >= first, **columns)


def test_every_weak_cluster_gets_what_it_needs_itself() -> None:
    """A cluster that lacks one host gets one, though the other lacks three."""
    uneven = with_columns(
        fleet(4, clusters=2), host_cores=[8] * 4 + [32] + [8] * 3, host_ram_mib=[8192] * 8
    )
    where = site(with_columns(uneven, host_cluster=[0] * 2 + [1] * 6))
    what = churn(110, 4, days=1, mean_hours=10)
    (small, _) = advice(where, what).recommendations
    counts = {each.place.cluster: each.hosts for each in small.additions}
    assert small.hosts == sum(counts.values())
    assert len(set(counts.values())) == len(counts)


def test_spare_hosts_are_bought_where_nothing_restarts_elsewhere() -> None:
    """With `ha.tag` a cluster of half-empty hosts needs a spare host, not another of its own."""
    kvm = HostOffer(SMALL, 100.0)
    where = site(fleet(4), offers=(kvm,), has_ha_tag=True)
    (only,) = advice(where, demand((0, 9, 4, 512), (0, 9, 4, 512))).recommendations
    assert [(each.hosts, each.is_spare) for each in only.additions] == [(1, True)]


def test_sums_never_ask_for_too_many() -> None:
    """One host less than the bound by sums always refuses something."""
    where = site(fleet(2, cpu_disable=0.85, ram_disable=0.85))
    for seed in range(8):
        what = churn(150, seed, days=1, mean_hours=8)
        fits = holdable(where, what, where.offers[0])
        least = fewest_by_sums(where.fleet, what, where.offers[0], fits)
        assert least > 0
        fewer = with_hosts(where.fleet, [0] * (least - 1), SMALL)
        assert tried(where.with_fleet(fewer), what, 0).refused > 0
        more = fewest_by_sums(where.fleet, what, where.offers[0], fits, lose_one=True)
        assert more > least
        fewer = with_hosts(where.fleet, [0] * (more - 1), SMALL)
        assert not tried(where.with_fleet(fewer), what, 0).is_enough


def test_hosts_go_where_pressure_is_highest() -> None:
    """Of two clusters the one that is nearer to its limit, or to the loss of a host."""
    where = site(fleet(3, clusters=2))
    empty = tried(where, demand((0, 1, 1, 512)), 0)
    peaks = {"peak_cpu": np.array([1000, 1000]), "peak_ram": np.array([9000, 15_000])}
    pressed = replace(empty, failing=(0, 1), **peaks)
    assert next(by_pressure(where, pressed, where.offers[0])) == 1
    assert weakest_first(where, pressed, where.offers[0]) == [1, 0]
    assert weakest_first(where, replace(pressed, failing=(0,)), where.offers[0]) == [0]


def test_only_the_weak_cluster_gets_hosts() -> None:
    """Where nothing is refused, clusters that survive a host are left as they are."""
    uneven = with_columns(fleet(2, clusters=2), host_ram_mib=[4096, 4096, 65_536, 65_536])
    found = advice(site(uneven), demand(*((0.0, 9.0, 1, 4096) for _ in range(4))))
    small = found.recommendations[0]
    assert [(each.place.cluster, each.hosts) for each in small.additions] == [("z0p0c0", 1)]


def test_idle_clusters_get_no_hosts_while_others_need_them() -> None:
    """A cluster of one host that runs nothing is under no pressure, one that runs VMs is."""
    where = site(with_columns(fleet(1, clusters=2), host_cores=[8, 8]))
    base = tried(where, demand((0, 9, 8, 512), (0, 9, 8, 512)), 0)
    peaks = {"peak_cpu": np.array([0, 8000]), "peak_ram": np.array([0, 512])}
    busy_second = replace(base, failing=(), **peaks)
    assert list(islice(by_pressure(where, busy_second, where.offers[0]), 3)) == [1, 1, 1]


def test_equal_clusters_get_equal_shares() -> None:
    """Nine hosts for three clusters under the same pressure are three for each."""
    where = site(fleet(4, clusters=3, cpu_disable=0.85))
    base = tried(where, churn(600, days=1), 0, fail_hosts=True)
    first = list(islice(by_pressure(where, base, where.offers[0]), 9))
    assert np.bincount(first).tolist() == [3, 3, 3]


def test_a_larger_type_takes_what_is_too_large_for_the_others() -> None:
    """Requests of 32 cores fit no host here: the big type ends it, the small cannot."""
    what = demand((0, 9, 32, 1024), (0, 9, 1, 512))
    found = advice(site(fleet(2)), what)
    small, big = found.recommendations
    assert (small.hosts, small.too_large) == (0, 1)
    assert (big.hosts, big.too_large) == (2, 0)  # one to hold it, one to restart it
    assert found.remedies == ()  # the big type is the answer


def test_what_no_type_can_hold_is_told_with_the_host_it_would_need() -> None:
    """Requests beyond the price list name the cores, speed and RAM of the host they want."""
    what = demand((0, 9, 100, 1024), (0, 9, 1, 200_000), (0, 9, 1, 512), cpu_mhz=[900, 0, 0])
    (remedy,) = advice(site(fleet(2)), what).remedies
    assert (remedy.reason, remedy.place) == ("size", None)
    assert "2 requests are larger than any host" in remedy.text
    assert "100 cores of 900 MHz and 195.3 GiB of RAM" in remedy.text


def test_storage_is_a_remedy_of_its_own() -> None:
    """Hosts do not help where disks are missing: the GiB to add, as bought, are checked."""
    tight = fleet(4, pool_mib=4096, pool_factor=2.0, pool_disable=0.5)
    found = advice(site(tight), demand(*((float(t), 99.0, 1, 512) for t in range(8))))
    assert [each.hosts for each in found.recommendations] == [0, 0]
    (remedy,) = found.remedies
    # 8 disks of 1 GiB and one more at 50 % of twice the size need 9 GiB, of which 4 are there.
    assert (remedy.reason, remedy.amount, remedy.unit) == ("storage", 5120, "MiB")
    assert (remedy.place.scope, remedy.verified) == (Scope.CLUSTER, True)


def test_zone_wide_storage_is_added_to_the_zone() -> None:
    """Where a zone has a pool for all, that is the one to grow."""
    wide = with_columns(fleet(4, pool_mib=4096), pool_cluster=[-1])
    found = advice(site(wide), demand(*((float(t), 99.0, 1, 512) for t in range(8))))
    (remedy,) = found.remedies
    assert (remedy.place.scope, remedy.amount, remedy.verified) == (Scope.ZONE, 5120, True)


def test_addresses_are_a_remedy_of_their_own() -> None:
    """Eight VMs at a time need eight addresses; five are there."""
    what = demand(*((float(t), 99.0, 1, 512) for t in range(8)))
    (remedy,) = advice(site(fleet(4, addresses=5)), what).remedies
    assert (remedy.reason, remedy.amount, remedy.unit) == ("address", 3, "addresses")
    assert remedy.verified


def test_hosts_and_storage_together() -> None:
    """More hosts admit more VMs, whose disks are counted too."""
    what = demand(*((0.0, 9.0, 8, 1024) for _ in range(6)))
    found = advice(site(fleet(2, pool_mib=3072)), what)
    assert found.recommendations[0].hosts == 5
    assert [remedy.reason for remedy in found.remedies] == ["storage"]
    assert found.remedies[0].verified


def test_a_type_that_no_cluster_runs_is_no_help() -> None:
    """Hosts of another hypervisor join no cluster."""
    alien = HostOffer(SMALL, 1.0, hypervisor="VMware")
    where = site(fleet(2), offers=(alien,), hypervisors=("KVM",))
    (only,) = advice(where, demand(*((0.0, 9.0, 8, 8192) for _ in range(5)))).recommendations
    assert (only.hosts, only.cost_per_month) == (None, None)
    assert only.one_less == "no cluster runs VMware"


def test_hosts_only_join_clusters_of_their_hypervisor() -> None:
    """A type for one hypervisor goes to the clusters that run it."""
    kvm = HostOffer(SMALL, 1.0, hypervisor="KVM")
    where = site(fleet(2, clusters=2), offers=(kvm,), hypervisors=("VMware", "KVM"))
    (only,) = advice(where, demand(*((0.0, 9.0, 8, 8192) for _ in range(4)))).recommendations
    assert {each.place.cluster for each in only.additions} <= {"z0p0c1"}


def test_no_number_helps() -> None:
    """A threshold of nothing takes no VM however many hosts there are."""
    where = site(fleet(1, cpu_disable=0.0))
    found = advice(where, demand((0, 9, 1, 512)))
    assert {each.hosts for each in found.recommendations} == {None}
    assert "1 request refused" in found.recommendations[0].one_less


def test_a_type_without_a_price_has_no_cost() -> None:
    """What is not known is not zero."""
    where = site(fleet(2), offers=(HostOffer(SMALL),))
    (only,) = advice(where, demand(*((0.0, 9.0, 8, 8192) for _ in range(3)))).recommendations
    assert (only.hosts, only.cost_per_month) == (2, None)


def test_a_stop_keeps_the_types_that_were_searched() -> None:
    """Stopped before the second type, the plan has the first."""
    what = demand(*((0.0, 9.0, 8, 8192) for _ in range(5)))
    told: list[int] = []
    watch = Watch(progress=lambda done, *_: told.append(done), stop=lambda: 1 in told)
    found = advice(site(fleet(2)), what, watch)
    assert [each.kind.name for each in found.recommendations] == ["small"]
    assert watch.stopped_at == "hosts to buy, 1 of 2"


def test_a_stop_does_not_wait_for_the_trial_in_hand() -> None:
    """Asked within the first simulation, the search ends there and has found nothing."""
    what, asked = churn(3 * STRETCH, days=1, mean_hours=0.5), []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 2

    where = site(fleet(2))
    with pytest.raises(Stopped):
        tried(where, what, 0, stop=stop)
    with pytest.raises(Stopped):
        missing(where.fleet, what, where.rules, placed(where, what), stop=stop)
    assert advice(where, what, Watch(stop=stop)).recommendations == ()


def test_hosts_are_added_to_their_clusters() -> None:
    """The order in which clusters are named does not matter."""
    grown = with_hosts(fleet(1, clusters=3), [2, 0, 2], HostKind("x", 4, 500, 100))
    assert np.bincount(grown.host_cluster).tolist() == [2, 1, 3]


def test_a_roomy_fleet_has_the_same_hosts() -> None:
    """Only storage and addresses become endless."""
    roomy = without_other_limits(fleet(2, pool_mib=1, addresses=1))
    assert placed(site(roomy), demand((0, 9, 1, 512), (0, 9, 1, 512))).admitted == 2
    assert len(roomy) == 2


def test_impossible_fleets_are_refused() -> None:
    """The fleet itself checks what is added."""
    with pytest.raises(InvalidParameter):
        with_hosts(fleet(1), [7], SMALL)
