"""Small documents that belong to a volume and lie beside it: in its folder, or on its server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import run
from drivers.kvm.storage.places import Folder, Place, Server
from drivers.kvm.storage.servers.kinds import backend

if TYPE_CHECKING:
    from drivers.site import Access

_PRIVATE: Final = 0o600
"""The document of a snapshot holds the password of the machine's screen."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document beside a volume.

    Attributes:
        place: of the volume.
        file: its name in a folder; on a server it is that of the lab before it.
        what: for messages, `vm snapshot before of vm web`.
    """

    place: Place
    file: str
    what: str

    @property
    def can_be(self) -> bool:
        """Whether there is a place for it."""
        return isinstance(self.place, Folder) or backend(self.place).keeps_documents

    def check(self) -> None:
        """Refuse where there is no place for it.

        Raises:
            DriverFault: the volume is on a server that knows nothing but volumes.
        """
        if isinstance(self.place, Server) and not self.can_be:
            raise DriverFault(
                f"{self.what}: to go back to its memory needs a document beside its root disk, for "
                f"which {self.place.protocol} servers have no place; keep the disks alone, or "
                f"use a pool in a folder, on NFS or on RBD for the root disk"
            )

    def put(self, access: Access, data: bytes) -> None:
        """Write it."""
        if isinstance(self.place, Folder):
            access.shell.put(data, self._path(self.place), mode=_PRIVATE)
        else:
            name = self.place.whole_name(self.file)
            backend(self.place).put(access, name, data, f"keeping {self.what}")

    def get(self, access: Access) -> bytes:
        """Return what it says.

        Raises:
            DriverFault: there is none.
        """
        if isinstance(self.place, Folder):
            return access.shell.get(self._path(self.place))
        name = self.place.whole_name(self.file)
        found = backend(self.place).get(access, name, f"looking for {self.what}")
        if found is None:
            raise DriverFault(f"{name} is not on {self.place.protocol} server {self.place.host}")
        return found

    def drop(self, access: Access) -> None:
        """Make sure that it is not there."""
        what = f"dropping {self.what}"
        if isinstance(self.place, Folder):
            run(access, what, scripts.REMOVE, str(self.place.path), self.file)
        else:
            backend(self.place).drop(access, self.place.whole_name(self.file), what)

    def _path(self, place: Folder) -> str:
        return str(place.path / self.file)
