"""Images on the orchestrator's own disk: read in pieces, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EEXIST
from pathlib import Path
from typing import BinaryIO, Final

from cloudlab.errors import DriverFault
from cloudlab.units import MIB
from drivers.kvm.storage.folders import unique

_MAGIC: Final = b"QFI\xfb"
_HEAD: Final = 32
"""Bytes of a qcow2 image that say what it is: magic, version, place and length of the name of the
file it lies on, size of its clusters, size of its disk; all of them big endian."""


def check_image(path: Path, size: int, what: str) -> None:
    """Refuse a file that is no qcow2 image for a disk of `size` bytes, as far as its head says.

    Raises:
        DriverFault: it cannot be read, is none, lies on another file, or is too large.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _unreadable(path, what, error) from error
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        raise DriverFault(
            f"{what}: {path} is no qcow2 image; make one of it with qemu-img convert -O qcow2"
        )
    if int.from_bytes(head[8:16]):
        raise DriverFault(
            f"{what}: {path} needs another file beside it: flatten it with qemu-img convert"
        )
    has = int.from_bytes(head[24:32])
    if has > size:
        raise DriverFault(
            f"{what}: {path} is {-(-has // MIB)} MiB large, which is more than {size // MIB} MiB"
        )


def pieces(path: Path, size: int, what: str) -> Iterator[bytes]:
    """Yield what is in a file, at most `size` bytes at a time.

    Raises:
        DriverFault: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(size):
                yield piece
    except OSError as error:
        raise _unreadable(path, what, error) from error


def _unreadable(path: Path, what: str, error: OSError) -> DriverFault:
    return DriverFault(f"{what}: {path} cannot be read: {error.strerror}")


@contextmanager
def arriving(path: Path, what: str) -> Iterator[BinaryIO]:
    """Yield a file that is called `path` once the block has ended well, if that is free.

    Raises:
        DriverFault: it cannot be written, or its name is not free.
    """
    part = path.with_name(f".{path.name}.{unique()}.part")
    try:
        if os.path.lexists(path):
            raise FileExistsError(EEXIST, os.strerror(EEXIST))
        with part.open("wb") as file:
            part.chmod(0o600)
            yield file
        give_name(part, path)
    except OSError as error:
        raise DriverFault(f"{what}: {path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def give_name(part: Path, path: Path, link: Callable[[Path, Path], object] = os.link) -> None:
    """Let a file have a name that nothing has yet, also where there are no hard links.

    Raises:
        OSError: something has the name, or it cannot be given.
    """
    try:
        link(part, path)
    except FileExistsError:
        raise
    except OSError:  # exFAT and many network file systems have no hard links
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            part.replace(path)
        except OSError:
            path.unlink()
            raise
