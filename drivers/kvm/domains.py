"""The domains of one libvirt that are this lab's: found by their mark, started, removed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.errors import AlreadyRunning, DriverFault, LeftAlone
from cloudlab.ports import PowerState
from drivers.kvm.marks import GONE, Identity, mark_of
from drivers.kvm.xml import volumes_of

_LEFT_BEHIND: Final = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
)
"""What else of a domain goes with its definition."""


def of_that_name(connection: libvirt.virConnect, name: str) -> libvirt.virDomain | None:
    """Return the domain that is called `name`, whosoever it is."""
    try:
        return connection.lookupByName(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise


def ours(connection: libvirt.virConnect, who: Identity) -> libvirt.virDomain | None:
    """Return the domain of a machine; one of its name that is not ours does not count."""
    domain = of_that_name(connection, who.name)
    return domain if domain is not None and who.bears(mark_of(domain)) else None


def running(connection: libvirt.virConnect, who: Identity) -> libvirt.virDomain:
    """Return the domain of a machine that runs.

    Raises:
        DriverFault: it does not.
    """
    domain = ours(connection, who)
    if domain is None or power_of(domain) is not PowerState.ON:
        raise DriverFault(f"{who.name} does not run on {connection.getHostname()}")
    return domain


def power_of(domain: libvirt.virDomain) -> PowerState:
    """Return whether `domain` runs; one that just went away does not."""
    try:
        return PowerState.ON if domain.isActive() else PowerState.OFF
    except libvirt.libvirtError as error:
        if error.get_error_code() in GONE:
            return PowerState.OFF
        raise


def all_ours(connection: libvirt.virConnect, owner: str) -> dict[int, PowerState]:
    """Return every domain of `Site.owner`, by VM id, with its power state."""
    marked = ((mark_of(domain), domain) for domain in connection.listAllDomains())
    found = {mark.vm_id: domain for mark, domain in marked if mark and mark.is_of(owner)}
    return {vm_id: power_of(found[vm_id]) for vm_id in sorted(found)}


_HALTED: Final = [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR]


def halted(connection: libvirt.virConnect, owner: str) -> dict[int, set[int]]:
    """Return the machines of `Site.owner` that QEMU paused where storage was full, by VM id.

    Each with the volumes it could not write to. QEMU does that by itself, and loses nothing: what
    could not be written is written when the machine goes on.
    """
    found: dict[int, set[int]] = {}
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED):
        mark = mark_of(domain)
        if mark is not None and mark.is_of(owner):
            try:
                if domain.state() == _HALTED:
                    found[mark.vm_id] = volumes_of(xml_of(domain), domain.diskErrors())
            except libvirt.libvirtError as error:
                if error.get_error_code() not in GONE:  # it just went away
                    raise
    return found


def resume(connection: libvirt.virConnect, who: Identity) -> None:
    """Let a machine go on that QEMU paused where storage was full; any other is left alone.

    Raises:
        DriverFault: it does not run.
    """
    domain = running(connection, who)
    if domain.state() == _HALTED:
        domain.resume()


def forget_fallen(connection: libvirt.virConnect, owner: str) -> None:
    """Remove every definition of `Site.owner` whose machine does not run: it fell with its host."""
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE):
        mark = mark_of(domain)
        if mark is not None and mark.is_of(owner):
            undefine(domain)


def begin(connection: libvirt.virConnect, who: Identity, xml: str) -> None:
    """Define a machine and let it run; a definition of it that is off is replaced.

    Raises:
        AlreadyRunning: it runs here.
        LeftAlone: it is on its way here or away.
        DriverFault: a domain of its name is not ours.
    """
    make_room(connection, who)
    made = connection.defineXML(xml)
    try:
        made.create()
    except libvirt.libvirtError:
        undefine(made)
        raise


def make_room(connection: libvirt.virConnect, who: Identity) -> None:
    """Make sure that a machine can begin on this host, or come to it: nothing of it is left here.

    Raises:
        AlreadyRunning: it runs here.
        LeftAlone: it is on its way here or away.
        DriverFault: a domain of its name is not ours.
    """
    domain = of_that_name(connection, who.name)
    if domain is None:
        return
    check_ours(domain, who)
    if power_of(domain) is PowerState.ON:
        here = connection.getHostname()
        if is_between(domain):
            raise LeftAlone(
                f"{who.name} is on its way to {here}, or away from it, and was left alone; "
                "try again when it has arrived"
            )
        raise AlreadyRunning(f"{who.name} runs already on {here}; it was left alone")
    undefine(domain)


def power_by_name(connection: libvirt.virConnect, who: Identity) -> PowerState:
    """Return whether a machine runs here; unknown while it begins or moves, here or away."""
    domain = ours(connection, who)
    if domain is None:
        return PowerState.OFF
    return PowerState.UNKNOWN if is_between(domain) else power_of(domain)


_BETWEEN: Final = (
    [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP],
    [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_MIGRATION],
)


def is_between(domain: libvirt.virDomain) -> bool:
    """Return whether `domain` is being started or received, or is leaving for another host.

    Hosts do that by themselves, so it may still be under way when whoever asked for it is gone.
    What is being received is active and paused: to take it for a machine that runs would end
    the one that does.
    """
    with suppress(libvirt.libvirtError):  # it just went away, or its driver knows no jobs
        if domain.state() in _BETWEEN:
            return True
        job = domain.jobStats().get("operation")
        return bool(job == libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT)
    return False


def check_ours(domain: libvirt.virDomain, who: Identity) -> None:
    """Refuse to touch a domain that is not ours.

    Raises:
        DriverFault: it is another lab's, or nobody's.
    """
    mark = mark_of(domain)
    if not who.bears(mark):
        whose = f"belongs to {mark}" if mark else "was made by others"
        raise DriverFault(
            f"a domain {who.name} that {whose} is on {domain.connect().getHostname()}; it was not "
            f"touched: rename or undefine it there, or give this lab other hosts"
        )


def end(connection: libvirt.virConnect, who: Identity) -> None:
    """Make sure nothing of a machine runs or is defined; what is not ours stays."""
    domain = ours(connection, who)
    if domain is not None:
        pull_plug(domain)
        undefine(domain)


def pull_plug(domain: libvirt.virDomain) -> None:
    """Make sure `domain` does not run."""
    _unless_gone(domain.destroy)


def undefine(domain: libvirt.virDomain) -> None:
    """Make sure `domain`, which does not run, is not defined."""
    try:
        _unless_gone(domain.undefineFlags, _LEFT_BEHIND)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in {
            libvirt.VIR_ERR_INVALID_ARG,
            libvirt.VIR_ERR_NO_SUPPORT,
        }:
            raise
        domain.undefine()  # a driver without such things does not know their flags


def _unless_gone(act: Callable[..., object], *args: int) -> None:
    """Do `act(*args)`; what is not there, or does not run, is no error."""
    try:
        act(*args)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in GONE:
            raise


def xml_of(domain: libvirt.virDomain) -> ET.Element:
    """Return the document of `domain` as it is now."""
    return ET.fromstring(domain.XMLDesc(0))  # noqa: S314  (libvirt wrote it)
