"""The screens of machines: where they are, and the password that is asked for there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.errors import DriverFault
from drivers.kvm import domains

if TYPE_CHECKING:
    from drivers.kvm.marks import Identity


def port(connection: libvirt.virConnect, who: Identity) -> int:
    """Return the port at which the screen of a running machine can be seen.

    Raises:
        DriverFault: it does not run, or has no screen.
    """
    return int(_screen(domains.running(connection, who), 0, who).get("port", "0"))


def password(connection: libvirt.virConnect, who: Identity) -> str:
    """Return what is asked for at the screen of a running machine.

    Raises:
        DriverFault: it does not run, or has no screen.
    """
    domain = domains.running(connection, who)
    return _screen(domain, libvirt.VIR_DOMAIN_XML_SECURE, who).get("passwd", "")


def _screen(domain: libvirt.virDomain, flags: int, who: Identity) -> ET.Element:
    root = ET.fromstring(domain.XMLDesc(flags))  # noqa: S314  (libvirt wrote it)
    screen = root.find("devices/graphics[@type='vnc']")
    if screen is None:
        raise DriverFault(f"{who.name} has no screen that can be seen from elsewhere")
    return screen
