"""What a design holds at each level, and how far it may be filled."""

from __future__ import annotations

import math

import pytest

from cloudlab.design import (
    Amount,
    Totals,
    cloud_totals,
    cluster_limits,
    cluster_totals,
    hosts_of,
    pod_totals,
    pool_limits,
    shape_of,
    zone_totals,
)
from cloudlab.design.schema import HostGroup
from cloudlab.errors import InputError
from tests.design.documents import BASIC, LEAST, SOUND, changed, read


def test_levels_add_up():
    """A pod is the sum of its clusters, a zone of its pods, the cloud of its zones."""
    design = read(SOUND)
    zone = design.zones[0]
    clusters = [cluster_totals(design, at) for at in design.clusters()]
    pods = [pod_totals(design, zone, pod) for pod in zone.pods]
    assert [each.hosts for each in clusters] == [4, 1]
    assert [each.cpu_mhz for each in pods] == [each.cpu_mhz for each in clusters]
    assert zone_totals(design, zone).ram_mib == clusters[0].ram_mib + clusters[1].ram_mib
    assert cloud_totals(design) == design.totals() == zone_totals(design, zone)


def test_raw_usable_and_plannable_are_rounded_down_for_each_host():
    """Half a MHz cannot be allocated, on no host."""
    text = changed("{cpus: 4, mhz: 2000", "{count: 3, cpus: 1, mhz: 999", LEAST)
    text = changed("    - hosts", "    - cpu_overcommit: 1.5\n      hosts", text)
    assert read(text).totals().cpu_mhz == Amount(2997, 3 * 1498, math.floor(3 * 1498 * 0.85))


@pytest.mark.book("1.43")
def test_only_nfs_is_over_provisioned_whatever_the_hypervisor():
    """By the setting's factor of 2, or by the pool's own."""
    for hypervisor, kind, factor in (
        ("KVM", "NetworkFilesystem", 2),
        ("XenServer", "NetworkFilesystem", 2),
        ("VMware", "NetworkFilesystem", 2),
        ("KVM", "CLVM", 1),
        ("VMware", "VMFS", 1),
    ):
        text = changed("    - hosts", f"    - hypervisor: {hypervisor}\n      hosts", LEAST)
        text = changed("{capacity_gib", f"{{type: {kind}, capacity_gib", text)
        storage = read(text).totals().storage_mib
        assert (storage.raw, storage.usable) == (100 * 1024, factor * 100 * 1024)
    own = changed("{capacity_gib", "{overprovisioning_factor: 1.5, capacity_gib", LEAST)
    assert read(own).totals().storage_mib.usable == 150 * 1024


def test_a_cluster_may_have_several_pools():
    """They add up, and keep their order."""
    text = changed("[{capacity_gib: 100}]", "[{capacity_gib: 100}, {capacity_gib: 50}]", LEAST)
    design = read(text)
    names = [pool.name for pool in design.zones[0].pods[0].clusters[0].primary_storage]
    assert names == ["z1-p1-c1-primary1", "z1-p1-c1-primary2"]
    assert design.totals().storage_mib.raw == 150 * 1024


def test_limits_are_inherited_from_the_nearest_scope():
    """The cluster's own, else the cloud's; of pools the zone's, else the cloud's."""
    text = """\
settings:
  cpu.overprovisioning.factor: 4
  cluster.cpu.allocated.capacity.disablethreshold: 0.9
  pool.storage.allocated.capacity.disablethreshold: off
zones:
- settings: {pool.storage.allocated.capacity.disablethreshold: 0.5}
  pods:
  - clusters:
    - hosts: [{cpus: 4, mhz: 2000, ram_gib: 16}]
      primary_storage: [{capacity_gib: 100}]
    - cpu_overcommit: 2
      settings: {cluster.cpu.allocated.capacity.disablethreshold: off}
      hosts: [{cpus: 4, mhz: 2000, ram_gib: 16}]
      primary_storage: [{capacity_gib: 100}]
"""
    design = read(text)
    first, second = (cluster_limits(design.settings, at.cluster) for at in design.clusters())
    assert (first.cpu_factor, first.cpu_disable, first.ram_disable) == (4, 0.9, 0.85)
    assert (second.cpu_factor, second.cpu_disable, second.ram_disable) == (2, math.inf, 0.85)
    zone = design.zones[0]
    pool = zone.pods[0].clusters[0].primary_storage[0]
    assert pool_limits(design.settings, zone, pool).disable == 0.5
    totals = [cluster_totals(design, at).cpu_mhz for at in design.clusters()]
    assert totals == [Amount(8000, 32000, 28800), Amount(8000, 16000, 16000)]


