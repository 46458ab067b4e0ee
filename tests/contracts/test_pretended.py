"""What libvirt's test driver leaves out of the contracts is known by name, and still missing."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from cloudlab.errors import DriverFault
from tests.contracts import test_hypervisor, test_storage

if find_spec("libvirt") is None:
    pytest.skip("no libvirt for Python: docs/real-hosts.md", allow_module_level=True)

import libvirt

from drivers.kvm.event_loop import start_event_loop
from drivers.kvm.migration import _FLAGS as MOVING
from drivers.kvm.notes import NOTE_ONLY
from tests.contracts import pretended

DISK: Final = """<disk type="file"><source file="/nothing"/><target dev="vdb"/></disk>"""
SNAPSHOT: Final = "<domainsnapshot><name>before</name></domainsnapshot>"

CALLS: Final[dict[str, Callable[[libvirt.virDomain], object]]] = {
    "virDomainAttachDeviceFlags": lambda domain: domain.attachDeviceFlags(
        DISK, libvirt.VIR_DOMAIN_AFFECT_LIVE
    ),
    "virDomainMigrateToURI3": lambda domain: domain.migrateToURI3("test:///default", {}, MOVING),
    "virDomainSnapshotDelete that keeps the snapshot": lambda domain: domain.snapshotCreateXML(
        SNAPSHOT, 0
    ).delete(NOTE_ONLY),
}
"""Each call that is said to be missing, as the driver makes it."""


@pytest.fixture
def domain() -> libvirt.virDomain:
    """A machine that the test driver runs."""
    start_event_loop()
    return libvirt.open("test:///default").lookupByName("test")


def test_every_missing_call_is_tried() -> None:
    """None is added to the list without being tried here."""
    assert set(CALLS) == set(pretended.LACKING)


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_to_be_missing_is_missing(call: str, domain: libvirt.virDomain) -> None:
    """A libvirt that learns it has the contracts kept; then it goes from the list."""
    with pytest.raises(libvirt.libvirtError) as caught:
        CALLS[call](domain)
    assert pretended.LACKING[call] in str(caught.value)


def test_no_other_error_leaves_a_test_out() -> None:
    """Not even one of a call that is missing as well, but not on the list."""
    words = "this function is not supported by the connection driver: virDomainBlockResize"
    libvirt.virResetLastError()  # else the error made here would be that one
    for cause in (libvirt.libvirtError(words), None):
        fault = DriverFault(words)
        fault.__cause__ = cause
        pretended.excuse(fault)


def test_tests_that_have_to_fail_are_there() -> None:
    """A test that goes, or gets another name, goes from the list."""
    tests: dict[str, Any] = {**vars(test_hypervisor), **vars(test_storage)}
    assert set(pretended.NOT_PRETENDED) <= set(tests)


def test_a_machine_that_stays_behind_is_no_excuse(tmp_path: Path) -> None:
    """What the test driver does not lack fails as everywhere."""
    with pretended.pretended(tmp_path) as rig, pytest.raises(DriverFault, match="does not run"):
        rig.do(rig.ports.hypervisor.reboot(rig.vm, rig.host))
