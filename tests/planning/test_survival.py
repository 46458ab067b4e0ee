"""Host failures, against trying every placement of every VM on tiny clusters."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.fleet import HostKind, Spare
from simulator.kernel.tables import Order
from simulator.planning.stocks import stocks_of
from simulator.planning.survival import survival_of
from simulator.planning.survival.bounds import (
    most_by_sums,
    over_threshold,
    too_many,
    too_much,
)
from simulator.planning.survival.exact import Budget, placeable
from simulator.planning.survival.largest import Halving
from simulator.planning.survival.packable import most_packable, proof_of
from simulator.planning.survival.packing import Filling, _packed, pack
from simulator.planning.survival.record import Proof
from simulator.planning.survival.restarts import restarts
from simulator.planning.survival.scene import Scene, scene_of
from simulator.planning.survival.sets import MOST_SETS, SAMPLE, failure_sets
from simulator.planning.survival.verdict import verdict_on
from simulator.planning.watch import Watch
from tests.planning.worlds import churn, demand, fleet, placed, site, with_columns

ROOM = 12


def scene(counts, sizes, free, *, disable=np.inf, order=Order.INDEX) -> Scene:
    """Return hosts with `counts` VMs of `sizes` (CPU, RAM), and so much free on every bin."""
    cpu, ram = np.array(sizes, np.int64).T
    table, bins = np.array(counts, np.int64), len(free)
    rows = [
        (h, t)
        for h, row in enumerate(counts)
        for t, number in enumerate(row)
        for _ in range(number)
    ]
    host, size = np.array(rows, np.int64).reshape(-1, 2).T
    free_cpu = np.array([cpu for cpu, _ in free], np.int64)
    free_ram = np.array([ram for _, ram in free], np.int64)
    taken = np.concatenate((table @ np.array(sizes), np.zeros((bins - len(table), 2), np.int64)))
    return Scene(
        at_s=0.0,
        vcpu=cpu,
        cpu=np.repeat(cpu[:, None], bins, axis=1),
        ram=ram,
        fits=np.ones((len(cpu), bins), np.bool_),
        counts=table,
        asked_cpu=cpu,
        takes=np.ones(bins, np.bool_),
        free_cpu=free_cpu,
        free_ram=free_ram,
        usable_cpu=free_cpu + taken[:, 0],
        usable_ram=free_ram + taken[:, 1],
        cpu_disable=disable,
        ram_disable=disable,
        vm=np.arange(len(host)),
        vm_host=host,
        vm_size=size,
        vm_account=np.zeros(len(host), np.int64),
        hosts_by=order,
        by_ram=False,
        draws=np.linspace(0, 1, max(len(host), 1), endpoint=False)[None],
    )


@st.composite
def scenes(draw) -> Scene:
    """Draw clusters of up to four hosts with a few VMs of up to three sizes, and spares."""
    size = st.tuples(st.integers(1, 6), st.integers(1, 6))
    sizes = draw(st.lists(size, min_size=1, max_size=3, unique=True))
    hosts, spares = draw(st.integers(1, 4)), draw(st.integers(0, 1))
    row = st.lists(st.integers(0, 2), min_size=len(sizes), max_size=len(sizes))
    counts = draw(st.lists(row, min_size=hosts, max_size=hosts))
    room = st.tuples(st.integers(0, ROOM), st.integers(0, ROOM))
    free = draw(st.lists(room, min_size=hosts + spares, max_size=hosts + spares))
    disable = draw(st.sampled_from([np.inf, 1.0, 0.85, 0.6]))
    order = draw(st.sampled_from([Order.INDEX, Order.RANDOM, Order.LEAST_CONSUMED]))
    return scene(counts, sizes, free, disable=disable, order=order)


def fit_by_force(of: Scene, failed: tuple[int, ...]) -> bool:
    """Return whether some way of placing every VM of the failed hosts works."""
    if over_by_hand(of, failed):
        return False
    items = [size for host in failed for size, n in enumerate(of.counts[host]) for _ in range(n)]
    bins = [place for place in range(of.bins) if place not in failed]
    if len(items) * len(bins) > 60:
        pytest.skip("too many ways")
    free = {place: (int(of.free_cpu[place]), int(of.free_ram[place])) for place in bins}
    return _placeable(of, items, free)


def over_by_hand(of: Scene, failed: tuple[int, ...]) -> bool:
    """Return whether all VMs would be more than thresholds allow on what is left."""
    bins = [place for place in range(of.bins) if place not in failed]
    taken = of.counts.sum(axis=0) @ np.stack((of.vcpu, of.ram), axis=1)
    usable = of.usable_cpu[bins].sum(), of.usable_ram[bins].sum()
    limits = of.cpu_disable, of.ram_disable
    fell = of.counts[list(failed)].sum() > 0
    return bool(fell) and any(
        held / max(total, 1) > limit
        for held, total, limit in zip(taken.tolist(), usable, limits, strict=True)
    )


def _placeable(of: Scene, items: list[int], free: dict[int, tuple[int, int]]) -> bool:
    if not items:
        return True
    size, rest = items[0], items[1:]
    for place, (cpu, ram) in free.items():
        need = int(of.cpu[size, place]), int(of.ram[size])
        if of.fits[size, place] and cpu >= need[0] and ram >= need[1]:
            after = {**free, place: (cpu - need[0], ram - need[1])}
            if _placeable(of, rest, after):
                return True
    return False


def most_by_force(of: Scene) -> int:
    """Return the most hosts whose failure is survived, whichever they are."""
    for count in range(1, of.hosts + 1):
        if not all(fit_by_force(of, failed) for failed in combinations(range(of.hosts), count)):
            return count - 1
    return of.hosts


@settings(max_examples=300)
@given(scenes())
def test_what_could_be_packed_is_what_trying_everything_gives(of: Scene) -> None:
    """The bound is exact on clusters small enough to try everything, and restarts keep to it."""
    survives = Halving(of, 0).most(of.hosts)
    assert survives <= most_packable(of, survives, 0) == most_by_force(of)


def down_one_by_one(of: Scene, failed: tuple[int, ...]) -> list[int]:
    """Return the VMs that stay down, by the rules word for word."""
    free_cpu, free_ram = of.free_cpu.tolist(), of.free_ram.tolist()
    alive = [place for place in range(of.bins) if place not in failed]
    hosts = [place for place in alive if place < of.hosts]
    cpu = sum(int(of.taken_cpu[host]) for host in hosts)
    ram = sum(int(of.taken_ram[host]) for host in hosts)
    down = []
    for vm in sorted(of.vm.tolist(), key=lambda vm: (of.vm_host[vm], vm)):
        if of.vm_host[vm] not in failed:
            continue
        need_cpu, need_ram = int(of.vcpu[of.vm_size[vm]]), int(of.ram[of.vm_size[vm]])
        fitting = [at for at in alive if free_cpu[at] >= need_cpu and free_ram[at] >= need_ram]
        over = (cpu + need_cpu) / max(sum(of.usable_cpu[alive]), 1) > of.cpu_disable
        over |= (ram + need_ram) / max(sum(of.usable_ram[alive]), 1) > of.ram_disable
        if over or not fitting:
            down.append(vm)
            continue
        at = fitting[0]
        if of.hosts_by is Order.RANDOM:
            at = fitting[int(of.draws[0, vm] * len(fitting))]
        elif of.hosts_by is Order.LEAST_CONSUMED:
            at = max(fitting, key=lambda at: (free_cpu[at] / max(of.usable_cpu[at], 1), -at))
        free_cpu[at] -= need_cpu
        free_ram[at] -= need_ram
        cpu, ram = cpu + need_cpu, ram + need_ram
    return down


@given(scenes())
def test_restarts_side_by_side_are_restarts_one_by_one(of: Scene) -> None:
    """Playing all failures at once gives what playing each by itself would."""
    for count in range(1, of.hosts + 1):
        sets = failure_sets(of, count, 0)
        found = restarts(of, sets)
        for row, failed in enumerate(sets):
            by_hand = down_one_by_one(of, tuple(np.flatnonzero(failed)))
            assert found.vm[row, found.is_down[row]].tolist() == by_hand
            assert verdict_on(of, count, 0).tested == len(sets)


@given(scenes())
def test_proofs_and_packings_never_lie(of: Scene) -> None:
    """What is packed fits, what is proved impossible does not, and the search knows."""
    for count in range(1, of.hosts + 1):
        sets = failure_sets(of, count, 0)
        packed, much, many = pack(of, sets), too_much(of, sets), too_many(of, sets)
        many |= over_threshold(of, sets)
        for row, failed in enumerate(sets):
            fits = fit_by_force(of, tuple(np.flatnonzero(failed)))
            assert fits or packed.vms_left[row] > 0
            assert not (fits and (much[row] or many[row]))
            assert placeable(of, failed, Budget(10_000)) is fits


@given(scenes())
def test_packing_takes_from_what_is_free(of: Scene) -> None:
    """No host is promised more than it has, and every VM is placed or left."""
    sets = failure_sets(of, 1, 0)
    packed = pack(of, sets)
    need = sets.astype(int) @ of.counts
    alive = np.concatenate((~sets, np.ones((len(sets), of.bins - of.hosts), bool)), axis=1)
    assert (packed.free_cpu >= 0).all()
    assert (packed.free_ram >= 0).all()
    taken_cpu = ((alive * of.free_cpu) - packed.free_cpu).sum(axis=1)
    taken_ram = ((alive * of.free_ram) - packed.free_ram).sum(axis=1)
    assert np.array_equal(taken_cpu, (need - packed.left) @ of.vcpu)
    assert np.array_equal(taken_ram, (need - packed.left) @ of.ram)


def endless(sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return that thresholds keep nothing back."""
    return np.full(len(sets), 1 << 60), np.full(len(sets), 1 << 60)


