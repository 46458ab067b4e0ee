"""Volumes travel between pools and the orchestrator's own disk, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cloudlab.errors import DriverFault
from drivers import naming
from drivers.kvm.storage import scripts
from drivers.kvm.storage.folders import run, unique
from drivers.kvm.storage.places import Folder, Place, base_file
from drivers.kvm.storage.servers.kinds import where
from drivers.kvm.storage.servers.qemu_img import Source

if TYPE_CHECKING:
    from cloudlab.model import Volume
    from drivers.site import Access

_MIB: Final = 1024 * 1024
_SECONDS: Final = 3600.0
_SPARE: Final = "/var/tmp"  # noqa: S108  (names there are used once and for root alone)


def download(access: Access, *, volume: Volume, place: Place, path: Path, what: str) -> None:
    """Write all of `volume`, which nothing runs on, to the local file `path`: one whole image.

    Raises:
        HostFault: the host does not answer any more.
        DriverFault: it is not there, in use, or there is no room for a copy: beside it in a
            folder, in /var/tmp of the host for one on a server, or where `path` is; or something
            is at `path`. There is no file then.
    """
    name = naming.volume_file(volume)
    part, base = f".{name}.{unique()}.part", base_file(volume)
    words: tuple[str, ...]
    if isinstance(place, Folder):
        folder, script = str(place.path), scripts.FLATTEN
        words = folder, name, base, part
    else:
        folder, script = _SPARE, scripts.FETCH
        words = folder, part, where(volume, place)
    size = int(run(access, what, script, *words, timeout=_SECONDS).text)
    try:
        with _new(path, what) as file:
            for first in range(0, -(-size // _MIB), scripts.PIECE_MIB):
                words = folder, part, str(first), str(scripts.PIECE_MIB)
                file.write(run(access, what, scripts.PIECE, *words, timeout=60.0).stdout)
    finally:
        run(access, what, scripts.REMOVE, folder, part)


@contextmanager
def _new(path: Path, what: str) -> Iterator[BinaryIO]:
    """Yield a file that gets its name when it is whole, if that is free.

    Raises:
        DriverFault: it cannot be written, or its name is not free.
    """
    part = path.with_name(f".{path.name}.{unique()}.part")
    try:
        with part.open("wb") as file:
            part.chmod(0o600)
            yield file
        path.hardlink_to(part)
    except OSError as error:
        raise DriverFault(f"{what}: {path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def upload(access: Access, *, volume: Volume, place: Place, path: Path, what: str) -> None:
    """Make `volume`, which is new and empty, what is in the local file `path`: a qcow2 image.

    Raises:
        HostFault: the host does not answer any more.
        DriverFault: it is no such image, larger than `volume`, or the storage is full.
    """
    folder = str(place.path) if isinstance(place, Folder) else _SPARE
    part, size = f".{naming.volume_file(volume)}.{unique()}.part", volume.size_mib * _MIB
    with ExitStack() as stack:
        stack.callback(run, access, what, scripts.REMOVE, folder, part)
        with path.open("rb") as file:
            while piece := file.read(scripts.PIECE_MIB * _MIB):
                run(access, what, scripts.APPEND, folder, part, given=piece, timeout=60.0)
        if isinstance(place, Folder):
            stack.pop_all()
            stem = f"volume-{volume.id}"
            words = part, naming.volume_file(volume), str(size), base_file(volume), stem
            run(access, what, scripts.ADOPT, folder, *words, timeout=_SECONDS)
        else:
            uploaded = Source(f"{folder}/{part}")
            uploaded.check(access, what, size)
            uploaded.pour(access, what, where(volume, place))
