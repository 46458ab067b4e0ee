"""Snapshots of machines: inside the qcow2 images of their disks.

Every snapshot is an internal one, because that is what can be taken, reverted to and dropped
with libvirt 9: it cannot revert to external ones. Of a machine that is off, `qemu-img` does all
of it. QEMU knows no internal snapshot of a running machine without memory, so its memory is
always saved along, into its root disk; a snapshot of the disks alone simply leaves it unused at
a revert. It costs what the guest has in RAM, a pause of about half a second, and frozen file
systems where an agent can freeze them.

libvirt's own notes on snapshots are dropped at once: they belong to one host, and forbid a
machine to move. The document of each is kept beside the root volume instead, and libvirt is
reminded of it when it is needed, on whichever host that is. Notes can stay behind where we ended
between two steps, so whatever they would forbid forgets them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from xml.etree import ElementTree as ET

import libvirt

from cloudlab.errors import DriverFault
from drivers.kvm import domains
from drivers.kvm.marks import Identity
from drivers.kvm.migration import seen_at
from drivers.kvm.notes import NOTE_ONLY, forget_notes
from drivers.kvm.xml import Disk, disk_element

_SECURE: Final = libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE
_REDEFINE: Final = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE

TAKE: Final = """\
name="$1"; shift
undo() { for disk; do qemu-img snapshot -d "$name" "$disk" 2>/dev/null || true; done; }
for disk; do
  qemu-img info -U -f qcow2 "$disk" >/dev/null || { undo "$@"; exit 44; }
  qemu-img snapshot -c "$name" "$disk" || { undo "$@"; exit 1; }
done
"""
"""Args: name of the snapshot, disks: paths or URLs. Its name is used once: no other is undone."""

_HAS: Final = """\
has() {  # options, disk: is the snapshot in it? ends the script where nobody can tell
  listed=$(qemu-img snapshot -l "$@") || exit 1
  printf '%s\\n' "$listed" | awk -v tag="$name" '$2 == tag { found = 1 } END { exit !found }'
}
"""

GO_BACK: Final = (
    _HAS
    + """\
name="$1"; shift
root="$1" count=$#
for disk; do if has "$disk"; then set -- "$@" "$disk"; fi; done
shift "$count"
[ "$1" = "$root" ] || { echo "$root has no snapshot $name" >&2; exit 44; }
for disk; do qemu-img snapshot -a "$name" "$disk"; done
"""
)
"""Args: name of the snapshot, disks, the root disk first; those attached later stay.

No disk goes back before all were looked at, without `-U`: none may be in use either.
"""

DROP: Final = (
    _HAS
    + """\
there() {  # is there a disk that can have snapshots? ends the script where nobody can tell
  said=$(qemu-img info -U -f qcow2 "$1" 2>&1 >/dev/null) && return
  case "$said" in
    *"error connecting"*) ;;
    *"No such file"*|*NFS3ERR_NOENT*|*"export not available"*|*"not in qcow2 format"*) return 1 ;;
  esac
  printf '%s\\n' "$said" >&2; exit 1
}
name="$1"; shift
for disk; do
  if there "$disk" && has -U "$disk"; then qemu-img snapshot -d "$name" "$disk"; fi
done
"""
)
"""Args: name of the snapshot, disks; those that are gone have no snapshots.

Ceph says `error connecting: No such file` of a host without its keyring, not of an image.
"""


def take(connection: libvirt.virConnect, who: Identity, name: str, frozen: bool) -> str:  # noqa: FBT001
    """Take a snapshot of a running machine and return its document.

    Args:
        connection: to the host it runs on.
        who: which machine.
        name: of the snapshot.
        frozen: whether its agent, if it has one, freezes its file systems meanwhile.

    Raises:
        DriverFault: it does not run.
    """
    domain = domains.running(connection, who)
    forget_notes(domain)
    request = ET.Element("domainsnapshot")
    ET.SubElement(request, "name").text = name
    if frozen:
        with suppress(libvirt.libvirtError):  # no agent
            domain.fsFreeze()
    try:
        taken = domain.snapshotCreateXML(ET.tostring(request, encoding="unicode"), 0)
    finally:
        if frozen:
            with suppress(libvirt.libvirtError):
                domain.fsThaw()
    document = str(taken.getXMLDesc(_SECURE))
    taken.delete(NOTE_ONLY)
    return document


def restore(
    connection: libvirt.virConnect,
    who: Identity,
    document: str,
    address: str,
    disks: Sequence[Disk],
) -> None:
    """Let a machine go on where it was when a snapshot with memory was taken.

    Args:
        connection: to the host where it will run.
        who: which machine; if it runs, it is cut off.
        document: of the snapshot.
        address: where its screen will be seen.
        disks: of the machine, where they are now.

    Raises:
        DriverFault: a domain of its name is not ours.
    """
    domain = domains.of_that_name(connection, who.name)
    if domain is not None:
        domains.check_ours(domain, who)
        forget_notes(domain)
        domains.end(connection, who)
    snapshot = ET.fromstring(document)  # noqa: S314  (libvirt wrote it, nobody else may)
    machine = _brought_here(snapshot, address, disks)
    made = connection.defineXML(ET.tostring(machine, encoding="unicode"))
    try:
        known = made.snapshotCreateXML(ET.tostring(snapshot, encoding="unicode"), _REDEFINE)
        made.revertToSnapshot(known, 0)
        known.delete(NOTE_ONLY)
    except libvirt.libvirtError:
        domains.end(connection, who)
        raise


def _brought_here(snapshot: ET.Element, address: str, disks: Sequence[Disk]) -> ET.Element:
    """Let a snapshot's machine fit another host and pool; return the machine."""
    now = {disk.serial: disk_element(disk) for disk in disks}
    for tag in ("domain", "inactiveDomain"):
        old = snapshot.find(tag)
        if old is None:
            continue
        new = ET.fromstring(seen_at(ET.tostring(old, encoding="unicode"), address))  # noqa: S314
        for disk in new.iterfind("devices/disk"):
            _moved(disk, now.get(disk.findtext("serial") or ""))
        for plugged in new.findall("vcpus"):  # QEMU loads memory into CPUs it began with only
            new.remove(plugged)
        snapshot[list(snapshot).index(old)] = new
    machine = snapshot.find("domain")
    if machine is None:
        raise DriverFault("the document of the snapshot describes no machine; drop the snapshot")
    return machine


def _moved(disk: ET.Element, now: ET.Element | None) -> None:
    """Let a disk of a snapshot's machine be where its volume is now."""
    source, place = disk.find("source"), now.find("source") if now is not None else None
    if now is not None and source is not None and place is not None:
        disk.set("type", now.get("type", ""))
        disk[list(disk).index(source)] = place


def drop(connection: libvirt.virConnect, who: Identity, name: str) -> bool:
    """Drop a snapshot from the disks of a machine that runs; return False if it does not run."""
    domain = domains.ours(connection, who)
    if domain is None or not domain.isActive():
        return False
    forget_notes(domain)  # libvirt would take what follows for a change of its own
    snapshot = ET.Element("domainsnapshot")
    ET.SubElement(snapshot, "name").text = name
    ET.SubElement(snapshot, "state").text = "running"
    ET.SubElement(snapshot, "creationTime").text = "0"
    ET.SubElement(snapshot, "memory", snapshot="internal")
    snapshot.append(ET.fromstring(domain.XMLDesc(0)))  # noqa: S314  (libvirt wrote it)
    known = domain.snapshotCreateXML(ET.tostring(snapshot, encoding="unicode"), _REDEFINE)
    known.delete(0)
    return True
