"""Fields that are right alone and wrong together: sizes, names, storage, zones, addresses."""

from __future__ import annotations

import pytest

from tests.design.documents import BASIC, LEAST, SOUND, changed, complaint, read

ZONE = "- name: z1\n"
CLUSTER = "zones[0].pods[0].clusters[0]"


def in_zone(*lines: str) -> str:
    """Return the sound document with more lines in its zone."""
    return changed(ZONE, ZONE + "".join(f"  {line}\n" for line in lines))


def in_basic_zone(line: str) -> str:
    """Return the Basic document with one more line in its zone, the fourth."""
    return changed("  name: z1\n", f"  name: z1\n  {line}\n", BASIC)


def in_pod(line: str) -> str:
    """Return the sound document with other addresses for the first pod, from line 11 on."""
    old = "    cidr: 192.168.0.0/24\n    reserved: {start: 192.168.0.2, end: 192.168.0.20}\n"
    return changed(old, line)


HOSTS = {
    "unknown type": (
        changed("type: std}", "type: sdt}"),
        (
            f"d.yaml:16: {CLUSTER}.hosts[0].type is 'sdt'; host_types has std, xen-only; "
            "did you mean 'std'?"
        ),
    ),
    "type and size": (
        changed("type: std}", "type: std, cpus: 8}"),
        f"{CLUSTER}.hosts[0].cpus is given beside type 'std', which says it too; keep one",
    ),
    "half a size": (
        changed("type: std}", "cpus: 8}"),
        f"{CLUSTER}.hosts[0] has no mhz and ram_gib; give cpus, mhz and ram_gib, or a type",
    ),
    "two hypervisors in a cluster": (
        changed("type: std}", "type: xen-only}"),
        (
            "is 'xen-only', which runs XenServer, but cluster c1 is KVM; "
            "all hosts of a cluster run one hypervisor"
        ),
    ),
    "host names without a number": (
        changed("type: std}", 'type: std, name_pattern: "{cluster}-host"}'),
        "name_pattern calls two hosts 'c1-host'",
    ),
    "host names of two clusters": (
        changed("name: c2", "name: c1"),
        (
            "zones[0].pods[1].clusters[0].hosts[0].name_pattern calls two hosts 'c1-h001' "
            "(the other is in z1/p1/c1)"
        ),
    ),
}

NAMES = {
    "zones": (
        SOUND + SOUND[SOUND.index(ZONE) :],
        "d.yaml:24: zones[1].name is 'z1', the name of zones[0] in the cloud; rename one",
    ),
    "pods": (
        changed("name: p2", "name: p1"),
        "d.yaml:19: zones[0].pods[1].name is 'p1', the name of pods[0] in zone z1; rename one",
    ),
    "host types": (
        changed("name: xen-only", "name: std"),
        "d.yaml:6: host_types[1].name is 'std', the name of host_types[0] in the document",
    ),
    "pools": (
        changed("[{capacity_gib: 512}]", "[{name: nfs, capacity_gib: 512}]"),
        "primary_storage[0].name is 'nfs', the name of another pool in zone z1; rename one",
    ),
}