@pytest.mark.parametrize("level", ["zone", "pod", "cluster"])
def test_what_is_disabled_does_not_count(level: str):
    """Neither does anything inside it."""
    marks = {"zone": "- name: z1\n", "pod": "  - name: p2\n", "cluster": "    - name: c2\n"}
    mark = marks[level]
    indent = " " * (len(mark) - len(mark.lstrip()) + 2)
    text = changed(mark, f"{mark}{indent}allocation_state: Disabled\n")
    assert read(text).totals().hosts == (0 if level == "zone" else 4)


def test_spare_hosts_and_local_disks_do_not_count():
    """Hosts with the HA tag are for restarts; requests ask for shared storage."""
    text = "settings: {ha.tag: spare}\n" + changed(
        "- pods:", "- local_storage: true\n  pods:", LEAST
    )
    text = changed(
        "ram_gib: 16}", "ram_gib: 16}, {cpus: 4, mhz: 2000, ram_gib: 16, tags: spare}", text
    )
    text = changed(
        "[{capacity_gib", "[{scope: HOST, type: EXT, capacity_gib: 9}, {capacity_gib", text
    )
    have = read(text).totals()
    assert (have.hosts, have.ram_mib.raw) == (1, 16 * 1024)
    assert have.storage_mib.raw == 100 * 1024


def test_addresses_belong_to_the_zone_or_in_a_basic_zone_to_the_pods():
    """As many VMs at a time can have one."""
    ranges = (
        "guest_ranges: [{start: 10.0.0.10, end: 10.0.0.19}, {start: 10.0.1.10, end: 10.0.1.14}]"
    )
    assert read(changed("- pods:", f"- {ranges}\n  pods:", LEAST)).totals().addresses == 15
    basic = read(changed("  - clusters", f"  - {ranges}\n    clusters", BASIC))
    assert basic.totals().addresses == 15
    assert pod_totals(basic, basic.zones[0], basic.zones[0].pods[0]).addresses == 15


def test_prices_are_summed_and_what_has_none_is_counted():
    """A sum over half the hosts must not look like the whole price."""
    text = changed("name: std,", "name: std, price_per_month: 100.5,")
    have = read(text).totals()
    assert (have.price_per_month, have.unpriced_hosts) == (402.0, 1)


def test_hosts_have_names_that_count_over_the_groups_of_a_cluster():
    """By default after the cluster, with three digits."""
    text = changed(
        "      - {count: 4, type: std}",
        "      - {count: 2, type: std}\n"
        '      - {count: 1, type: std, name_pattern: "{zone}-{pod}-{cluster}-gpu{n}", tags: gpu}',
    )
    design = read(text)
    hosts = list(hosts_of(design, design.clusters()[0]))
    assert [host.name for host in hosts] == ["c1-h001", "c1-h002", "z1-p1-c1-gpu3"]
    assert hosts[2].tags == ("gpu",)
    assert hosts[0].shape.type == "std"
    other = next(iter(hosts_of(design, design.clusters()[1])))
    assert (other.shape.type, other.shape.cpu_mhz) == ("16x2400-64GiB", 38_400)


def test_a_group_without_a_size_has_no_shape():
    """Reading would have refused it; asking for it says the same."""
    with pytest.raises(InputError, match="needs a type, or cpus, mhz and ram_gib"):
        shape_of(read(LEAST), HostGroup(cpus=4))


def test_totals_of_nothing():
    """The sum of no parts is zero of everything."""
    assert Totals() + Totals() == Totals()
