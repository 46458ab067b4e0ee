"""Capacity: total, usable, allocated and free, at every level, and never confused."""

from __future__ import annotations

import pytest

from cloudlab.model import NetworkType
from cloudlab.views import CapacityType, Level, amount_text, capacity, capacity_of
from cloudlab.workflows import hosts, machines, pools, zones
from tests.views.build import Site, small_site


def row_of(site: Site, level: Level, name: str, kind: CapacityType):
    """Return the one capacity row of this place and type."""
    found = [
        row
        for row in capacity(site.cloud)
        if (row.level, row.name, row.type) == (level, name, kind)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.book("3.14")
def test_every_place_has_cpu_and_memory() -> None:
    """Zone, pod, each cluster and each host have a row for CPU and one for memory."""
    rows = capacity(small_site().cloud)
    for kind in (CapacityType.CPU, CapacityType.MEMORY):
        places = [str(row.place) for row in rows if row.type is kind]
        assert places == [
            "zone z1",
            "pod p1",
            "cluster c1",
            "host c1-h1",
            "host c1-h2",
            "cluster c2",
            "host c2-h1",
            "host c2-h2",
        ]


def test_raw_times_factor_is_usable() -> None:
    """Over-provisioning of a cluster stands in its rows; the zone has the mean of its hosts."""
    site = small_site()
    plain = row_of(site, Level.CLUSTER, "c1", CapacityType.CPU)
    double = row_of(site, Level.CLUSTER, "c2", CapacityType.CPU)
    whole = row_of(site, Level.ZONE, "z1", CapacityType.CPU)
    assert (plain.raw, plain.factor, plain.usable) == (32_000, 1.0, 32_000)
    assert (double.raw, double.factor, double.usable) == (32_000, 2.0, 64_000)
    assert (whole.raw, whole.factor, whole.usable) == (64_000, 1.5, 96_000)


def test_the_parts_add_up() -> None:
    """Used, reserved and free together are what is usable; zones are the sum of their clusters."""
    site = small_site(vms=5)
    site.run(machines.stop(site.cloud, site.cloud.inventory.vms.get(2)))
    for row in capacity(site.cloud):
        assert row.used + row.reserved + row.free == row.usable
    zone = row_of(site, Level.ZONE, "z1", CapacityType.CPU)
    clusters = [row_of(site, Level.CLUSTER, name, CapacityType.CPU) for name in ("c1", "c2")]
    assert zone.used == sum(row.used for row in clusters) == 4 * 4000
    assert zone.reserved == sum(row.reserved for row in clusters) == 4000


def test_the_share_is_what_the_planner_compares() -> None:
    """The share of a cluster is used and reserved by what may be allocated."""
    site = small_site(vms=6)
    row = row_of(site, Level.CLUSTER, "c1", CapacityType.CPU)
    ledger, number = site.cloud.ledger, 0
    total, free = ledger.cluster_cpu_total[number], ledger.cluster_cpu_free[number]
    assert row.share == pytest.approx((total - free) / total)


def test_storage_counts_volumes_at_full_size_and_template_copies() -> None:
    """Primary storage is allocated by size, over-provisioned where it is NFS."""
    row = row_of(small_site(vms=3, clusters=1), Level.CLUSTER, "c1", CapacityType.STORAGE_ALLOCATED)
    assert (row.raw, row.factor, row.usable) == (1_024_000, 2.0, 2_048_000)
    assert row.used == 3 * 8192 + 8192


def test_a_pool_in_maintenance_is_out_of_service() -> None:
    """Storage that takes nothing counts beside, not in, what is usable."""
    site = small_site(vms=0)
    site.run(pools.disable(site.cloud, site.cloud.inventory.pools.named("c1-nfs")))
    row = row_of(site, Level.CLUSTER, "c1", CapacityType.STORAGE_ALLOCATED)
    assert (row.usable, row.out_of_service) == (0, 2_048_000)


def test_addresses_of_a_basic_zone_belong_to_its_pods() -> None:
    """Guest addresses are counted in the pod and, in sum, in the zone."""
    site = small_site(vms=4)
    for level, name in ((Level.POD, "p1"), (Level.ZONE, "z1")):
        row = row_of(site, level, name, CapacityType.DIRECT_ATTACHED_PUBLIC_IP)
        assert (row.usable, row.used, row.unit) == (200, 4, "addresses")
        private = row_of(site, level, name, CapacityType.PRIVATE_IP)
        assert (private.usable, private.used) == (20, 0)


def test_addresses_of_an_advanced_zone_belong_to_the_zone() -> None:
    """Shared guest addresses are the zone's; its pods have private ones only."""
    site = Site()
    zone = site.zone("z1", NetworkType.ADVANCED)
    site.cluster(site.pod(zone))
    site.deploy(zone)
    row = row_of(site, Level.ZONE, "z1", CapacityType.DIRECT_ATTACHED_PUBLIC_IP)
    assert row.used == 1
    pod = {row.type for row in capacity_of(site.cloud, zone.pods[0])}
    assert CapacityType.DIRECT_ATTACHED_PUBLIC_IP not in pod


def test_a_closed_host_counts_beside() -> None:
    """What a disabled host has is out of service for its cluster; its own row still counts it."""
    site = small_site(vms=0)
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.named("c1-h1")))
    cluster = row_of(site, Level.CLUSTER, "c1", CapacityType.CPU)
    assert (cluster.usable, cluster.out_of_service) == (16_000, 16_000)
    assert row_of(site, Level.HOST, "c1-h1", CapacityType.CPU).usable == 16_000


