"""Fields that are wrong by themselves: the message has line, field, value, range, a way out."""

from __future__ import annotations

import pytest

from tests.design.documents import BASIC, SOUND, changed, complaint

CLUSTER = "zones[0].pods[0].clusters[0]"

WRONG_VALUES = {
    "unknown field": (
        changed("cloud: test", "clout: test"),
        "d.yaml:1: clout is not a field of a design; did you mean 'cloud'?",
    ),
    "unknown field without a like": (
        changed("cloud: test", "xyzzy: 5"),
        "d.yaml:1: xyzzy is not a field of a design; the fields here are cloud, currency",
    ),
    "unknown setting": (
        changed("vm.allocation.algorithm", "vm.alocation.algorithm"),
        (
            "settings.vm.alocation.algorithm is not a field of a design; "
            "did you mean 'vm.allocation.algorithm'?"
        ),
    ),
    "setting in Python's spelling": (
        changed("vm.allocation.algorithm: firstfit", "expunge_delay: 5"),
        "d.yaml:3: settings.expunge_delay is not a field of a design; did you mean 'expunge.",
    ),
    "unknown choice": (
        changed("firstfit", "fistfit"),
        "d.yaml:3: settings.vm.allocation.algorithm is 'fistfit'; it must be one of random, ",
    ),
    "percent for a share": (
        changed(
            "vm.allocation.algorithm: firstfit",
            "cluster.cpu.allocated.capacity.disablethreshold: 85",
        ),
        "is 85; it must be a share from 0 to 1, or off; did you mean 0.85?",
    ),
    "negative size": (
        changed("cpus: 16", "cpus: -16"),
        (
            "d.yaml:22: zones[0].pods[1].clusters[0].hosts[0].cpus is -16; "
            "it must be a whole number from 1 to 4,096 (cores)"
        ),
    ),
    "no hosts in a group": (
        changed("count: 4", "count: 0"),
        f"d.yaml:16: {CLUSTER}.hosts[0].count is 0; it must be a whole number from 1 to 100,000",
    ),
    "gigahertz": (
        changed("mhz: 2400", "mhz: 2.4"),
        (
            "hosts[0].mhz is 2.4; it must be a whole number from 1 to 100,000 (MHz); "
            "did you mean 2400?"
        ),
    ),
    "a unit behind the number": (
        changed("ram_gib: 64}]", "ram_gib: 64 GiB}]"),
        (
            "ram_gib is '64 GiB'; it must be a number above 0 up to 1,000,000,000 (GiB); "
            "write the number alone, the unit is GiB"
        ),
    ),
    "truth for a number": (changed("cpus: 16", "cpus: true"), "hosts[0].cpus is true; it must be"),
    "not a number": (
        changed("ram_gib: 64}]", "ram_gib: .nan}]"),
        "hosts[0].ram_gib is nan; it must",
    ),
    "endless": (
        changed("capacity_gib: 512", "capacity_gib: .inf"),
        "capacity_gib is inf; it must be",
    ),
    "over-provisioning below one": (
        changed("    - name: c1", "    - name: c1\n      cpu_overcommit: 0.5"),
        f"d.yaml:15: {CLUSTER}.cpu_overcommit is 0.5; it must be a number from 1 to 10,000 (×)",
    ),
    "missing field": (
        changed("      - {name: nfs, capacity_gib: 1024}", "      - {name: nfs}"),
        f"d.yaml:18: {CLUSTER}.primary_storage[0].capacity_gib is missing; give a number above 0",
    ),
    "missing hosts": (
        changed("      hosts: [{cpus: 16, mhz: 2400, ram_gib: 64}]\n", ""),
        "zones[0].pods[1].clusters[0].hosts is missing; give a list with at least one entry",
    ),
    "empty list": (
        changed("[{cpus: 16, mhz: 2400, ram_gib: 64}]", "[]"),
        "d.yaml:22: zones[0].pods[1].clusters[0].hosts is an empty list; it must be a list with",
    ),
    "nothing where a mapping belongs": (
        changed("host_types:\n", "host_types:\n-\n"),
        "d.yaml:5: host_types[0] is empty; it must be a mapping with fields such as name, cpus",
    ),
    "a mapping where a list belongs": (
        changed("[{capacity_gib: 512}]", "{capacity_gib: 512}"),
        "primary_storage is a mapping; it must be a list",
    ),
    "bad address": (
        changed("start: 192.168.0.2", "start: 192.168.0.256"),
        "d.yaml:12: zones[0].pods[0].reserved.start is '192.168.0.256'; it must be an IPv4 address",
    ),
    "a number for an address": (
        changed("start: 192.168.0.2", "start: 5"),
        "reserved.start is 5; it must be an IPv4 address, as in 10.1.1.1",
    ),
    "host bits in a network": (
        changed("192.168.0.0/24", "192.168.0.1/24"),
        (
            "d.yaml:11: zones[0].pods[0].cidr is '192.168.0.1/24'; it must be the address of the "
            "network itself; did you mean 192.168.0.0/24?"
        ),
    ),
    "no netmask": (
        changed("    cidr: 192.168.0.0/24", "    gateway: 192.168.0.1\n    netmask: 255.0.255.0"),
        "zones[0].pods[0].netmask is '255.0.255.0'; it must be a netmask, as in 255.255.255.0",
    ),
    "VLAN range": (
        changed("- name: z1", "- name: z1\n  physical_networks: [{vlan_range: 900-5000}]"),
        (
            "physical_networks[0].vlan_range is '900-5000'; it must be a range of VLAN numbers, "
            "first <= last, from 1 to 4094"
        ),
    ),
    "VLAN range backwards": (
        changed("- name: z1", "- name: z1\n  physical_networks: [{vlan_range: 9-5}]"),
        "vlan_range is '9-5'; it must be a range of VLAN numbers, first <= last",
    ),
    "VLAN words": (
        changed("- name: z1", "- name: z1\n  physical_networks: [{vlan_range: all}]"),
        "vlan_range is 'all'; it must be a range of VLAN numbers, as in 500-999",
    ),
    "VLAN number": (
        changed("- name: z1", "- name: z1\n  public_ranges: [{cidr: 10.0.0.0/24, vlan: 4095}]"),
        "public_ranges[0].vlan is 4095; it must be a VLAN number from 1 to 4094, or untagged",
    ),
    "unknown traffic": (
        changed("- name: z1", "- name: z1\n  physical_networks: [{traffic: [Guest, Pubic]}]"),
        (
            "traffic[1] is 'Pubic'; it must be one of Guest, Public, Management, Storage; "
            "did you mean 'Public'?"
        ),
    ),
    "name with a slash": (
        changed("name: p1", "name: a/b"),
        "d.yaml:10: zones[0].pods[0].name is 'a/b'; it must be a name without '/'",
    ),
    "unknown letter in a name pattern": (
        changed("type: std}", 'type: std, name_pattern: "{rack}"}'),
        "name_pattern is '{rack}'; it must be letters, digits",
    ),
    "currency": (
        changed("cloud: test", "currency: euro"),
        "d.yaml:1: currency is 'euro'; it must be",
    ),
    "day": (changed("cloud: test", "price_date: soon"), "price_date is 'soon'; it must be a day"),
    "zone type": (
        changed("Basic", "Basik", BASIC),
        (
            "d.yaml:2: zones[0].network_type is 'Basik'; it must be one of Basic, Advanced; "
            "did you mean 'Basic'?"
        ),
    ),
}