STORAGE = {
    "cluster without storage": (
        changed("      primary_storage: [{capacity_gib: 512}]\n", ""),
        "d.yaml:21: zones[0].pods[1].clusters[0] has no primary_storage: cluster c2 needs a pool",
    ),
    "zone-wide pool in a cluster": (
        changed("{name: nfs,", "{name: nfs, scope: ZONE,"),
        "primary_storage[0].scope is ZONE, but stands under a cluster; move the pool to the zone",
    ),
    "cluster's pool in a zone": (
        in_zone("primary_storage: [{scope: CLUSTER, capacity_gib: 5}]"),
        "d.yaml:9: zones[0].primary_storage[0].scope is CLUSTER, but stands under the zone",
    ),
    "local pool in a zone without": (
        changed("{name: nfs,", "{name: nfs, scope: HOST, type: Filesystem,"),
        "scope is HOST, but zone z1 has local_storage: false; set it to true",
    ),
    "storage of another hypervisor": (
        changed("{name: nfs,", "{name: nfs, type: VMFS,"),
        "type is VMFS; shared storage of KVM is one of CLVM, Iscsi, NetworkFilesystem, RBD",
    ),
    "a port that cannot be": (
        changed("{name: nfs,", "{name: nfs, url: 'nfs://10.0.0.5:99999/x',"),
        (
            f"d.yaml:18: {CLUSTER}.primary_storage[0].url is 'nfs://10.0.0.5:99999/x', which "
            "cannot be read (Port out of range 0-65535); write scheme://server:port/path with a "
            "port of 1 to 65535, or none"
        ),
    ),
    "a port that is no number": (
        in_zone("primary_storage: [{capacity_gib: 5, scope: ZONE, url: 'rbd://u:p@h:abc/x'}]"),
        "zones[0].primary_storage[0].url is 'rbd://...@h:abc/x', which cannot be read (Port could",
    ),
    "an address that is none": (
        in_zone("secondary_storage: [{url: 'nfs://[::1/x'}]"),
        "zones[0].secondary_storage[0].url is 'nfs://[::1/x', which cannot be read (Invalid IPv6",
    ),
    "over-provisioned SAN": (
        changed("{name: nfs,", "{name: nfs, type: CLVM, overprovisioning_factor: 2,"),
        "overprovisioning_factor is given for CLVM; only NetworkFilesystem is over-provisioned",
    ),
}

ZONES = {
    "Basic with guest CIDR": (
        in_basic_zone("guest_cidr: 10.1.1.0/24"),
        "d.yaml:4: zones[0].guest_cidr is 10.1.1.0/24, but zone z1 is Basic",
    ),
    "Basic with two cables": (
        in_basic_zone("physical_networks: [{traffic: [Guest, Management]}, {traffic: [Storage]}]"),
        "d.yaml:4: zones[0].physical_networks has 2 entries; a Basic zone has exactly one",
    ),
    "Basic with public traffic": (
        in_basic_zone("physical_networks: [{traffic: [Guest, Management, Public]}]"),
        "physical_networks[0].traffic has Public; guests of a Basic zone have addresses of their",
    ),
    "Basic with VLANs": (
        in_basic_zone("physical_networks: [{vlan_range: 5-9}]"),
        "physical_networks[0].vlan_range is given, but a Basic zone has no guest VLANs",
    ),
    "Basic with public addresses": (
        in_basic_zone("public_ranges: [{cidr: 10.0.0.0/24}]"),
        "zones[0].public_ranges is given, but a Basic zone has no public traffic; leave it out",
    ),
    "Basic with addresses of the zone": (
        in_basic_zone("guest_ranges: [{cidr: 10.0.0.0/24}]"),
        "zones[0].guest_ranges is given, but in a Basic zone each pod has its own",
    ),
    "Advanced with addresses of a pod": (
        changed("    clusters:\n", "    guest_ranges: [{cidr: 10.0.0.0/24}]\n    clusters:\n"),
        "zones[0].pods[0].guest_ranges is given, but in an Advanced zone it belongs to the zone",
    ),
    "no public traffic": (
        in_zone("physical_networks: [{traffic: [Guest, Management]}]"),
        "d.yaml:9: zones[0].physical_networks carry no Public traffic; add it",
    ),
    "management twice": (
        in_zone(
            "physical_networks:",
            "- {traffic: [Guest, Management, Public]}",
            "- {traffic: [Management]}",
        ),
        "physical_networks[1].traffic has Management, which physical_networks[0] carries already",
    ),
    "two guest networks without tags": (
        in_zone(
            "physical_networks:",
            "- {traffic: [Guest, Management, Public]}",
            "- {traffic: [Guest]}",
        ),
        "d.yaml:11: zones[0].physical_networks[1] has no tags; of several networks with Guest",
    ),
    "VLANs without guests": (
        in_zone(
            "physical_networks:",
            "- {traffic: [Management, Public], vlan_range: 5-9}",
            "- {traffic: [Guest]}",
        ),
        "d.yaml:10: zones[0].physical_networks[0].vlan_range is 5-9, but the network carries no",
    ),
    "VLAN taken by guests": (
        in_zone("public_ranges: [{cidr: 10.0.0.0/24, vlan: 600}]"),
        "public_ranges[0].vlan is 600, inside the guest VLANs 500-999 of z1-physical1",
    ),
}

