"""A new design from numbers: sound, written with comments, read back as it was."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudlab.design import design_from_yaml, new_design
from cloudlab.errors import InputError


def test_the_numbers_are_those_asked_for():
    """Pods in each zone, clusters in each pod, hosts in each cluster."""
    have = new_design(
        zones=1, pods=2, clusters=5, hosts=10, cpus=64, mhz=2000, ram_gib=256
    ).totals()
    assert (have.zones, have.pods, have.clusters, have.hosts) == (1, 2, 10, 100)
    assert have.cores == 6400
    assert have.cpu_mhz.raw == 6400 * 2000
    assert have.ram_mib.raw == 100 * 256 * 1024


def test_the_file_says_what_it_is_about():
    """Sections and settings have a comment with the unit above them."""
    text = new_design(hosts=3).to_yaml()
    assert text.startswith("# A cloud to build. `cloudlab show` draws it")
    assert "\n# Zone > pod > cluster > host." in text
    above = text.splitlines()
    place = above.index("  expunge.delay: 86400")
    assert above[place - 1] == (
        "  # How long a destroyed VM keeps its disk and address and can be recovered (s)."
    )


def test_a_size_of_the_price_list_is_taken_from_it():
    """Otherwise the price list gets one entry more, with the price of its cores and RAM."""
    listed = new_design(cpus=64, mhz=2000, ram_gib=256)
    assert listed.zones[0].pods[0].clusters[0].hosts[0].type == "std-64"
    own = new_design(cpus=10, mhz=3000, ram_gib=20)
    assert own.zones[0].pods[0].clusters[0].hosts[0].type == "own-10"
    assert own.host_types[0].price_per_month == pytest.approx((10 * 0.025 + 20 * 0.0015) * 730)
    assert len(own.host_types) == len(listed.host_types) + 1


def test_storage_follows_the_ram_unless_it_is_given():
    """Ten GiB of disk for each of RAM, in whole TiB."""
    assert new_design(hosts=3, ram_gib=64).totals().storage_mib.raw == 2 * 1024 * 1024
    assert new_design(primary_gib=500).totals().storage_mib.raw == 500 * 1024


WRONG = {
    "zones": ({"zones": 0}, "zones is an empty list; it must be a list with at least one entry"),
    "pods": ({"pods": -1}, "zones[0].pods is an empty list"),
    "hosts": ({"hosts": 0}, "hosts[0].count is 0; it must be a whole number from 1 to 100,000"),
    "cpus": ({"cpus": -3}, "host_types[0].cpus is -3; it must be a whole number from 1"),
    "ram": ({"ram_gib": -1.0}, "host_types[0].ram_gib is -1.0; it must be a number above 0"),
    "disk": ({"primary_gib": -5.0}, "capacity_gib is -5.0; it must be a number above 0"),
    "GHz": ({"mhz": 2}, "host_types[0].mhz is 2 MHz, slower than any host; if it is GHz"),
    "overcommit": ({"cpu_overcommit": 0.1}, "cpu_overcommit is 0.1; it must be a number from 1"),
    "hypervisor": ({"hypervisor": "vmwar"}, "is 'vmwar'; it must be one of"),
}


@pytest.mark.parametrize(("numbers", "words"), WRONG.values(), ids=WRONG)
def test_numbers_out_of_range_are_refused(numbers: dict[str, float], words: str):
    """The message names the field of the document that would be wrong."""
    with pytest.raises(InputError) as caught:
        new_design(**numbers)
    assert words in str(caught.value)


def test_the_storage_of_a_large_cluster_is_several_pools():
    """Each as large as a pool may be without a question; together ten times the RAM."""
    (cluster,) = new_design(hosts=289, ram_gib=1452).zones[0].pods[0].clusters
    pools = cluster.primary_storage
    assert [pool.capacity_gib for pool in pools] == [2049 * 1024.0] * 2


few = st.integers(1, 3)


@settings(max_examples=40)
@given(
    zones=few,
    pods=few,
    clusters=few,
    hosts=st.integers(1, 300),
    cpus=st.integers(1, 512),
    mhz=st.integers(400, 8000),
    ram_gib=st.floats(1, 2048, allow_nan=False),
    cpu_overcommit=st.floats(1, 100),
    hypervisor=st.sampled_from(["KVM", "XenServer", "VMware", "Simulator"]),
    network_type=st.sampled_from(["Basic", "Advanced"]),
    cloud=st.text(
        st.characters(exclude_characters="/", exclude_categories=("Cc", "Cs")), min_size=1
    ).filter(lambda name: name.strip()),
)
def test_what_is_written_is_read_back_as_it_was(**numbers):
    """The design from its own YAML is equal, and so is the YAML of that."""
    design = new_design(**numbers)
    text = design.to_yaml()
    again = design_from_yaml(text)
    assert again == design
    assert again.to_yaml() == text
    have = again.totals()
    hosts = numbers["zones"] * numbers["pods"] * numbers["clusters"] * numbers["hosts"]
    assert have.hosts == hosts
    assert have.cores == hosts * numbers["cpus"]


def test_other_readers_of_yaml_understand_it():
    """Nothing but plain YAML is written; only `off` and dates are words of ours."""
    values = yaml.safe_load(new_design(hosts=2).to_yaml())
    assert values["zones"][0]["pods"][0]["clusters"][0]["hosts"] == [{"count": 2, "type": "std-64"}]


def test_text_with_line_breaks_survives():
    """It is quoted on one line, where no comment can fall into it."""
    design = new_design().with_settings({"expunge.delay": 5})
    offering = {
        "name": "o",
        "vcpu": 1,
        "ram_mib": 512,
        "display_text": "two\nlines: # no comment\n",
    }
    changed = type(design).checked(
        {**design.model_dump(by_alias=True, exclude_unset=True), "compute_offerings": [offering]}
    )
    again = design_from_yaml(changed.to_yaml())
    assert again.compute_offerings[0].display_text == "two\nlines: # no comment"
    assert again == changed
