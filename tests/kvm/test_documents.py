"""Documents for libvirt: golden files, and tables that read back what they wrote.

`CLOUDLAB_GOLDEN=write pytest tests/kvm` writes the golden files anew; look at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cloudlab.errors import DriverFault
from cloudlab.model import PoolType
from drivers import naming
from drivers.kvm.migration import seen_at
from drivers.kvm.options import KvmOptions
from drivers.kvm.records import guest_of, new_password, uuid_of
from drivers.kvm.storage.places import disk_of_volume
from drivers.kvm.xml import (
    DISK,
    DOMAIN,
    INTERFACE,
    MARK,
    built,
    disk_element,
    domain_xml,
    first_free,
    read,
    target,
    text_of,
)
from drivers.site import Access
from tests.kvm.records import Records

GOLDEN = Path(__file__).parent / "golden"

SERVERS = {
    "nfs": "nfs://10.77.0.20/export/primary",
    "iscsi": "iscsi://10.77.0.20:3260/iqn.2026-01.org.example:primary",
    "rbd": "rbd://10.77.0.20:6789/primary",
    "nbd": "nbd://10.77.0.20:10809",
}


class NoShell:
    """Nothing here asks a host for anything."""


def guest(records: Records, host: str = "h1", **options):
    """Return a machine with two disks as a host is told of it."""
    vm = records.vm()
    vm.volumes.append(records.volume(vm))
    access = Access(host, "10.77.0.11", NoShell(), "qemu+tcp://10.77.0.11/system")
    return guest_of(vm, access, "lab1", KvmOptions(**options), "s3cret88")


def agrees(name: str, text: str) -> None:
    """Assert that a golden file says `text`; or write it, if that is asked for."""
    path = GOLDEN / f"{name}.xml"
    if os.environ.get("CLOUDLAB_GOLDEN") == "write":
        path.write_text(f"{text}\n")
    assert path.read_text() == f"{text}\n"


def test_a_machine_is_the_golden_one() -> None:
    """Emulated: with a limited cache of translated code, and CPUs that never grow."""
    agrees("emulated", domain_xml(guest(Records())))


def test_a_machine_on_kvm_is_the_golden_one() -> None:
    """Only where the operator says so; CPUs and RAM may grow."""
    agrees(
        "accelerated",
        domain_xml(guest(Records(), accelerators={"h1": "kvm"}, ram_headroom=2.0)),
    )


@pytest.mark.parametrize("protocol", SERVERS)
def test_a_disk_on_a_server_is_the_golden_one(protocol: str) -> None:
    """QEMU reaches it by itself, by the protocol's own names."""
    records = Records(SERVERS[protocol], PoolType.PRE_SETUP)
    disk = disk_of_volume(records.volume(records.vm()), "lab1", "vdb")
    agrees(protocol, text_of(disk_element(disk)))


def test_every_golden_file_belongs_to_a_test() -> None:
    """None is left over from a test that is gone."""
    names = {path.stem for path in GOLDEN.glob("*.xml")}
    assert names == {"emulated", "accelerated", *SERVERS}


def test_tables_read_back_what_they_wrote() -> None:
    """Every property of machine, disk and NIC is found where it was put."""
    subject = guest(Records())
    parsed = ET.fromstring(domain_xml(subject))
    disks, nics = parsed.findall("devices/disk"), parsed.findall("devices/interface")
    pairs = [
        (DOMAIN, subject, parsed),
        *((DISK, *each) for each in zip(subject.disks, disks, strict=True)),
        *((INTERFACE, *each) for each in zip(subject.interfaces, nics, strict=True)),
    ]
    assert len(pairs) == 4
    for table, what, element in pairs:
        expected = {(row.path, row.attribute): row.get(what) for row in table}
        wanted = {key: value if value is None else str(value) for key, value in expected.items()}
        assert read(table, element) == wanted