def test_thresholds_stand_where_all_clusters_share_them() -> None:
    """A zone shows a disable threshold only if it is the same in every cluster; hosts have none."""
    site = Site()
    pod = site.pod(site.zone())
    site.cluster(pod, "c1")
    site.cluster(pod, "c2", cpu_disable_threshold=0.9)
    assert row_of(site, Level.CLUSTER, "c1", CapacityType.CPU).disable == 0.85
    assert row_of(site, Level.CLUSTER, "c2", CapacityType.CPU).disable == 0.9
    assert row_of(site, Level.ZONE, "z1", CapacityType.CPU).disable is None
    assert row_of(site, Level.ZONE, "z1", CapacityType.MEMORY).disable == 0.85
    assert row_of(site, Level.ZONE, "z1", CapacityType.CPU).notify == 0.75
    assert row_of(site, Level.HOST, "c1-h1", CapacityType.CPU).notify is None


def test_a_threshold_that_is_off_is_no_threshold() -> None:
    """Switched off is shown as nothing, not as infinity."""
    site = Site(cpu_disable=None, cpu_notify=None)
    site.cluster(site.pod(site.zone()))
    row = row_of(site, Level.CLUSTER, "c1", CapacityType.CPU)
    assert (row.notify, row.disable) == (None, None)


def test_free_may_be_negative_after_over_provisioning_was_lowered() -> None:
    """What is held stays held: the share may pass 100 %."""
    site = small_site(vms=0)
    c2 = site.cloud.inventory.clusters.named("c2")
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.named("c1-h1")))
    site.run(hosts.disable(site.cloud, site.cloud.inventory.hosts.named("c1-h2")))
    for _ in range(9):
        site.deploy(c2.zone)
    site.run(zones.set_overcommit(site.cloud, c2, cpu=1.0))
    row = row_of(site, Level.CLUSTER, "c2", CapacityType.CPU)
    assert (row.free, row.share > 1) == (32_000 - 9 * 4000, True)


def test_the_words_say_which_number_is_which() -> None:
    """The sentence of a row labels allocated, used, reserved, usable and raw."""
    site = small_site(vms=1)
    vm = site.cloud.inventory.vms.get(1)
    site.run(machines.stop(site.cloud, vm))
    site.deploy(vm.zone)
    assert row_of(site, Level.ZONE, "z1", CapacityType.CPU).words == (
        "CPU of zone z1: 8 GHz allocated (4 GHz used, 4 GHz reserved) of 96 GHz usable, 8%; "
        "usable is 64 GHz raw x 1.5"
    )


def test_down_to_a_level() -> None:
    """Asked for clusters, the rows of hosts are left out."""
    levels = {row.level for row in capacity(small_site().cloud, Level.CLUSTER)}
    assert levels == {Level.ZONE, Level.POD, Level.CLUSTER}


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (500, "MHz", "500 MHz"),
        (120_000, "MHz", "120 GHz"),
        (2_500_000, "MHz", "2.5 THz"),
        (-4000, "MHz", "-4 GHz"),
        (1536, "MiB", "1.5 GiB"),
        (12_345, "addresses", "12,345 addresses"),
    ],
)
def test_amounts_as_people_read_them(amount: int, unit: str, text: str) -> None:
    """Each amount comes with the unit that suits it."""
    assert amount_text(amount, unit) == text