@given(scenes())
def test_packing_by_sizes_is_first_fit_one_by_one(of: Scene) -> None:
    """Placing all VMs of a size at once gives what placing them one after another would."""
    order = np.argsort(-of.ram, kind="stable")
    sets = failure_sets(of, 1, 0)
    alive = np.concatenate((~sets, np.ones((len(sets), of.bins - of.hosts), bool)), axis=1)
    packed = _packed(of, sets.astype(int) @ of.counts, alive, endless(sets), (order, Filling.FIRST))
    for row, failed in enumerate(sets):
        free_cpu, free_ram = alive[row] * of.free_cpu, alive[row] * of.free_ram
        left = np.zeros(len(of.ram), int)
        for size in np.repeat(order, of.counts[failed].sum(axis=0)[order]):
            room = alive[row] & (free_cpu >= of.vcpu[size]) & (free_ram >= of.ram[size])
            if not room.any():
                left[size] += 1
                continue
            free_cpu[np.argmax(room)] -= of.vcpu[size]
            free_ram[np.argmax(room)] -= of.ram[size]
        assert np.array_equal(packed.left[row], left)
        assert np.array_equal(packed.free_ram[row], free_ram)


def test_sums_say_yes_and_sizes_say_no() -> None:
    """A VM of 6 does not fit into two holes of 4, though 8 are free."""
    of = scene([[1], [0], [0]], [(6, 6)], [(0, 0), (4, 4), (4, 4)])
    broken = verdict_on(of, 1, 0).broken
    assert (proof_of(of, broken.failed), broken.vms_left) == (Proof.SIZES, 1)