def test_a_property_that_is_not_there_is_left_out() -> None:
    """No empty attribute, no empty element."""
    accelerated = guest(Records(), accelerators={"h1": "kvm"})
    assert "tcg" not in domain_xml(accelerated)
    assert read(DOMAIN, built("domain", DOMAIN, accelerated))["features/tcg/tb-cache", ""] is None


def test_the_mark_names_lab_and_machine() -> None:
    """By it a domain is known to be ours, whatever it is called."""
    mark = ET.fromstring(domain_xml(guest(Records()))).find(f"metadata/{MARK}")
    assert mark is not None
    assert mark.attrib == {"lab": "lab1", "id": "1"}


def test_two_labs_give_two_identities() -> None:
    """The same machine number, on the same host, is another domain."""
    vm = Records().vm()
    assert uuid_of(vm, "lab1") == uuid_of(vm, "lab1") != uuid_of(vm, "lab2")


def test_the_screens_password_is_not_shown() -> None:
    """It is in the document for libvirt, and in no text about the machine."""
    subject = guest(Records())
    assert "s3cret88" in domain_xml(subject)
    assert "s3cret88" not in repr(subject)


def test_passwords_differ() -> None:
    """As long as VNC compares, and never the same."""
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert {len(each) for each in made} == {8}


def test_a_screen_moves_with_its_machine() -> None:
    """Everything else of the document stays."""
    before = domain_xml(guest(Records()))
    after = seen_at(before, "10.77.0.12")
    assert 'listen="10.77.0.12"' in after
    assert seen_at(after, "10.77.0.11") == seen_at(before, "10.77.0.11")


@pytest.mark.parametrize(("place", "name"), [(0, "vda"), (25, "vdz"), (26, "vdaa"), (52, "vdba")])
def test_places_of_disks_have_names(place: int, name: str) -> None:
    """As Linux counts them."""
    assert target(place) == name


def test_the_first_free_name_is_taken() -> None:
    """Between two that are used, too."""
    document = ET.fromstring(
        "<domain><devices><disk><target dev='vda'/></disk><disk><target dev='vdc'/></disk>"
        "</devices></domain>"
    )
    assert first_free(document) == "vdb"


def test_disks_keep_the_places_of_their_records() -> None:
    """One without a place gets the first that no record asks for."""
    records = Records()
    vm = records.vm()
    for place in (None, 1):
        vm.volumes.append(records.volume(vm))
        vm.volumes[-1].device_id = place
    access = Access("h1", "10.77.0.11", NoShell(), "qemu+tcp://10.77.0.11/system")
    disks = guest_of(vm, access, "lab1", KvmOptions(), "s3cret88").disks
    assert [(disk.serial, disk.target) for disk in disks] == [
        ("volume-1", "vda"),
        ("volume-2", "vdc"),
        ("volume-3", "vdb"),
    ]


@pytest.mark.parametrize("url", ["", "mnt/primary", "http://10.77.0.20/x", "nbd:///x"])
def test_a_pool_without_a_place_is_refused(url: str) -> None:
    """The message names the pool, the URL and what would do."""
    records = Records(url)
    with pytest.raises(DriverFault, match=r"pool primary .*file:///mnt/primary"):
        disk_of_volume(records.volume(records.vm()), "lab1", "vda")


def test_a_volume_without_a_pool_is_refused() -> None:
    """No machine can have it."""
    records = Records()
    volume = records.volume(records.vm())
    volume.pool = None
    with pytest.raises(DriverFault, match="volume DATA-2 is on no pool"):
        disk_of_volume(volume, "lab1", "vdb")


def test_names_of_taps_fit_the_kernel() -> None:
    """15 characters at most, for any NIC there will ever be."""
    nic = Records().vm().nics[0]
    nic.id = 9_999_999_999_999
    assert naming.tap(nic) == "cl9999999999999"
    assert len(naming.tap(nic)) == 15
