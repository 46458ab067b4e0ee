"""Volumes travel between pools and the orchestrator's own disk, a piece at a time."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cloudlab.engine import check_cancelled
from cloudlab.errors import CloudError
from cloudlab.units import MIB
from drivers import naming
from drivers.kvm.storage import local, scripts
from drivers.kvm.storage.folders import SPARE, run, run_long, unique
from drivers.kvm.storage.places import Folder, Place, base_file
from drivers.kvm.storage.servers.kinds import where
from drivers.kvm.storage.servers.qemu_img import Source

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
    size = int(run_long(access, what, script, *words).text)
    try:
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


def upload(access: Access, *, volume: Volume, place: Place, path: Path, what: str) -> None:
    """Make `volume`, which is new and empty, what is in the local file `path`: a qcow2 image.

    Raises:
        HostFault: the host does not answer any more.
        DriverFault: it is no such image, larger than `volume`, or the storage is full.
        Cancelled: it was stopped.
    """
    folder = str(place.path) if isinstance(place, Folder) else SPARE
    part, size = f".{naming.volume_file(volume)}.{unique()}.part", volume.size_mib * MIB
    local.check_image(path, size, what)
    with ExitStack() as stack:
        stack.callback(_clear, access, what, folder, part)
        for piece in local.pieces(path, scripts.PIECE_MIB * MIB, what):
            check_cancelled()
            run(access, what, scripts.APPEND, folder, part, given=piece, timeout=60.0)
        check_cancelled()
        if isinstance(place, Folder):
            stack.pop_all()
            stem = f"volume-{volume.id}"
            words = part, naming.volume_file(volume), str(size), base_file(volume), stem
            run_long(access, what, scripts.ADOPT, folder, *words)
        else:
            uploaded = Source(f"{folder}/{part}")
            uploaded.check(access, what, size)
            uploaded.pour(access, what, where(volume, place))
