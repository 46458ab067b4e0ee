"""What a document leaves out is filled in: always in the same way, overlapping with nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.design import Design, design_from_yaml
from cloudlab.design.completion import completed
from cloudlab.design.completion.space import Space
from cloudlab.errors import InputError
from tests.design.documents import BASIC, LEAST, changed, read


@pytest.mark.book("1.13", "1.15", "1.21", "1.50")
def test_the_least_document_becomes_a_whole_zone():
    """One pod, cluster, host and pool are enough; secondary storage comes by itself."""
    zone = read(LEAST).zones[0]
    (pod,) = zone.pods
    (cluster,) = pod.clusters
    names = [zone.name, pod.name, cluster.name, cluster.primary_storage[0].name]
    assert names == ["z1", "z1-p1", "z1-p1-c1", "z1-p1-c1-primary1"]
    assert zone.secondary_storage[0].name == "z1-secondary1"
    assert zone.secondary_storage[0].capacity_gib == 10_240
    assert [template.name for template in read(LEAST).templates] == ["CentOS 5 64-bit no GUI (KVM)"]


@pytest.mark.parametrize("missing", ["pods", "clusters", "hosts"])
def test_nothing_empty_is_a_zone(missing: str):
    """A zone has a pod, a pod a cluster, a cluster a host."""
    text = LEAST[: LEAST.index(missing)] + f"{missing}: []\n"
    with pytest.raises(InputError, match=f"{missing} is an empty list; it must be a list with"):
        read(text)


@pytest.mark.book("1.24", "4.05")
def test_an_advanced_zone_gets_addresses_for_everything():
    """A subnet with a reserved range for each pod, guest and public ranges for the zone."""
    zone = read(LEAST).zones[0]
    pod = zone.pods[0]
    assert pod.cidr == IPv4Network("172.16.0.0/20")
    assert pod.gateway == IPv4Address("172.16.0.1")
    assert str(pod.reserved.start) == "172.16.0.2"
    assert pod.reserved.size == 254
    assert zone.guest_cidr == IPv4Network("10.1.1.0/24")
    other = read(changed("- pods:", "- guest_cidr: 10.7.0.0/16\n  pods:", LEAST)).zones[0]
    assert other.guest_cidr == IPv4Network("10.7.0.0/16")
    assert zone.guest_ranges[0].cidr == IPv4Network("10.128.0.0/16")
    assert zone.guest_ranges[0].size == 65_533
    assert zone.public_ranges[0].cidr == IPv4Network("198.18.0.0/24")
    assert zone.physical_networks[0].vlans == (500, 999)
    assert pod.guest_ranges == ()


@pytest.mark.book("1.76", "3.34")
def test_a_basic_zone_gives_each_pod_addresses_for_guests():
    """VMs have an address of their pod and are parted by security groups."""
    zone = read(BASIC).zones[0]
    assert zone.guest_ranges == zone.public_ranges == ()
    assert zone.pods[0].guest_ranges[0].cidr == IPv4Network("10.128.0.0/16")
    assert zone.security_groups
    assert zone.physical_networks[0].vlans is None
    written = changed("name: z1", "name: z1\n  security_groups: false", BASIC)
    assert not read(written).zones[0].security_groups


@pytest.mark.book("3.45", "4.21", "4.40")
def test_networks_are_written_as_cloudstack_asks_for_them():
    """Gateway and netmask mean the same as a CIDR; a range may be its ends alone."""
    pod = "  - gateway: 192.168.20.1\n    netmask: 255.255.255.0\n    clusters"
    text = changed("  - clusters", pod, LEAST)
    runs = "{start: 203.0.113.9, end: 203.0.113.20, vlan: 7}, {cidr: 198.51.100.0/24}"
    zone = read(changed("- pods:", f"- public_ranges: [{runs}]\n  pods:", text)).zones[0]
    assert zone.pods[0].cidr == IPv4Network("192.168.20.0/24")
    assert zone.pods[0].reserved.size == 64
    public = zone.public_ranges[0]
    assert (public.cidr, public.gateway) == (
        IPv4Network("203.0.113.0/24"),
        IPv4Address("203.0.113.1"),
    )
    assert (public.size, public.vlan) == (12, 7)
    assert (zone.public_ranges[1].size, zone.public_ranges[1].vlan) == (253, None)


def test_a_range_across_networks_gets_one_that_holds_both_ends():
    """The smallest network around start, end and gateway, at least a /24."""
    run = "- guest_ranges: [{start: 10.0.0.200, end: 10.0.3.9, gateway: 10.0.7.1}]\n  pods:"
    zone = read(changed("- pods:", run, LEAST)).zones[0]
    assert zone.guest_ranges[0].cidr == IPv4Network("10.0.0.0/21")


def test_the_reserved_range_steps_over_a_gateway_in_its_way():
    """A gateway after the first address is never reserved."""
    text = changed("  - clusters", "  - {cidr: 10.0.0.0/24, gateway: 10.0.0.9, clusters", LEAST)
    text = text.replace("clusters:\n    - hosts: [", "clusters: [{hosts: [").replace(
        "]\n      primary_storage: [{capacity_gib: 100}]\n",
        "], primary_storage: [{capacity_gib: 100}]}]}\n",
    )
    assert str(read(text).zones[0].pods[0].reserved.start) == "10.0.0.10"


def test_a_pod_with_many_hosts_gets_a_larger_network():
    """Every host has an address outside the reserved range."""
    pod = read(changed("{cpus", "{count: 5000, cpus", LEAST)).zones[0].pods[0]
    assert pod.cidr.prefixlen == 19


def test_what_is_written_stays_and_is_kept_clear_of():
    """Generated networks go round written ones, wherever they stand in the document."""
    second = LEAST.replace("zones:\n- pods:\n  - clusters", "- pods:\n  - clusters")
    last = second.replace("  - clusters", "  - cidr: 172.16.0.0/21\n    clusters")
    zones = read(LEAST + second + last).zones
    assert [str(zone.pods[0].cidr) for zone in zones] == [
        "172.16.16.0/20",
        "172.16.32.0/20",
        "172.16.0.0/21",
    ]


def test_templates_are_in_the_format_of_their_hypervisor():
    """One for each hypervisor that runs anything, unless the design brings its own."""
    for hypervisor, image in (("KVM", "QCOW2"), ("XenServer", "VHD"), ("VMware", "OVA")):
        text = changed("    - hosts", f"    - hypervisor: {hypervisor}\n      hosts", LEAST)
        (template,) = read(text).templates
        assert (template.hypervisor, template.image_format) == (hypervisor, image)
    own = read("templates: [{name: t, size_gib: 3, format: raw}]\n" + LEAST)
    assert [each.image_format for each in own.templates] == ["RAW"]


def test_python_may_say_addresses_as_objects():
    """`Design.checked` takes what `ipaddress` makes, as well as text."""
    values = read(LEAST).model_dump(by_alias=True, exclude_unset=True)
    values["zones"][0]["pods"][0]["cidr"] = IPv4Network("10.5.0.0/20")
    values["zones"][0]["pods"][0]["gateway"] = IPv4Address("10.5.0.1")
    values["zones"][0]["pods"][0]["reserved"] = {"start": "10.5.0.2", "end": "10.5.0.9"}
    assert Design.checked(values).zones[0].pods[0].cidr == IPv4Network("10.5.0.0/20")


def test_completing_twice_changes_nothing():
    """A completed document is complete."""
    design = read(LEAST)
    assert completed(design) == design


def test_a_block_that_is_used_up_says_what_to_write():
    """The message names what needs a network."""
    space = Space("10.0.0.0/30", [IPv4Network("10.0.0.0/31")])
    assert space.take(31, "pod p1") == IPv4Network("10.0.0.2/31")
    with pytest.raises(InputError, match="no /31 left for pod p2; write its cidr"):
        space.take(31, "pod p2")


def test_too_many_pods_for_the_block_name_the_file():
    """The reader puts the name of the file before it."""
    pod = LEAST.split("\n", 2)[2]
    with pytest.raises(InputError, match=r"^d.yaml: 172.16.0.0/12 has no /20 left for pod z1-p257"):
        read(LEAST + pod * 256)


networks = st.builds(
    lambda base, prefix: IPv4Network((base, prefix), strict=False),
    st.integers(0xAC100000, 0xAC1FFFFF),
    st.integers(14, 28),
)


@given(taken=st.lists(networks, max_size=12), prefixes=st.lists(st.integers(16, 24), max_size=20))
def test_a_space_gives_out_networks_that_touch_nothing(
    taken: list[IPv4Network], prefixes: list[int]
):
    """Neither each other nor what was taken before."""
    space = Space("172.16.0.0/12", taken)
    given_out: list[IPv4Network] = []
    for prefix in prefixes:
        try:
            given_out.append(space.take(prefix, "a test"))
        except InputError:
            break
    assert not any(one.overlaps(other) for one, other in combinations(given_out, 2))
    assert not any(one.overlaps(other) for one in given_out for other in taken)


def described(zones: list[tuple[bool, list[int]]]) -> Design:
    """Return a design with a zone for each pair: whether it is Basic, the hosts of its pods."""
    lines = ["zones:"]
    for is_basic, pods in zones:
        lines += [f"- network_type: {'Basic' if is_basic else 'Advanced'}", "  pods:"]
        for hosts in pods:
            lines += [
                "  - clusters:",
                f"    - hosts: [{{count: {hosts}, cpus: 4, mhz: 2000, ram_gib: 16}}]",
                "      primary_storage: [{capacity_gib: 100}]",
            ]
    return design_from_yaml("\n".join(lines))


pods_of_a_zone = st.lists(st.integers(1, 9000), min_size=1, max_size=3)


@settings(max_examples=30)
@given(
    zones=st.lists(st.tuples(st.booleans(), pods_of_a_zone), min_size=1, max_size=3),
)
def test_whatever_is_generated_passes_every_check(zones: list[tuple[bool, list[int]]]):
    """No generated network overlaps, and every host has room: reading would refuse it."""
    design = described(zones)
    pods = [pod for zone in design.zones for pod in zone.pods]
    for pod in pods:
        hosts = sum(group.count for cluster in pod.clusters for group in cluster.hosts)
        assert pod.cidr.num_addresses - 3 - pod.reserved.size >= hosts
    nets = [pod.cidr for pod in pods]
    nets += [run.cidr for zone in design.zones for run in (*zone.guest_ranges, *zone.public_ranges)]
    nets += [run.cidr for pod in pods for run in pod.guest_ranges]
    assert not any(one.overlaps(other) for one, other in combinations(nets, 2))