@pytest.mark.parametrize(("text", "words"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_a_wrong_field_is_named_with_line_value_and_range(text: str, words: str):
    """The one line of the message says where, what, what is allowed and what was meant."""
    message = complaint(text)
    assert words in message
    assert "\n" not in message
    assert message.startswith("d.yaml:")


def test_several_mistakes_are_listed_together_in_order_of_lines():
    """Each gets a line of its own, as the file has them."""
    text = changed("firstfit", "best")
    text = changed("count: 4", "count: -4", text)
    text = changed("cloud: test", "cloud: 5", text)
    lines = complaint(text).split("\n")
    assert [line.split(":")[1] for line in lines] == ["1", "3", "16"]


def test_no_more_than_ten_mistakes_are_shown():
    """The rest is counted."""
    group = "      - {count: 4, type: std}\n"
    text = changed(group, "      - {count: 0}\n" * 13)
    lines = complaint(text).split("\n")
    assert len(lines) == 11
    assert lines[-1] == "... and 3 more"


def test_a_list_with_a_wrong_entry_is_not_called_too_short_as_well():
    """One mistake is one line, also where pydantic sees two."""
    assert complaint(changed("count: 4", "count: 0", SOUND)).count("\n") == 0


def test_long_values_are_shortened():
    """A text of a page does not fill the screen."""
    assert " ...; it must be" in complaint(changed("firstfit", "x" * 500))


@pytest.mark.parametrize("word", ["KVM", "kvm", "Kvm"])
def test_the_case_of_a_choice_does_not_matter(word: str):
    """Choices are found whatever the case, and by their short name."""
    from tests.design.documents import read

    text = changed("    - name: c1", f"    - name: c1\n      hypervisor: {word}")
    text = changed("{name: nfs, ", "{name: nfs, type: nfs, scope: Cluster, ", text)
    cluster = read(text).zones[0].pods[0].clusters[0]
    assert cluster.hypervisor == "KVM"
    assert cluster.primary_storage[0].type == "NetworkFilesystem"