ADDRESSES = {
    "pods overlap": (
        changed("  - name: p2\n", "  - name: p2\n    cidr: 192.168.0.0/16\n"),
        (
            "d.yaml:20: zones[0].pods[1].cidr is 192.168.0.0 - 192.168.255.255, which overlaps "
            "with the network of pod p1 (192.168.0.0 - 192.168.0.255); change one"
        ),
    ),
    "reserved range outside": (
        changed("end: 192.168.0.20}", "end: 192.168.1.20}"),
        (
            "d.yaml:12: zones[0].pods[0].reserved.end is 192.168.1.20, outside 192.168.0.0/24, "
            "whose hosts have 192.168.0.1 to 192.168.0.254"
        ),
    ),
    "reserved range backwards": (
        changed("end: 192.168.0.20}", "end: 192.168.0.1}"),
        "reserved.end is 192.168.0.1, before start 192.168.0.2; swap them",
    ),
    "gateway reserved": (
        changed("start: 192.168.0.2", "start: 192.168.0.1"),
        "zones[0].pods[0].reserved 192.168.0.1 - 192.168.0.20 has the gateway 192.168.0.1 in it",
    ),
    "gateway elsewhere": (
        changed("    cidr: 192.168.0.0/24\n", "    cidr: 192.168.0.0/24\n    gateway: 10.0.0.1\n"),
        "d.yaml:12: zones[0].pods[0].gateway is 10.0.0.1; it must be an address of a host in",
    ),
    "netmask and CIDR differ": (
        in_pod("    cidr: 192.168.0.0/24\n    gateway: 192.168.0.1\n    netmask: 255.255.0.0\n"),
        "d.yaml:13: zones[0].pods[0].netmask is 255.255.0.0, but the network is 192.168.0.0/24",
    ),
    "netmask alone": (
        in_pod("    netmask: 255.255.255.0\n"),
        (
            "d.yaml:11: zones[0].pods[0].netmask is 255.255.255.0, but the network is "
            "172.16.0.0/20; give gateway and netmask, or cidr alone"
        ),
    ),
    "more hosts than addresses": (
        in_pod("    cidr: 192.168.0.0/29\n").replace("count: 4", "count: 5"),
        (
            "d.yaml:11: zones[0].pods[0].cidr is 192.168.0.0/29: beside gateway, reserved and "
            "guest addresses 3 are left for 5 hosts; use a larger network"
        ),
    ),
    "guest ranges overlap": (
        in_zone("guest_ranges: [{cidr: 10.0.0.0/16}, {start: 10.0.5.1, end: 10.0.5.9}]"),
        (
            "zones[0].guest_ranges[1] is 10.0.5.1 - 10.0.5.9, which overlaps with the guest_ranges "
            "of zones[0] (10.0.0.2 - 10.0.255.254); change one"
        ),
    ),
    "public addresses in a pod": (
        in_zone("public_ranges: [{start: 192.168.0.30, end: 192.168.0.40}]"),
        (
            "zones[0].public_ranges[0] 192.168.0.30 - 192.168.0.40 reaches into 192.168.0.0/24, "
            "the network of pod p1"
        ),
    ),
    "guests in the reserved range of their pod": (
        changed(
            "  pods:\n  - clusters:",
            "  pods:\n  - cidr: 10.0.0.0/24\n"
            "    guest_ranges: [{start: 10.0.0.50, end: 10.0.0.99}]\n    clusters:",
            BASIC,
        ),
        (
            "zones[0].pods[0].reserved is 10.0.0.2 - 10.0.0.65, which overlaps with the "
            "guest_ranges of pods[0] (10.0.0.50 - 10.0.0.99)"
        ),
    ),
    "range with its ends swapped": (
        in_zone("guest_ranges: [{cidr: 10.0.0.0/16, start: 10.0.0.9, end: 10.0.0.5}]"),
        "guest_ranges[0].end is 10.0.0.5, before start 10.0.0.9; swap them",
    ),
}