def test_more_than_there_is_fails_by_sums() -> None:
    """Two hosts that are both more than half full."""
    of = scene([[2], [2]], [(3, 1)], [(4, 9), (4, 9)])
    assert proof_of(of, verdict_on(of, 1, 0).broken.failed) is Proof.SUMS


def test_what_neither_sums_nor_sizes_prove_the_search_does() -> None:
    """VMs of 5, 3, 3 and 3 fill two holes of 7 by sums and by sizes, yet one is left."""
    holes = [(0, 0), (7, 99), (7, 99)]
    of = scene([[1, 3], [0, 0], [0, 0]], [(5, 1), (3, 1)], holes)
    broken = verdict_on(of, 1, 0).broken
    assert proof_of(of, broken.failed) is Proof.SEARCH
    assert broken.vms_left == 1


def test_restarts_in_turn_find_less_than_there_is() -> None:
    """VMs of 2, 2 and 4 fill holes of 4 and 4, unless a 2 goes into each."""
    of = scene([[2, 1], [0, 0], [0, 0]], [(2, 1), (4, 1)], [(0, 0), (4, 9), (4, 9)])
    least_first = replace(of, hosts_by=Order.LEAST_CONSUMED)
    broken = verdict_on(least_first, 1, 0).broken
    assert (broken.vms_left, proof_of(of, broken.failed)) == (1, Proof.ORDER)
    assert (Halving(least_first, 0).most(3), most_packable(least_first, 0, 0)) == (0, 1)


def test_every_draw_must_succeed_where_hosts_are_drawn() -> None:
    """The loss is survived by the first draw alone, so it is not survived."""
    of = scene([[2, 1], [0, 0], [0, 0]], [(2, 1), (4, 1)], [(0, 0), (4, 9), (4, 9)])
    lucky, unlucky = [0.0, 0.0, 0.0], [0.0, 0.9, 0.0]
    drawn = replace(of, hosts_by=Order.RANDOM, draws=np.array([lucky]))
    assert verdict_on(drawn, 1, 0).broken is None
    both = replace(drawn, draws=np.array([lucky, unlucky]))
    assert verdict_on(both, 1, 0).broken.vms_left == 1


