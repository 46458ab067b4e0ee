"""iSCSI: a volume is the LUN that has its number, in a target that belongs to one lab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.storage.servers.asking import asked
from drivers.kvm.storage.servers.qemu_img import MIB
from drivers.kvm.storage.servers.slots import Slots

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.site import Access

_TARGET_NAME: Final = re.compile(r"(iqn|eui|naa)\.[A-Za-z0-9.:_-]+")
_TARGET: Final = re.compile(r"Target:(\S+)")
_DISK: Final = re.compile(r"\s*Lun:(\d+)\s+Type:DIRECT_ACCESS")
_MOST: Final = 16383
"""The highest number that SCSI's flat addressing has."""


class Iscsi(Slots):
    """The LUNs of one target."""

    def check(self, pool: StoragePool) -> None:
        """Refuse a URL without the name of a target."""
        if not _TARGET_NAME.fullmatch(self.place.path):
            raise DriverFault(
                f"{pool}: the URL names the target {self.place.path!r}; it must be that of an "
                f"iSCSI target: iscsi://server:3260/iqn.2026-01.org.example:primary"
            )

    def url(self, name: str) -> str:
        """Return what QEMU's tools call a LUN."""
        return f"iscsi://{self.place.authority()}/{name}"

    def names(self, access: Access, what: str) -> list[str]:
        """Return all disks of the target, as `iqn.../7`."""
        argv = ["iscsi-ls", "-s", f"iscsi://{self.place.authority()}"]
        found: dict[str, list[str]] = {}
        current = ""
        for line in asked(access, what, argv, "libiscsi-bin").text.splitlines():
            if target := _TARGET.match(line):
                current = target.group(1)
                found.setdefault(current, [])
            elif disk := _DISK.match(line):
                found[current].append(f"{current}/{disk.group(1)}")
        if self.place.path not in found:
            raise DriverFault(
                f"{what} from host {access.name}: iscsi server {self.place.host} has no target "
                f"{self.place.path} for it; it shows {', '.join(found) or 'none'}"
            )
        return found[self.place.path]

    def number(self, name: str) -> int | None:
        """Return the volume that this LUN is for."""
        return int(name.rpartition("/")[2])

    def called(self, name: str) -> str:
        """Return what messages call a LUN."""
        target, _, number = name.rpartition("/")
        return f"LUN {number} of target {target}"

    def wanted(self, name: str, size: int) -> str:
        """Return what the administrator has to do so that there is such a LUN."""
        target, _, number = name.rpartition("/")
        if int(number) > _MOST:
            return f"LUN {number} is more than iSCSI knows, {_MOST}; use a pool of another kind"
        return (
            f"target {target} of iscsi server {self.place.host} has no LUN {number}; add a LUN of "
            f"this number to it, {-(-size // MIB)} MiB or larger"
        )
