"""How a guest is asked to shut down or to restart: by its agent, by ACPI, by force."""

from __future__ import annotations

import threading
from typing import Final
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.ports import PowerState
from drivers.kvm import domains
from drivers.kvm.marks import Identity

AGENT: Final = "org.qemu.guest_agent.0"
"""Name of the channel on which the agent in a guest listens."""


def press(connection: libvirt.virConnect, who: Identity) -> bool:
    """Ask a machine to shut down; return False if it is off already.

    The agent is asked if there is one, else the power button is pressed. A guest that is
    still booting hears neither, so it has to be asked again.
    """
    domain = domains.ours(connection, who)
    if domain is None or domains.power_of(domain) is not PowerState.ON:
        return False
    try:
        _ask_or_press(domain)
    except libvirt.libvirtError:
        if domains.power_of(domain) is not PowerState.ON:
            return False
        raise
    return True


def _ask_or_press(domain: libvirt.virDomain) -> None:
    if has_agent(domains.xml_of(domain)):
        try:
            domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
        except libvirt.libvirtError:
            pass  # it went away meanwhile, or is no good; the button is left
        else:
            return
    domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_DEFAULT)


def has_agent(domain: ET.Element) -> bool:
    """Return whether an agent listens inside the machine."""
    targets = domain.iterfind("devices/channel/target")
    return any(each.get("name") == AGENT and each.get("state") == "connected" for each in targets)


def restart(connection: libvirt.virConnect, who: Identity, seconds: float) -> None:
    """Restart a running machine: as the guest wants it, or by reset if it does not.

    Args:
        connection: to the host it runs on.
        who: which machine.
        seconds: that the guest may take to begin.

    Raises:
        DriverFault: it does not run.
    """
    domain = domains.running(connection, who)
    begun = threading.Event()

    def heard(*_details: object) -> None:
        begun.set()

    kind = libvirt.VIR_DOMAIN_EVENT_ID_REBOOT
    ticket = connection.domainEventRegisterAny(domain, kind, heard, None)
    try:
        if not _asked_to_restart(domain) or not begun.wait(seconds):
            domain.reset(0)
    finally:
        connection.domainEventDeregisterAny(ticket)


def _asked_to_restart(domain: libvirt.virDomain) -> bool:
    """Ask the guest to restart, by its agent or its power button; return whether that went."""
    agent = has_agent(domains.xml_of(domain))
    way = libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT if agent else libvirt.VIR_DOMAIN_REBOOT_DEFAULT
    try:
        domain.reboot(way)
    except libvirt.libvirtError:
        return False
    return True