def test_a_search_that_is_cut_off_counts_as_not_survived() -> None:
    """Without steps there is no answer, and without an answer no promise."""
    of = scene([[1, 3], [0, 0], [0, 0]], [(5, 1), (3, 1)], [(0, 0), (7, 99), (7, 99)])
    assert placeable(of, np.array([True, False, False]), Budget(1)) is None


def test_spreading_packs_what_first_fit_keeps_apart() -> None:
    """VMs rich in RAM and VMs rich in CPU share hosts, where first fit would part them."""
    of = scene([[2, 6]] + [[0, 0]] * 2, [(1, 6), (3, 2)], [(0, 0), (10, 12), (10, 12)])
    sets = np.array([[True, False, False]])
    need, alive = sets.astype(int) @ of.counts, ~sets
    order = np.array([0, 1])
    assert _packed(of, need, alive, endless(sets), (order, Filling.FIRST)).vms_left[0] > 0
    assert _packed(of, need, alive, endless(sets), (order, Filling.SPREAD)).vms_left[0] == 0


def test_every_set_is_tried_while_there_are_few() -> None:
    """Of 20 hosts all 1,140 sets of three; the sets are all different."""
    of = scene([[1]] * 20, [(1, 1)], [(1, 1)] * 20)
    sets = failure_sets(of, 3, 0)
    assert len(np.unique(sets, axis=0)) == 1140 <= MOST_SETS
    assert (sets.sum(axis=1) == 3).all()


def test_the_likely_worst_and_a_sample_are_tried_when_there_are_many() -> None:
    """Of 60 hosts some sets of ten, among them the ten with most RAM, the same every time."""
    generator = np.random.default_rng(5)
    of = scene(generator.integers(0, 5, (60, 1)), [(1, 1)], [(9, 9)] * 60)
    sets = failure_sets(of, 10, 0)
    assert SAMPLE <= len(sets) <= SAMPLE + 20
    fullest = np.argsort(-of.counts[:, 0], kind="stable")[:10]
    assert any(failed[fullest].all() for failed in sets)
    assert np.array_equal(sets, failure_sets(of, 10, 0))
    assert not np.array_equal(sets, failure_sets(of, 10, 1))


def test_sums_bound_the_search() -> None:
    """Four equal hosts at half of their CPU survive two failures, and not by chance."""
    of = scene([[4]] * 4, [(1, 1)], [(4, 99)] * 4)
    assert (most_by_sums(of), Halving(of, 0).most(4)) == (2, 2)


def survival(where, what):
    """Return the survival of every cluster."""
    placements = placed(where, what)
    return survival_of(where, stocks_of(where, placements, what), what, placements, Watch())


def test_names_and_reasons_of_what_stays_down() -> None:
    """The worst failure is told with its host, its VMs and what they lack: the oldest restarts."""
    what = demand((0, 9, 8, 2048), (0, 9, 4, 1024), (0, 9, 4, 6144), ids=["a", "b", "c"])
    (found,) = survival(site(fleet(2)), what)
    assert (found.survives, found.hosts, found.is_n_plus_1) == (0, 2, False)
    assert found.worst.failed == ("z0p0c0h1",)
    assert [left.id for left in found.worst.left] == ["b", "c"]
    assert "needs 4,000 MHz" in found.worst.left[0].why
    assert "0 MHz free" in found.worst.left[0].why
    assert (found.tested, found.sets, found.is_exhaustive) == (2, 2, True)
    assert found.worst.proof is Proof.SUMS


def test_the_worse_of_two_peaks_counts() -> None:
    """At the peak of CPU a host can be lost, at the later peak of RAM it cannot."""
    what = demand((0, 10, 5, 512), (0, 10, 3, 512), (20, 10, 1, 8192), (20, 10, 1, 5000))
    (found,) = survival(site(fleet(2)), what)
    assert found.survives == 0
    assert found.at_s == 20.0


def test_a_spare_host_takes_what_others_cannot() -> None:
    """With a spare as large as the hosts, two full hosts survive the loss of one."""
    what = demand((0, 9, 8, 8192), (0, 9, 8, 8192))
    spare = Spare(0, "spare", HostKind("small", 8, 1000, 8192))
    assert survival(site(fleet(2)), what)[0].survives == 0
    (found,) = survival(site(with_columns(fleet(2), spares=(spare,))), what)
    assert (found.survives, found.spares) == (1, 1)


