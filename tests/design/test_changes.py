"""Changed copies: the design stays as it was, the copy is checked like a file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cloudlab.datasets import dataset
from cloudlab.design import Design, read_design
from cloudlab.errors import InputError


@pytest.fixture
def design() -> Design:
    """The small cloud: z1/p1/c1, z1/p1/c2, z1/p2/c3, z1/p2/c4 of five hosts each."""
    return read_design(dataset("designs", "small-cloud.yaml"))


def test_cpu_overcommit_raises_what_is_usable_and_nothing_else(design: Design):
    """Raw CPU and all RAM stay; the design itself too."""
    before = design.totals()
    after = design.with_cpu_overcommit(3).totals()
    assert after.cpu_mhz.raw == before.cpu_mhz.raw
    assert after.cpu_mhz.usable == 3 * before.cpu_mhz.usable
    assert after.ram_mib == before.ram_mib
    assert design.totals() == before


def test_ram_overcommit_of_some_clusters(design: Design):
    """Only those whose label fits the pattern change."""
    after = design.with_ram_overcommit(2, "z1/p2/*")
    factors = [at.cluster.ram_overcommit for at in after.clusters()]
    assert factors == [None, None, 2.0, 2.0]


def test_hosts_are_set(design: Design):
    """The cluster has exactly as many, like the first ones it had."""
    after = design.with_hosts("z1/p1/c1", 12)
    group = after.clusters()[0].cluster.hosts
    assert [(each.count, each.type) for each in group] == [(12, "std-64")]
    assert after.totals().hosts == 27


def test_hosts_are_set_to_another_type(design: Design):
    """Its size and price are those of the price list."""
    after = design.with_hosts("*", 2, "ram-64").totals()
    assert (after.hosts, after.ram_mib.raw) == (8, 8 * 512 * 1024)
    assert after.price_per_month == pytest.approx(8 * 1728.64)


def test_hosts_are_added(design: Design):
    """After those that are there, so that first fit tries them last."""
    after = design.with_more_hosts("z1/p2/c4", 3, "std-128")
    groups = after.clusters()[3].cluster.hosts
    assert [(each.count, each.type) for each in groups] == [(5, "std-64"), (3, "std-128")]


def test_the_algorithm_is_changed_and_other_settings_stay(design: Design):
    """`with_settings` takes any setting by CloudStack's name."""
    after = design.with_algorithm("userdispersing").with_settings({"expunge.delay": 60})
    assert after.settings.vm_allocation_algorithm == "userdispersing"
    assert after.settings.expunge_delay == 60
    assert after.settings.storage_overprovisioning_factor == 2
    assert design.settings.vm_allocation_algorithm == "random"


def test_a_changed_design_is_written_and_read_back(design: Design):
    """Changes are part of the document."""
    from cloudlab.design import design_from_yaml

    after = design.with_cpu_overcommit(2).with_more_hosts("z1/p1/*", 1).with_algorithm("firstfit")
    assert design_from_yaml(after.to_yaml()) == after


WRONG = {
    "factor": (
        lambda design: design.with_cpu_overcommit(0.5, "z1/p1/c1"),
        "zones[0].pods[0].clusters[0].cpu_overcommit is 0.5; it must be a number from 1",
    ),
    "cluster": (
        lambda design: design.with_hosts("z1/p1/c9", 1),
        "no cluster is called 'z1/p1/c9'; there are z1/p1/c1, z1/p1/c2, z1/p2/c3, z1/p2/c4",
    ),
    "count": (lambda design: design.with_hosts("z1/p1/c1", 0), "hosts[0].count is 0; it must be"),
    "type": (
        lambda design: design.with_hosts("*", 1, "std-65"),
        "no host type 'std-65' in host_types; there are std-64, ram-64, std-128",
    ),
    "algorithm": (lambda design: design.with_algorithm("best"), "is 'best'; it must be one of"),
    "setting": (
        lambda design: design.with_settings({"expunge.dely": 1}),
        "settings.expunge.dely is not a field of a design; did you mean 'expunge.delay'?",
    ),
    "room": (
        lambda design: design.with_hosts("z1/p1/c1", 4000),
        "zones[0].pods[0].cidr is 172.16.0.0/20: beside gateway, reserved and guest addresses",
    ),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_a_change_that_makes_no_sense_is_refused(design: Design, change, words: str):
    """In the words that reading a file would use."""
    with pytest.raises(InputError) as caught:
        change(design)
    assert words in str(caught.value)


def test_a_design_cannot_be_changed_in_place(design: Design):
    """Neither can its parts; all of it can be a key."""
    with pytest.raises(ValidationError, match="frozen"):
        design.cloud = "other"
    with pytest.raises(ValidationError, match="frozen"):
        design.zones[0].pods[0].clusters[0].hosts[0].count = 3
    assert {design: 1}[read_design(dataset("designs", "small-cloud.yaml"))] == 1
