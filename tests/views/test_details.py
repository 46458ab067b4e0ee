"""Details: everything about one thing, as a click shows it."""

from __future__ import annotations

import pytest

from cloudlab.views import details
from cloudlab.workflows import hosts, machines
from tests.views.build import small_site


def lines(site, record) -> dict[str, tuple[str, str]]:
    """Return the details of a record by label, the first of each."""
    found: dict[str, tuple[str, str]] = {}
    for row in details(site.cloud, record):
        found.setdefault(row.label, (row.value, row.note))
    return found


def test_a_vm() -> None:
    """A VM: where it is, its size, address, disk and owner."""
    site = small_site(vms=1)
    vm = site.cloud.inventory.vms.get(1)
    found = lines(site, vm)
    assert found["vm"] == ("web-1", "id 1")
    assert found["in"][0] == "zone z1 > pod p1 > cluster c1 > host c1-h1"
    assert found["size"] == ("2 vCPU, 4 GiB RAM", "at the speed of the host")
    assert found["address"][0] == "10.1.1.0"
    assert found["ROOT"] == ("ROOT-1, 8 GiB", "on c1-nfs")


def test_a_stopped_vm_remembers_its_host() -> None:
    """A stopped VM lies in its zone only, and says where it ran."""
    site = small_site(vms=1)
    vm = site.cloud.inventory.vms.get(1)
    site.run(machines.stop(site.cloud, vm))
    found = lines(site, vm)
    assert found["in"][0] == "zone z1"
    assert found["last host"][0] == "c1-h1"


def test_a_host_counts_its_vms_and_its_load() -> None:
    """A host: both its states, its VMs by name, and what is allocated of what."""
    site = small_site(vms=2, clusters=1)
    host = site.cloud.inventory.hosts.get(1)
    site.run(hosts.disable(site.cloud, host))
    found = lines(site, host)
    assert found["state"] == ("Disabled", "Up, Disabled")
    assert found["VMs"] == ("2", "web-1, web-2")
    assert found["CPU"] == ("50%, 8 GHz allocated", "of 16 GHz usable")


def test_a_cluster_shows_over_provisioning() -> None:
    """A cluster: usable is raw times the factor, and the note says so."""
    site = small_site(vms=0)
    found = lines(site, site.cloud.inventory.clusters.named("c2"))
    assert found["CPU"] == ("0%, 0 MHz allocated", "of 64 GHz usable = 32 GHz raw x 2")
    assert found["pool"] == ("c2-nfs, 1000 GiB", "Up")


def test_the_last_moves_come_newest_first() -> None:
    """The story of a record ends the list, the newest move first."""
    site = small_site(vms=1, seconds=60)
    rows = details(site.cloud, site.cloud.inventory.vms.get(1))
    moves = [row for row in rows if " to " in row.value]
    assert [row.value for row in moves] == ["Starting to Running", "Stopped to Starting"]
    assert moves[0].note == "OperationSucceeded"


@pytest.mark.parametrize("table", ["zones", "pods", "volumes", "accounts", "pools"])
def test_everything_has_details(table: str) -> None:
    """Any record of the cloud says at least what it is."""
    site = small_site(vms=1)
    record = next(iter(getattr(site.cloud.inventory, table)))
    assert details(site.cloud, record)[0].value == record.name
