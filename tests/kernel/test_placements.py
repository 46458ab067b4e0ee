"""What a record of placements can tell: who, how many, how much and when."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings

from cloudlab.errors import InvalidParameter
from simulator.fleet import Fleet
from simulator.kernel import Engine, simulate
from simulator.placements import Algorithm, Placements, Reason, Resource, Rules, Scope
from simulator.workload import Demand
from tests.kernel.strategies import demands, fleets, rules

FLEET = Fleet.uniform(1, 4, 1000, 8192, 2, zones=1)
DEMAND = Demand.of(
    "five",
    arrival_s=[0, 10, 20, 20, 30],
    lifetime_s=[20, np.inf, 10, 5, 100],
    vcpu=[2, 1, 2, 8, 1],
    ram_mib=[1024, 2048, 512, 1, 4096],
    disk_mib=[10, 20, -1, 1, 5],
    cpu_mhz=[0, 500, 0, 0, 0],
)
RULES = Rules(Algorithm.FIRST_FIT, expunge_delay_s=5, expunge_interval_s=10, default_disk_mib=7)


@pytest.fixture
def placements() -> Placements:
    """Hosts 0 1 0 - 0: the fourth request is refused for its size."""
    return simulate(FLEET, DEMAND, RULES, engine=Engine.PYTHON)


def test_the_md5_is_that_of_the_hosts_as_little_endian_int32(placements: Placements) -> None:
    """Anybody can compute it from the list of hosts."""
    packed = struct.pack("<5i", 0, 1, 0, -1, 0)
    assert placements.md5 == hashlib.md5(packed, usedforsecurity=False).hexdigest()


def test_counts_and_reasons(placements: Placements) -> None:
    """Admitted, refused in words, and the most VMs at a time."""
    assert placements.host.tolist() == [0, 1, 0, -1, 0]
    assert placements.admitted == 4
    assert placements.refused_by_reason() == {"size": 1}
    assert placements.peak_vms == 2
    assert repr(placements) == "<Placements by firstfit: 4 of 5 admitted; refused for: 1 size>"


def test_a_refused_request_has_no_times(placements: Placements) -> None:
    """Start, end and release are nan where there is no VM."""
    for column in (placements.start_s, placements.end_s, placements.released_s):
        assert np.isnan(column).tolist() == [False, False, False, True, False]


def test_every_reason_has_words() -> None:
    """Underscores are blanks."""
    assert Reason.CPU_AND_RAM.label == "cpu and ram"
    assert [reason.label for reason in Reason][:3] == ["admitted", "size", "tags"]


def test_who_runs_at_a_moment(placements: Placements) -> None:
    """At 20 s the first has left and the third has come."""
    assert placements.vms_at(19.9).tolist() == [0, 1]
    assert placements.vms_at(20).tolist() == [1, 2]
    assert placements.vms_at(1e9).tolist() == [1]


def test_vcpu_seconds_count_whole_lives_and_can_be_cut(placements: Placements) -> None:
    """Who lives on is counted to the end of the run, which is at 130 s."""
    assert placements.horizon_s == 130
    assert placements.vcpu_seconds(DEMAND) == 2 * 20 + 1 * 120 + 2 * 10 + 1 * 100
    assert placements.vcpu_seconds(DEMAND, 25) == 2 * 20 + 1 * 15 + 2 * 5
    assert placements.vcpu_seconds(DEMAND, 0) == 0


def test_cpu_over_time(placements: Placements) -> None:
    """One row for an instant: at 20 s one VM of 2 cores follows another unseen."""
    times, values = placements.usage_over_time(FLEET, DEMAND, "cpu")
    assert times.tolist() == [0, 10, 20, 30, 130]
    assert values.tolist() == [[2000, 0], [2000, 500], [2000, 500], [1000, 500], [0, 500]]


def test_storage_is_held_until_the_expunge(placements: Placements) -> None:
    """The first VM ends at 20 s and is expunged at 30 s; a disk not given is the default."""
    usage = placements.usage(FLEET, DEMAND, "storage", by="pool")
    times, amounts = usage.of(0)
    assert dict(zip(times.tolist(), amounts.tolist(), strict=True)) == {
        0.0: 10,
        20.0: 17,
        30.0: 12,
        40.0: 5,
        140.0: 0,
    }


def test_peaks_come_first_in_time(placements: Placements) -> None:
    """The highest allocation of every cluster and the first moment of it."""
    peaks = placements.peaks(FLEET, DEMAND, "ram")
    assert peaks.amount.tolist() == [4096, 2048]
    assert peaks.at_s.tolist() == [30, 10]
    twice = placements.peaks(FLEET, DEMAND, "cpu")
    assert twice.at_s.tolist() == [0, 10]
    idle = placements.peaks(FLEET.with_hosts(1, 1), DEMAND, "cpu", by="host")
    assert (idle.amount[2], idle.at_s[2]) == (0, 0)


@pytest.mark.parametrize(
    ("resource", "scope", "message"),
    [
        ("cpu", "pool", "by pool there is storage and no cpu; ask by cluster"),
        ("ram", "address_pool", "by address_pool there is address and no ram; ask by cluster"),
        ("gpu", "host", "resource is 'gpu'; choose one of cpu, ram, storage, address, vm"),
        ("cpu", "rack", "scope is 'rack'; choose one of zone, pod, cluster, host"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    placements: Placements, resource: str, scope: str, message: str
) -> None:
    """The message says what can be asked instead."""
    with pytest.raises(InvalidParameter, match=message):
        placements.peaks(FLEET, DEMAND, resource, by=scope)


@settings(max_examples=40)
@given(fleet=fleets(), demand=demands(), how=rules())
def test_every_scope_holds_the_same_in_sum(fleet: Fleet, demand: Demand, how: Rules) -> None:
    """Zones, pods, clusters and hosts differ in detail only; pools hold all disks."""
    placements = simulate(fleet, demand, how, engine=Engine.PYTHON)
    times = np.linspace(0, 100, 57)

    def total(resource: str, by: str) -> list[int]:
        return placements.usage(fleet, demand, resource, by).at(times).sum(axis=1).tolist()

    for resource in Resource:
        assert len({tuple(total(resource, scope)) for scope in list(Scope)[:4]}) == 1
    assert total("storage", "pool") == total("storage", "cluster")
    assert total("address", "address_pool") == total("address", "zone")


@settings(max_examples=40)
@given(fleet=fleets(), demand=demands(), how=rules())
def test_nothing_is_ever_over_committed(fleet: Fleet, demand: Demand, how: Rules) -> None:
    """No host, pool or address pool ever holds more than it may promise."""
    placements = simulate(fleet, demand, how, engine=Engine.PYTHON)
    promised = {
        ("cpu", "host"): fleet.usable_cpu_mhz,
        ("ram", "host"): fleet.usable_ram_mib,
        ("storage", "pool"): fleet.pool_usable_mib,
        ("address", "address_pool"): fleet.address_total,
    }
    for (resource, scope), most in promised.items():
        usage = placements.usage(fleet, demand, resource, scope)
        assert np.all(usage.peaks().amount <= most)
        assert np.all(usage.amount >= 0)


@settings(max_examples=40)
@given(fleet=fleets(), demand=demands(), how=rules())
def test_the_peak_of_vms_is_that_of_their_count(fleet: Fleet, demand: Demand, how: Rules) -> None:
    """`peak_vms` equals the highest count over the moments of arrival."""
    placements = simulate(fleet, demand, how, engine=Engine.PYTHON)
    counted = [len(placements.vms_at(moment)) for moment in demand.arrival_s]
    assert placements.peak_vms == max(counted, default=0)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"algorithm": "bestfit"}, "algorithm is 'bestfit'; choose one of random, firstfit"),
        ({"order_clusters_by": "DISK"}, "order_clusters_by is 'DISK'; choose one of CPU, RAM"),
        ({"expunge_delay_s": -1}, "expunge_delay_s is -1; it must be a finite number, 0 or more"),
        ({"expunge_interval_s": float("nan")}, "expunge_interval_s is nan"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_rules_out_of_range_are_refused(setting: dict[str, object], message: str) -> None:
    """The message names the setting, its value and what it may be."""
    with pytest.raises(InvalidParameter, match=message):
        Rules(**setting)


def test_a_dispersion_weight_outside_its_range_counts_as_one() -> None:
    """As CloudStack does with vm.user.dispersion.weight."""
    weights = {0.0: 0.0, 0.4: 0.4, 1.0: 1.0, 1.5: 1.0, -0.5: 1.0}
    got = {asked: Rules(user_dispersion_weight=asked).weight for asked in weights}
    assert got == weights
