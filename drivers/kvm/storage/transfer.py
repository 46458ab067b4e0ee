"""Volumes travel between pools and the orchestrator's own disk, a piece at a time."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cloudlab.engine import check_cancelled
from cloudlab.errors import CloudError, HostFault
from cloudlab.units import MIB
from drivers import naming
from drivers.kvm.storage import local, scripts
from drivers.kvm.storage.folders import SPARE, run, run_long, unique
from drivers.kvm.storage.places import Folder, Place, Server, base_file
from drivers.kvm.storage.servers.kinds import backend, where
from drivers.kvm.storage.servers.qemu_img import Source
from drivers.kvm.storage.servers.volumes import Silence

if TYPE_CHECKING:
    from cloudlab.model import Volume
    from drivers.site import Access


def download(access: Access, *, volume: Volume, place: Place, file: BinaryIO, what: str) -> None:
    """Write all of `volume`, which nothing runs on, to a local file: one whole image.

    Raises:
        HostFault: the host does not answer any more.
        DriverFault: it is not there, in use, or there is no room for a copy: beside it in a
            folder, in /var/tmp of the host for one on a server.
        Cancelled: it was stopped.
        OSError: the local file cannot be written.
    """
    name = naming.volume_file(volume)
    part, base = f".{name}.{unique()}.part", base_file(volume)
    words: tuple[str, ...]
    if isinstance(place, Folder):
        folder, script = str(place.path), scripts.FLATTEN
        words = folder, name, base, part
    else:
        folder, script = SPARE, scripts.FETCH
        words = folder, part, where(volume, place)
    file.seek(0)
    file.truncate()
    try:
        size = int(run_long(access, what, script, *words).text)
        for first in range(0, -(-size // MIB), scripts.PIECE_MIB):
            check_cancelled()
            words = folder, part, str(first), str(scripts.PIECE_MIB)
            file.write(run(access, what, scripts.PIECE, *words, timeout=60.0).stdout)
    finally:
        _clear(access, what, folder, part)


def _clear(access: Access, what: str, folder: str, part: str) -> None:
    """Remove a file that is not needed any more, if the host still answers.

    What stays there is removed a day later, when a pool is attached.
    """
    with suppress(CloudError):
        run(access, what, scripts.REMOVE, folder, part)


@dataclass(slots=True)
class Uploading:
    """Makes a volume, which is new and empty, what is in a local file: a qcow2 image.

    Attributes:
        volume: which.
        place: where it lies.
        path: of the local file.
        what: for messages.
        silence: whether a host fell silent while it wrote to a server.
        mark: none: whatever has the name is the volume, which was there before.
        is_begun: always, for the same reason.
    """

    volume: Volume
    place: Place
    path: Path
    what: str
    silence: Silence = field(default_factory=Silence)
    mark: str = ""
    is_begun: bool = True

    def __call__(self, access: Access) -> None:
        """Let a host do it.

        Raises:
            HostFault: the host does not answer any more, or another may still be writing.
            DriverFault: it is no such image, larger than the volume, or the storage is full.
            Cancelled: it was stopped.
        """
        if isinstance(self.place, Server):
            self.silence.check_over(self.what, self._called(self.place))
        local.check_image(self.path, self._size, self.what)
        folder = str(self.place.path) if isinstance(self.place, Folder) else SPARE
        part = f".{naming.volume_file(self.volume)}.{unique()}.part"
        with ExitStack() as stack:
            stack.callback(_clear, access, self.what, folder, part)
            for piece in local.pieces(self.path, scripts.PIECE_MIB * MIB, self.what):
                check_cancelled()
                run(access, self.what, scripts.APPEND, folder, part, given=piece, timeout=60.0)
            check_cancelled()
            if isinstance(self.place, Folder):
                stack.pop_all()
                self._adopt(access, folder, part)
            else:
                self._pour(access, f"{folder}/{part}")

    def check_over(self) -> None:
        """Refuse while a host that fell silent may still be writing where others would.

        Files and images of their own may go meanwhile: what it writes goes with them.

        Raises:
            HostFault: it may.
        """
        if isinstance(self.place, Server) and not backend(self.place).has_drafts:
            self.silence.check_over(self.what, self._called(self.place))

    def _called(self, place: Server) -> str:
        return backend(place).called(place.name(self.volume))

    @property
    def _size(self) -> int:
        return self.volume.size_mib * MIB

    def _adopt(self, access: Access, folder: str, part: str) -> None:
        """Give what has come its place in a folder."""
        name, base = naming.volume_file(self.volume), base_file(self.volume)
        words = part, name, str(self._size), base, f"volume-{self.volume.id}"
        run_long(access, self.what, scripts.ADOPT, folder, *words)

    def _pour(self, access: Access, part: str) -> None:
        """Write what has come to a server."""
        uploaded = Source(part)
        uploaded.check(access, self.what, self._size)
        try:
            uploaded.pour(access, self.what, where(self.volume, self.place))
        except HostFault:
            self.silence.begin(access.name)
            raise
