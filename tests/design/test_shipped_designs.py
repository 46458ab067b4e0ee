"""The designs that are shipped: sound, what their README says, and read back as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudlab.datasets import dataset
from cloudlab.design import Design, design_from_yaml, each_zone, read_design
from tests.design.documents import SHIPPED


def shipped(name: str) -> Design:
    """Return the shipped design `name`."""
    return read_design(dataset("designs", f"{name}.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_is_sound_and_read_back_as_written(path: Path):
    """Nothing is lost by writing it with everything filled in."""
    design = read_design(path)
    assert design_from_yaml(design.to_yaml()) == design
    assert f"`{path.name}`" in dataset("designs", "README.md").read_text(encoding="utf-8")


SIZES = {
    "dev-cloud": (1, 1, 1, 1),
    "mini-dc": (1, 1, 1, 2),
    "small-cloud": (1, 2, 4, 20),
    "basic-zone": (1, 2, 2, 16),
    "two-zones": (2, 3, 3, 26),
    "azure-region": (1, 4, 16, 768),
    "churn-100": (1, 1, 1, 100),
    "churn-1000": (1, 1, 1, 1000),
}


@pytest.mark.parametrize(("name", "size"), SIZES.items(), ids=SIZES)
def test_each_has_the_size_it_says(name: str, size: tuple[int, int, int, int]):
    """Zones, pods, clusters and hosts that take VMs."""
    have = shipped(name).totals()
    assert (have.zones, have.pods, have.clusters, have.hosts) == size
    assert {path.stem for path in SHIPPED} == set(SIZES)


@pytest.mark.book("1.20")
def test_the_smallest_cloud_is_as_large_as_its_file_says():
    """Numbers of pods, clusters and hosts, and the sizes of both kinds of storage."""
    design = shipped("dev-cloud")
    have, zone = design.totals(), design.zones[0]
    assert (have.pods, have.clusters, have.hosts, have.cores) == (1, 1, 1, 8)
    assert (have.cpu_mhz.raw, have.ram_mib.raw) == (8 * 2400, 32 * 1024)
    assert have.storage_mib.raw == 1024 * 1024
    assert [store.capacity_gib for store in zone.secondary_storage] == [500]


@pytest.mark.book("3.36", "3.40", "3.45")
def test_the_basic_zone_has_what_the_form_asks_for():
    """Name servers, domain, reserved range and guest range of each pod, as the book's example."""
    zone = shipped("basic-zone").zones[0]
    assert (zone.name, str(zone.dns1), zone.dns2) == ("berlin", "192.168.1.53", None)
    assert (str(zone.internal_dns1), zone.network_domain) == ("192.168.1.53", "vm.example.org")
    pod = zone.pods[0]
    assert (str(pod.gateway), str(pod.cidr)) == ("192.168.20.1", "192.168.20.0/24")
    assert (str(pod.reserved.start), str(pod.reserved.end)) == ("192.168.20.2", "192.168.20.7")
    guests = pod.guest_ranges[0]
    assert (str(guests.start), str(guests.end)) == ("10.20.0.2", "10.20.3.254")


@pytest.mark.book("1.86", "3.41", "3.57")
def test_the_two_zones_have_what_the_smaller_ones_lack():
    """A private zone, several cables with VLANs, local disks, tags and zone-wide storage."""
    design = shipped("two-zones")
    (_, north), (_, south) = each_zone(design)
    assert (north.domain, south.domain) == ("", "ROOT/labs")
    assert [cable.vlans for cable in north.physical_networks] == [None, (500, 999), (1000, 1499)]
    scopes = {pool.scope for pool in north.pods[0].clusters[0].primary_storage}
    assert scopes == {"CLUSTER", "HOST"}
    assert north.primary_storage[0].scope == "ZONE"
    assert {at.cluster.hypervisor for at in design.clusters()} == {"KVM", "VMware", "XenServer"}
