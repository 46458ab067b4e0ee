"""NBD: a volume is an export, which the server's administrator made under its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloudlab.units import MIB
from drivers.kvm.storage.servers import qemu_img
from drivers.kvm.storage.servers.asking import asked
from drivers.kvm.storage.servers.slots import Slots

if TYPE_CHECKING:
    from cloudlab.model import StoragePool
    from drivers.site import Access

_EXPORT: Final = re.compile(r"\s*export: '(.*)'")


class Nbd(Slots):
    """The exports of an NBD server."""

    def check(self, pool: StoragePool) -> None:
        """Accept every URL: what the exports are called is in none."""

    def url(self, name: str) -> str:
        """Return what QEMU's tools call an export."""
        return f"nbd://{self.place.authority()}/{quote(name)}"

    def names(self, access: Access, what: str) -> list[str]:
        """Return the names of the exports."""
        port = ["-p", str(self.place.port)] if self.place.port is not None else []
        argv = ["qemu-nbd", "--list", "-b", self.place.host, *port]
        done = asked(access, what, argv, qemu_img.PACKAGE)
        found = (_EXPORT.fullmatch(line) for line in done.text.splitlines())
        return [match.group(1) for match in found if match]

    def number(self, name: str) -> int | None:
        """Return the volume that this export is for."""
        return self.place.number(name)

    def called(self, name: str) -> str:
        """Return what messages call an export."""
        return f"export {name} of nbd server {self.place.host}"

    def wanted(self, name: str, size: int) -> str:
        """Return what the administrator has to do so that there is such an export."""
        return (
            f"nbd server {self.place.host} has no export {name}; let it export one of "
            f"{-(-size // MIB)} MiB or more under this name"
        )
