"""A fleet is columns that fit together, and can grow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cloudlab.errors import InvalidParameter
from simulator.fleet import Fleet, HostKind

LARGE = HostKind("large", cores=128, mhz=2500, ram_mib=1_048_576)

BROKEN = [
    ({"host_cores": [4]}, "host_cores has 1 values for 8 host names"),
    ({"cpu_factor": [1.0, 0.0, 1.0, 1.0]}, r"cpu_factor\[1\] is 0.0"),
    ({"cpu_factor": [1.0, np.inf, 1.0, 1.0]}, r"cpu_factor\[1\] is inf"),
    ({"ram_disable": [1.0, np.nan, 1.0, 1.0]}, r"ram_disable\[1\] is nan"),
    ({"pool_disable": [1.0, 1.0, 1.0, -0.5]}, r"pool_disable\[3\] is -0.5; it must lie in 0"),
    ({"host_mhz": [1] * 7 + [0]}, r"host_mhz\[7\] is 0; it must lie in 1"),
    ({"cluster_pod": [0, 0, 1, 2]}, r"cluster_pod\[3\] is 2; it must lie in 0 .. 1"),
    ({"pool_cluster": [-2, 0, 0, 0]}, r"pool_cluster\[0\] is -2; it must lie in -1 .. 3"),
    ({"host_cluster": [0, 1, 0, 1, 2, 2, 3, 3]}, "list the hosts of one cluster together"),
]


@pytest.fixture
def fleet() -> Fleet:
    """Two zones of a pod of two clusters of two hosts."""
    return Fleet.uniform(2, 64, 2000, 262_144, 2, zones=2, cpu_factor=1.7, ram_factor=0.9)


def test_a_uniform_fleet_has_hosts_a_cluster_clusters_a_pod_and_pods_a_zone() -> None:
    """The counts multiply, and the tree hangs together."""
    fleet = Fleet.uniform(2, clusters=3, pods=4, zones=5)
    assert (len(fleet.zone_names), len(fleet.pod_names)) == (5, 20)
    assert (len(fleet.cluster_names), len(fleet)) == (60, 120)
    assert fleet.cluster_zone.tolist() == np.repeat(range(5), 12).tolist()
    assert len(set(fleet.host_names)) == 120


def test_usable_amounts_are_over_provisioned_and_rounded_down(fleet: Fleet) -> None:
    """64 cores of 2000 MHz by 1.7 and 262,144 MiB by 0.9."""
    assert fleet.host_cpu_mhz.tolist() == [128_000] * 8
    assert fleet.usable_cpu_mhz.tolist() == [217_600] * 8
    assert fleet.usable_ram_mib.tolist() == [235_929] * 8


def test_amounts_add_up_per_cluster_even_when_one_is_empty(fleet: Fleet) -> None:
    """Hosts are summed over their own cluster."""
    emptied = replace(fleet, host_cluster=np.array([0, 0, 0, 1, 1, 3, 3, 3], np.int32))
    assert emptied.per_cluster(np.arange(8)).tolist() == [3, 7, 0, 18]
    assert emptied.cluster_start.tolist() == [0, 3, 5, 5, 8]


def test_a_repr_says_what_there_is(fleet: Fleet) -> None:
    """Counts of every kind, and the totals that VMs may be promised."""
    assert repr(fleet) == (
        "<Fleet of 2 zones, 2 pods, 4 clusters, 8 hosts: 1,740,800 MHz and 1,887,432 MiB usable>"
    )


@pytest.mark.parametrize(("columns", "message"), BROKEN)
def test_columns_that_contradict_each_other_are_refused(
    fleet: Fleet, columns: dict[str, list[float]], message: str
) -> None:
    """The message names the column, the place and what it may be."""
    with pytest.raises(InvalidParameter, match=message):
        replace(fleet, **{name: np.array(values) for name, values in columns.items()})


def test_new_hosts_stand_at_the_end_of_their_cluster(fleet: Fleet) -> None:
    """The hosts after them move up; nothing else changes."""
    grown = fleet.with_hosts(1, 3, LARGE)
    assert grown.host_cluster.tolist() == [0, 0, 1, 1, 1, 1, 1, 2, 2, 3, 3]
    assert grown.host_cores.tolist() == [64] * 4 + [128] * 3 + [64] * 4
    assert grown.kind_of(4) == LARGE
    assert grown.host_names[7:] == fleet.host_names[4:]
    assert len(set(grown.host_names)) == len(grown)
    assert len(fleet) == 8


def test_new_hosts_are_like_the_last_one_or_like_any_other(fleet: Fleet) -> None:
    """Without a kind the cluster's last host is copied; an index copies that host."""
    mixed = fleet.with_hosts(0, 1, LARGE)
    assert mixed.with_hosts(0, 1).kind_of(3) == LARGE
    assert mixed.with_hosts(3, 1, 2).kind_of(9) == LARGE
    assert mixed.with_hosts(3, 1, 0).kind_of(9).cores == 64


def test_growing_twice_gives_every_host_a_name_of_its_own(fleet: Fleet) -> None:
    """Names do not repeat when a cluster grows step by step."""
    grown = fleet.with_hosts(1, 2).with_hosts(1, 2).with_hosts(2, 0)
    assert len(set(grown.host_names)) == len(grown) == 12


@pytest.mark.parametrize(
    ("cluster", "extra", "like", "message"),
    [
        (4, 1, None, "cluster index 4 must lie in 0 .. 3"),
        (0, -1, None, "extra_hosts is -1"),
        (0, 1, 8, "host index 8 must lie in 0 .. 7"),
    ],
)
def test_growth_out_of_range_is_refused(
    fleet: Fleet, cluster: int, extra: int, like: int | None, message: str
) -> None:
    """No such cluster, no such host, or fewer than no hosts."""
    with pytest.raises(InvalidParameter, match=message):
        fleet.with_hosts(cluster, extra, like)


def test_an_empty_cluster_does_not_know_what_its_hosts_are_like() -> None:
    """There is nothing to copy until somebody says what to buy."""
    empty = Fleet.uniform(0)
    with pytest.raises(InvalidParameter, match="say what the new hosts are like"):
        empty.with_hosts(0, 1)
    assert empty.with_hosts(0, 1, LARGE).kind_of(0) == LARGE
