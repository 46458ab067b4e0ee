"""The fleet and the rules of a design: nothing is lost on the way to the capacity kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cloudlab.datasets import dataset
from cloudlab.design import Design, design_from_yaml, new_design, read_design
from cloudlab.errors import InputError
from simulator.kernel.simulate import simulate
from simulator.scenario import fleet_of, rules_of
from simulator.workload import churn

NAMES = sorted(path.stem for path in dataset("designs").glob("*.yaml"))


def shipped(name: str) -> Design:
    """Return the shipped design `name`."""
    return read_design(dataset("designs", f"{name}.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_fleet_has_what_its_design_has(name: str):
    """CPU, RAM, storage and addresses, raw and usable, to the last MHz and MiB."""
    design = shipped(name)
    fleet, have = fleet_of(design), design.totals()
    assert len(fleet) == have.hosts
    assert fleet.host_cores.sum() == have.cores
    assert fleet.host_cpu_mhz.sum() == have.cpu_mhz.raw
    assert fleet.usable_cpu_mhz.sum() == have.cpu_mhz.usable
    assert fleet.host_ram_mib.sum() == have.ram_mib.raw
    assert fleet.usable_ram_mib.sum() == have.ram_mib.usable
    assert fleet.pool_capacity_mib.sum() == have.storage_mib.raw
    assert fleet.pool_usable_mib.sum() == have.storage_mib.usable
    assert fleet.address_total.sum() == have.addresses
    assert (len(fleet.zone_names), len(fleet.pod_names)) == (have.zones, have.pods)


def test_rows_stand_in_the_order_of_the_document():
    """Index 0 is what is written first, and links point to the right place."""
    fleet = fleet_of(shipped("small-cloud"))
    assert fleet.cluster_names == ("c1", "c2", "c3", "c4")
    assert [fleet.pod_names[pod] for pod in fleet.cluster_pod] == ["p1", "p1", "p2", "p2"]
    assert fleet.host_names[0] == "c1-h001"
    assert fleet.host_names[-1] == "c4-h005"
    assert list(fleet.per_cluster(np.ones(len(fleet), np.int64))) == [5, 5, 5, 5]
    assert set(fleet.host_type) == {"std-64"}


def test_only_what_takes_vms_of_users_is_in_the_fleet():
    """Disabled clusters, hosts kept free for restarts and local disks are not."""
    fleet = fleet_of(shipped("two-zones"))
    assert fleet.cluster_names == ("kvm", "vmware", "xen")
    assert not any("spare" in name for name in fleet.host_names)
    assert fleet.host_names[6:8] == ("kvm-fast07", "kvm-fast08")
    assert fleet.pool_names == ("north-archive", "kvm-nfs", "kvm-ssd", "vmware-fc", "xen-iscsi")
    assert list(fleet.pool_cluster) == [-1, 0, 0, 1, 2]
    assert list(fleet.pool_zone) == [0, 0, 0, 0, 1]
    assert list(fleet.pool_factor) == [1.5, 1.5, 1.0, 1.0, 1.0]
    assert list(fleet.pool_disable) == [0.9, 0.9, 0.9, 0.9, 0.85]
    assert list(fleet.cpu_factor) == [4.0, 2.0, 1.0]
    assert list(fleet.ram_disable) == [math.inf, 0.85, 0.85]


def test_addresses_are_shared_by_an_advanced_zone_and_by_a_basic_pod():
    """Each cluster draws from the right pool of them."""
    advanced = fleet_of(shipped("two-zones"))
    assert advanced.address_pool_names == ("north", "south")
    assert list(advanced.cluster_address_pool) == [0, 0, 1]
    basic = fleet_of(shipped("basic-zone"))
    assert basic.address_pool_names == ("rack-1", "rack-2")
    assert list(basic.cluster_address_pool) == [0, 1]
    assert list(basic.address_total) == [1021, 1021]


def test_a_design_with_nothing_for_users_has_no_fleet():
    """The message says why."""
    text = (
        new_design().to_yaml().replace("- name: z1\n", "- name: z1\n  allocation_state: Disabled\n")
    )
    with pytest.raises(InputError, match="has no host that takes VMs: all are Disabled or kept"):
        fleet_of(design_from_yaml(text))


def test_rules_are_the_settings_of_the_design():
    """And the seed is that of the run."""
    rules = rules_of(shipped("two-zones"), seed=7)
    assert (rules.algorithm, rules.order_clusters_by, rules.seed) == ("firstfit", "RAM", 7)
    assert (rules.expunge_delay_s, rules.expunge_interval_s) == (86_400, 86_400)
    assert rules.default_disk_mib == 10 * 1024
    assert rules_of(shipped("azure-region")).expunge_delay_s == 3600


def test_rules_that_the_kernel_does_not_know_are_refused():
    """Rather than placed in another way than CloudStack would."""
    design = new_design().with_settings({"apply.allocation.algorithm.to.pods": True})
    with pytest.raises(InputError, match=r"apply.allocation.algorithm.to.pods is true"):
        rules_of(design)


def test_the_churn_design_places_as_other_simulators_do():
    """Nothing but CPU and RAM of the hosts decides: the published hash of the host column."""
    design = shipped("churn-100")
    placements = simulate(fleet_of(design), churn(100, 10_000), rules_of(design))
    assert (placements.host >= 0).all()
    assert placements.md5.startswith("c23e9e73")