def test_where_there_are_spare_hosts_nothing_restarts_elsewhere() -> None:
    """Half-empty hosts are no help where `ha.tag` sends restarts to a spare that is too small."""
    what = demand((0, 9, 4, 2048), (0, 9, 4, 2048))
    tiny = Spare(0, "tiny", HostKind("tiny", 2, 1000, 8192))
    kept = with_columns(fleet(4), spares=(tiny,))
    assert survival(site(fleet(4)), what)[0].survives > 0
    (found,) = survival(site(kept, has_ha_tag=True), what)
    assert found.survives == 0
    assert found.worst.left[0].why == "no other host has cores enough, or fast enough"
    (found,) = survival(site(fleet(4), has_ha_tag=True), what)
    assert (found.survives, found.spares) == (0, 0)
    assert found.worst.left[0].why == "there is no spare host to restart on"


def test_over_provisioning_counts() -> None:
    """Twice the CPU and the RAM may be promised, and be restarted into."""
    what = demand((0, 9, 8, 8192), (0, 9, 8, 8192))
    doubled = fleet(2, cpu_factor=2.0, ram_factor=2.0)
    assert survival(site(doubled), what)[0].survives == 1


def test_thresholds_hold_back_a_restart_too() -> None:
    """Two VMs of half a host fit on one, but not below a threshold of one half of it."""
    what = demand((0, 9, 4, 512), (0, 9, 4, 512))
    assert survival(site(fleet(2, cpu_disable=1.0)), what)[0].survives == 1
    (found,) = survival(site(fleet(2, cpu_disable=0.75)), what)
    assert (found.survives, found.packable, found.worst.proof) == (0, 0, Proof.THRESHOLD)
    (left,) = found.worst.left
    assert (left.is_held, found.worst.held) == (True, 1)
    assert left.why == (
        "room is there, the disable threshold holds it back: "
        "100.0 % of the CPU would be allocated, 75 % may be"
    )


def test_cores_must_be_enough_and_fast_enough() -> None:
    """A VM of 8 cores does not restart on a host of 4, one of 2 GHz not on 1 GHz."""
    mixed = with_columns(fleet(2), host_cores=[8, 4], host_mhz=[2000, 2000])
    (found,) = survival(site(mixed), demand((0, 9, 8, 512), cpu_mhz=500))
    assert found.worst.left[0].why == "no other host has cores enough, or fast enough"
    slow = with_columns(fleet(2), host_mhz=[2000, 1000])
    (found,) = survival(site(slow), demand((0, 9, 1, 512), cpu_mhz=2000))
    assert found.survives == 0


def test_a_vm_without_a_speed_takes_what_its_new_host_has() -> None:
    """Four cores of 1 GHz become four cores of 2 GHz on a faster host."""
    faster = with_columns(fleet(2), host_mhz=[1000, 2000])
    of = scene_of(site(faster), *_one_vm(site(faster)), 0, 0.0)
    assert of.cpu.tolist() == [[4000, 8000]]


def _one_vm(where):
    what = demand((0, 9, 4, 512))
    return what, placed(where, what)


def test_clusters_without_vms_have_nothing_to_restart() -> None:
    """All hosts of an idle cluster may fail; one VM needs one host."""
    found = survival(site(fleet(3, clusters=2)), demand((0, 9, 1, 512)))
    assert [each.survives for each in found] == [2, 3]
    assert [each.worst is None for each in found] == [False, True]
    assert [each.place.cluster for each in found] == ["z0p0c0", "z0p0c1"]


def test_clusters_without_hosts_have_none_to_lose() -> None:
    """An empty cluster survives nothing, and lacks nothing."""
    bare = with_columns(fleet(1, clusters=2), host_cluster=[0, 0])
    found = survival(site(bare), demand((0, 9, 1, 512)))
    assert [(each.hosts, each.survives, each.is_n_plus_1) for each in found] == [
        (2, 1, True),
        (0, 0, True),
    ]


def test_large_clusters_say_how_many_sets_were_tried() -> None:
    """Of 40 hosts that survive many failures only some sets can be tried, and it says so."""
    (found,) = survival(site(fleet(40)), churn(600, mean_hours=16))
    assert found.survives > 3
    assert not found.is_exhaustive
    assert SAMPLE <= found.tested < found.sets


def test_a_stopped_plan_keeps_the_clusters_it_came_to() -> None:
    """Two clusters are looked at before the stop, the third is left out."""
    where, what = site(fleet(2, clusters=3)), demand((0, 9, 1, 512))
    placements, answers = placed(where, what), iter([False, False, True])
    watch = Watch(stop=lambda: next(answers))
    found = survival_of(where, stocks_of(where, placements, what), what, placements, watch)
    assert len(found) == 2
    assert watch.stopped_at == "host failures, 2 of 3"