OFFERINGS = {
    "customized with a size": (
        changed("zones:", "disk_offerings: [{name: d, customized: true, size_gib: 5}]\nzones:"),
        "d.yaml:7: disk_offerings[0].size_gib is 5, but the offering is customized",
    ),
    "neither customized nor sized": (
        changed("zones:", "disk_offerings: [{name: d}]\nzones:"),
        "d.yaml:7: disk_offerings[0] has no size_gib; give one, or customized: true",
    ),
    "larger than a volume may be": (
        changed("zones:", "disk_offerings: [{name: d, size_gib: 5000}]\nzones:"),
        "disk_offerings[0].size_gib is 5000, over the setting storage.max.volume.size of 2000 GiB",
    ),
}

WRONG = {
    f"{kind}: {name}": case
    for kind, cases in (
        ("hosts", HOSTS),
        ("names", NAMES),
        ("storage", STORAGE),
        ("zones", ZONES),
        ("addresses", ADDRESSES),
        ("offerings", OFFERINGS),
    )
    for name, case in cases.items()
}

QUESTIONED = {
    "MHz that are GHz": (changed("mhz: 2400", "mhz: 2"), "mhz is 2 MHz, slower than any host; if"),
    "MHz of all cores": (
        changed("mhz: 2400", "mhz: 38400"),
        "is 38400 MHz a core, faster than any",
    ),
    "GiB that are MiB": (
        changed("ram_gib: 256}", "ram_gib: 262144}"),
        "host_types[0].ram_gib is 262144 GiB (256 TiB) in one host; if it is MiB, write 256",
    ),
    "a small host's GiB that are MiB": (
        changed("cpus: 16, mhz: 2400, ram_gib: 64", "cpus: 16, mhz: 2400, ram_gib: 16384"),
        "ram_gib is 16384 GiB (16 TiB) in one host; if it is MiB, write 16",
    ),
    "a thousand cores and more": (changed("cpus: 16", "cpus: 2000"), "is 2000 cores in one host"),
    "over-provisioned a hundredfold": (
        changed("    - name: c1", "    - name: c1\n      cpu_overcommit: 150"),
        "cpu_overcommit is 150: 150 times what is there; usual are 1 to 20",
    ),
    "a pool of MiB": (
        changed("capacity_gib: 512", "capacity_gib: 10737418"),
        "capacity_gib is 1.07374e+07 GiB (10.2 PiB); if it is MiB, write 10485.8",
    ),
    "tiny secondary storage": (
        in_zone("secondary_storage: [{capacity_gib: 50}]"),
        "capacity_gib is 50; secondary storage should have 100 GiB or more",
    ),
    "MiB that are GiB": (
        changed("zones:", "compute_offerings: [{name: o, vcpu: 1, ram_mib: 32}]\nzones:"),
        "ram_mib is 32 MiB, very little; if it is GiB, write 32768",
    ),
    "an offering's MHz that are GHz": (
        changed(
            "zones:", "compute_offerings: [{name: o, vcpu: 1, cpu_mhz: 2, ram_mib: 512}]\nzones:"
        ),
        "cpu_mhz is 2 MHz, very slow; if it is GHz, write 2000",
    ),
    "a host tag nobody has": (
        changed(
            "zones:", "compute_offerings: [{name: o, vcpu: 1, ram_mib: 512, host_tag: a}]\nzones:"
        ),
        "host_tag is 'a', but no host has that tag",
    ),
    "storage tags no pool has": (
        changed("zones:", "disk_offerings: [{name: d, size_gib: 5, storage_tags: ssd}]\nzones:"),
        "storage_tags is ssd, but no pool has all of it",
    ),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_together_is_named(text: str, words: str):
    """The message names the line and both sides of the contradiction."""
    message = complaint(text)
    assert words in message
    assert message.startswith("d.yaml:")


@pytest.mark.parametrize(("text", "words"), QUESTIONED.values(), ids=QUESTIONED)
def test_what_looks_like_another_unit_is_questioned(text: str, words: str):
    """It is refused with the question, and taken once the document says that it is meant."""
    message = complaint(text)
    assert words in message
    assert message.endswith("(if you mean it: accept_unusual: true)")
    read(f"accept_unusual: true\n{text}")


@pytest.mark.book("1.87", "1.91", "3.56")
def test_a_sound_zone_has_its_cables_and_traffic():
    """A Basic zone has one cable without Public; an Advanced one carries each kind once."""
    basic, advanced = read(BASIC).zones[0], read(LEAST).zones[0]
    assert [cable.traffic for cable in basic.physical_networks] == [
        ("Guest", "Management", "Storage")
    ]
    assert set(advanced.physical_networks[0].traffic) == {
        "Guest",
        "Management",
        "Storage",
        "Public",
    }
    assert ZONES["Basic with two cables"][1] in complaint(ZONES["Basic with two cables"][0])
    assert ZONES["Basic with public traffic"][1] in complaint(ZONES["Basic with public traffic"][0])
    assert ZONES["management twice"][1] in complaint(ZONES["management twice"][0])


@pytest.mark.book("1.29", "1.31", "3.50")
def test_a_cluster_has_storage_that_its_hypervisor_can_use():
    """A pool of its own or of the zone, of a kind its hypervisor knows."""
    none = changed("      primary_storage: [{capacity_gib: 512}]\n", "")
    assert "has no primary_storage" in complaint(none)
    zone_wide = changed(ZONE, f"{ZONE}  primary_storage: [{{capacity_gib: 512}}]\n", none)
    assert read(zone_wide).zones[0].primary_storage[0].scope == "ZONE"
    usable = {
        "KVM": {"NetworkFilesystem", "SharedMountPoint", "CLVM", "RBD", "Iscsi"},
        "XenServer": {"NetworkFilesystem", "Iscsi", "IscsiLUN", "PreSetup"},
        "VMware": {"NetworkFilesystem", "VMFS"},
    }
    for hypervisor, kinds in usable.items():
        for kind in ("NetworkFilesystem", "SharedMountPoint", "PreSetup", "VMFS", "Iscsi"):
            text = changed("    - hosts", f"    - hypervisor: {hypervisor}\n      hosts", LEAST)
            text = changed("{capacity_gib", f"{{type: {kind}, capacity_gib", text)
            if kind in kinds:
                read(text)
            else:
                assert f"shared storage of {hypervisor} is one of" in complaint(text)


@pytest.mark.book("1.44")
@pytest.mark.parametrize("hypervisor", ["VMware", "XenServer", "Ovm", "KVM"])
def test_local_disks_can_be_primary_storage(hypervisor: str):
    """On every hypervisor, where the zone allows it, beside shared pools or alone."""
    text = changed("- pods:", "- local_storage: true\n  pods:", LEAST)
    text = changed("    - hosts", f"    - hypervisor: {hypervisor}\n      hosts", text)
    local = changed("[{capacity_gib", "[{scope: HOST, type: Filesystem, capacity_gib", text)
    assert read(local).zones[0].pods[0].clusters[0].primary_storage[0].is_local
    assert "has local_storage: false" in complaint(local.replace("true", "false"))


@pytest.mark.book("4.03", "4.13")
def test_pods_have_distinct_networks_unless_the_setting_allows_it():
    """`check.pod.cidrs` lets networks overlap, but never the reserved ranges."""
    same = "    cidr: 192.168.0.0/24\n"
    text = changed("  - name: p2\n", f"  - name: p2\n{same}")
    assert "which overlaps with the network of pod p1" in complaint(text)
    lenient = changed("vm.allocation.algorithm: firstfit", "check.pod.cidrs: false", text)
    assert "overlaps with the reserved range of pod p1" in complaint(lenient)
    apart = "    reserved: {start: 192.168.0.40, end: 192.168.0.50}\n"
    read(changed(f"  - name: p2\n{same}", f"  - name: p2\n{same}{apart}", lenient))


@pytest.mark.book("3.54")
def test_clusters_of_a_zone_may_differ_in_hypervisor_and_hosts_of_a_cluster_may_not():
    """An Advanced zone may mix clusters; a host of another hypervisor is refused."""
    text = changed("    - name: c2", "    - name: c2\n      hypervisor: XenServer")
    assert {at.cluster.hypervisor for at in read(text).clusters()} == {"KVM", "XenServer"}
    assert HOSTS["two hypervisors in a cluster"][1] in complaint(changed("std}", "xen-only}"))
