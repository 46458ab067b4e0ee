"""iSCSI: a volume is the LUN that has its number, in a target that belongs to one lab."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from cloudlab.units import MIB
from drivers.kvm.storage.places import MOST_LUNS, lun
from drivers.kvm.storage.servers.asking import asked
from drivers.kvm.storage.servers.slots import Slots

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.site import Access

PROGRAM: Final = (files("drivers.kvm.storage.servers") / "iscsi_luns.py").read_text("utf-8")
_TARGET: Final = re.compile(r"(iqn|eui|naa)\.[A-Za-z0-9.:_-]+")
_PORT: Final = 3260


class Iscsi(Slots):
    """The LUNs of one target. A name is target and address, from which the number follows."""

    def check(self, pool: StoragePool) -> None:
        """Refuse a URL without the name of a target."""
        if not _TARGET.fullmatch(self.place.path):
            raise DriverFault(
                f"{pool}: the URL names the target {self.place.path!r}; it must be that of an "
                f"iSCSI target: iscsi://server:3260/iqn.2026-01.org.example:primary"
            )

    def url(self, name: str) -> str:
        """Return what QEMU's tools call a LUN."""
        return f"iscsi://{self.place.authority()}/{name}"

    def names(self, access: Access, what: str) -> list[str]:
        """Return all LUNs of the target."""
        portal = f"{self.place.authority(port=False)}:{self.place.port or _PORT}"
        argv = ["python3", "-c", PROGRAM, portal, self.place.path]
        numbers = json.loads(asked(access, what, argv, "python3").stdout)
        return [f"{self.place.path}/{lun(number)}" for number in numbers]

    def number(self, name: str) -> int:
        """Return the volume that this LUN is for."""
        address = int(name.rpartition("/")[2])
        return address & MOST_LUNS if address == lun(address & MOST_LUNS) else address

    def called(self, name: str) -> str:
        """Return what messages call a LUN."""
        return f"LUN {self.number(name)} of target {self.place.path}"

    def wanted(self, name: str, size: int) -> str:
        """Return what the administrator has to do so that there is such a LUN."""
        number = self.number(name)
        if number > MOST_LUNS:
            return f"iSCSI knows LUNs up to {MOST_LUNS}, not {number}; use a pool of another kind"
        return (
            f"target {self.place.path} of iscsi server {self.place.host} has no LUN {number}; add "
            f"a LUN of this number to it, {-(-size // MIB)} MiB or larger"
        )
