"""Disks in XML: files, and images that QEMU itself reaches over the network."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from drivers.kvm.xml.table import Row, always, built

if TYPE_CHECKING:
    from cloudlab.model import Volume


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of a machine as libvirt is told of it.

    Attributes:
        serial: what it is found by again; guests see it as the serial number.
        target: the name of its place, `vda`.
        file: its path on the host; empty for a network disk.
        protocol: `nfs`, `iscsi`, `rbd` or `nbd`; empty for a file.
        name: export, path, target or image in the words of the protocol.
        server: host name or address; empty for a file.
        port: of the server; `None`: the protocol's own.
    """

    serial: str
    target: str
    file: str = ""
    protocol: str = ""
    name: str = ""
    server: str = ""
    port: int | None = None

    @property
    def is_network(self) -> bool:
        """Whether QEMU reaches it by itself."""
        return bool(self.protocol)


def _nfs(value: str) -> Row[Disk]:
    """Return who QEMU is for an NFS server: root, like everything else of it."""
    return Row("source/nfs", value, lambda disk: "+0" if disk.protocol == "nfs" else None)


DISK: Final[tuple[Row[Disk], ...]] = (
    Row("", "type", lambda disk: "network" if disk.is_network else "file"),
    Row("", "device", always("disk")),
    Row("driver", "name", always("qemu")),
    Row("driver", "type", always("qcow2")),
    Row("driver", "cache", always("none")),
    Row("driver", "discard", always("unmap")),
    Row("driver", "error_policy", always("enospace")),
    Row("source", "file", lambda disk: disk.file or None),
    Row("source", "protocol", lambda disk: disk.protocol or None),
    Row("source", "name", lambda disk: disk.name or None),
    Row("source/host", "name", lambda disk: disk.server or None),
    Row("source/host", "port", lambda disk: disk.port),
    _nfs("user"),
    _nfs("group"),
    Row("target", "dev", lambda disk: disk.target),
    Row("target", "bus", always("virtio")),
    Row("serial", "", lambda disk: disk.serial),
)
"""`cache=none`: what a host wrote is there for the next host, so machines can move.

`error_policy=enospace`: where there is no room the machine is paused before a write fails.
"""


def disk_element(disk: Disk) -> ET.Element:
    """Return `<disk>`."""
    return built("disk", DISK, disk)


def serial(volume: Volume) -> str:
    """Return the serial number of `volume`; virtio has 20 characters for it."""
    return f"volume-{volume.id}"


def target(place: int) -> str:
    """Return the name of the disk in a place, from 0: `vda` ... `vdz`, `vdaa` ..."""
    high, low = divmod(place, len(ascii_lowercase))
    return f"vd{ascii_lowercase[high - 1] if high else ''}{ascii_lowercase[low]}"


def first_free(domain: ET.Element) -> str:
    """Return the first name of a disk that `domain` does not use."""
    used = {each.get("dev") for each in domain.iterfind("devices/disk/target")}
    return next(name for name in map(target, range(702)) if name not in used)


def volumes_of(domain: ET.Element, targets: Container[str]) -> set[int]:
    """Return which volumes `domain` has in the places `targets`, by id."""
    disks = domain.iterfind("devices/disk")
    serials = (
        each.findtext("serial") or ""
        for each in disks
        if (place := each.find("target")) is not None and place.get("dev") in targets
    )
    numbers = (each.removeprefix("volume-") for each in serials)
    return {int(each) for each in numbers if each.isdecimal()}


def disk_of(domain: ET.Element, volume: Volume) -> ET.Element | None:
    """Return the `<disk>` of `domain` that is `volume`, if it has it."""
    wanted = serial(volume)
    disks = domain.iterfind("devices/disk")
    return next((each for each in disks if each.findtext("serial") == wanted), None)
