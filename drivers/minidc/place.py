"""The state directory: claimed before anything is written in it, locked, removed at the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cloudlab.errors import Conflict, DriverFault
from drivers.minidc.layout import Layout

MARK: Final = ".minidc"
"""The file that says a directory is ours to remove; it holds the prefix."""


def claim(layout: Layout) -> None:
    """Make the directory, for root only, and mark it; one that is ours already stays.

    Raises:
        Conflict: it belongs to something else, or to a data centre with another prefix.
    """
    place = layout.directory
    if place.is_dir() and not _is_ours(place) and any(place.iterdir()):
        raise Conflict(
            f"{place} has files in it that are no mini data centre's; choose another directory"
        )
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    mark = place / MARK
    if not mark.exists():
        mark.write_text(layout.prefix)
    if mark.read_text() != layout.prefix:
        raise Conflict(
            f"{place} belongs to the data centre with prefix {mark.read_text()!r}, "
            f"not {layout.prefix!r}; take that one down first, or choose another directory"
        )


def release(layout: Layout) -> None:
    """Remove the directory with all that is in it, and the one above if that leaves it empty.

    A directory without our mark is left alone, whoever asks.
    """
    place = layout.directory
    if not _is_ours(place):
        return
    for entry in place.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARK:
            entry.unlink()
    # The mark goes last: interrupted before, the directory is still known as ours.
    (place / MARK).unlink()
    place.rmdir()
    if place.parent.name == "cloudlab":
        with contextlib.suppress(OSError):
            place.parent.rmdir()


@contextlib.contextmanager
def locked(place: Path) -> Iterator[None]:
    """Hold the directory for as long as its data centre is being changed; others wait.

    The lock is the kernel's and hangs on the directory itself: it ends with its holder, however
    that ends, and leaves no file. Without a directory there is nothing to hold.
    """
    descriptor = _hold(place)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def free(place: Path) -> bool:
    """Return whether nobody holds a directory, such as one whose maker crashed."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def sweep(cache: Path, pattern: str = ".building-*") -> None:
    """Remove what builders left in the cache that were killed at work."""
    for left in cache.glob(pattern):
        if free(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_ours(place: Path) -> bool:
    return (place / MARK).is_file()


def _hold(place: Path) -> int | None:
    """Return a descriptor that holds the lock on what the path means now, None without it."""
    for _ in range(100):
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # While we waited, its holder may have removed it and somebody made a new one.
        if place.exists() and place.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
        os.close(descriptor)
    raise DriverFault(f"{place} is made and removed again and again by somebody else")
