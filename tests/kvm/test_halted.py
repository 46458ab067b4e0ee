"""Which machines stand still as their storage was full, and what lets them go on."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import libvirt
import pytest

from cloudlab.errors import DriverFault
from drivers.kvm import domains
from drivers.kvm.marks import Identity
from drivers.kvm.xml import Disk, disk_element

RUNNING = [libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED]
BY_HAND = [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER]
HALTED = [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR]
OWNER = "mine books"


class Domain:
    """As much of a libvirt domain as is asked: two disks, the second without room."""

    def __init__(self, number: int, state: list[int], lab: str = "mine") -> None:
        self._number, self._state, self._lab = number, state, lab
        self.resumed = 0

    def metadata(self, _kind: int, _uri: str) -> str:
        """Return the mark."""
        return f"<vm lab='{self._lab}' store='books' id='{self._number}'/>"

    def state(self) -> list[int]:
        """Return state and reason."""
        return self._state

    def isActive(self) -> bool:  # noqa: N802  (libvirt's word)
        """Return that it runs."""
        return True

    def diskErrors(self) -> dict[str, int]:  # noqa: N802
        """Return the disks that failed."""
        return {"vdb": libvirt.VIR_DOMAIN_DISK_ERROR_NO_SPACE}

    def XMLDesc(self, _flags: int) -> str:  # noqa: N802
        """Return its document."""
        root = ET.Element("domain")
        devices = ET.SubElement(root, "devices")
        for number, place in ((4, "vda"), (7, "vdb")):
            devices.append(disk_element(Disk(f"volume-{number}", place, f"/x/{number}")))
        return ET.tostring(root, encoding="unicode")

    def resume(self) -> None:
        """Count."""
        self.resumed += 1


class Connection:
    """A host on which so many domains are paused."""

    def __init__(self, *paused: Domain) -> None:
        self._paused = paused

    def listAllDomains(self, flags: int) -> list[Domain]:  # noqa: N802
        """Return those that are paused, which is all that is asked for."""
        assert flags == libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED
        return list(self._paused)

    def lookupByName(self, _name: str) -> Domain:  # noqa: N802
        """Return the first."""
        return self._paused[0]

    def getHostname(self) -> str:  # noqa: N802
        """Return its name."""
        return "h1"


def test_only_our_own_that_qemu_paused_count() -> None:
    """By id, each with the volume that had no room; not those that somebody paused by hand."""
    host = Connection(Domain(1, HALTED), Domain(2, BY_HAND), Domain(3, HALTED, lab="other"))
    assert domains.halted(host, OWNER) == {1: {7}}  # type: ignore[arg-type]


class Lost(Domain):
    """A domain about which nobody answers any more, for a reason."""

    def __init__(self, code: int) -> None:
        super().__init__(1, HALTED)
        self._error = libvirt.libvirtError("no answer")
        self._error.err = (code, 0, "no answer", 0, "", "", "", 0, 0)

    def state(self) -> list[int]:
        """Fail."""
        raise self._error


def test_no_answer_does_not_mean_that_it_goes_on() -> None:
    """A machine that just went away stands still no more; of a silent host nothing is known."""
    assert domains.halted(Connection(Lost(libvirt.VIR_ERR_NO_DOMAIN)), OWNER) == {}  # type: ignore[arg-type]
    with pytest.raises(libvirt.libvirtError):
        domains.halted(Connection(Lost(libvirt.VIR_ERR_RPC)), OWNER)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "times"), [(HALTED, 1), (BY_HAND, 0), (RUNNING, 0)])
def test_only_what_qemu_paused_is_resumed(state: list[int], times: int) -> None:
    """What somebody paused by hand stays so."""
    domain = Domain(1, state)
    domains.resume(Connection(domain), Identity("i-1-1-VM", OWNER, 1))  # type: ignore[arg-type]
    assert domain.resumed == times


def test_what_is_not_ours_is_not_resumed() -> None:
    """It does not run, as far as this lab is concerned."""
    domain = Domain(1, HALTED, lab="other")
    with pytest.raises(DriverFault, match="i-1-1-VM does not run on h1"):
        domains.resume(Connection(domain), Identity("i-1-1-VM", OWNER, 1))  # type: ignore[arg-type]
    assert domain.resumed == 0
