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
from drivers.minidc.commands import held
from drivers.minidc.layout import Layout

MARK: Final = ".minidc"
"""The file that says a directory is ours to remove; it holds the prefix."""


def claim(layout: Layout) -> None:
    """Mark the directory as ours and for root only; one that is ours already stays.

    Call it with the lock held, which makes the directory.

    Raises:
        Conflict: it belongs to something else, or to a data centre with another prefix.
    """
    place = layout.directory
    mark = place / MARK
    if not mark.exists():
        if any(place.iterdir()):
            raise Conflict(
                f"{place} has files in it that are no mini data centre's; choose another directory"
            )
        place.chmod(0o700)
        mark.write_text(layout.prefix)
    if mark.read_text() != layout.prefix:
        raise Conflict(
            f"{place} belongs to the data centre with prefix {mark.read_text()!r}, "
            f"not {layout.prefix!r}; take that one down first, or choose another directory"
        )


def release(layout: Layout) -> None:
    """Remove the directory with all that is in it, and the one above if that leaves it empty.

    A directory with files but without our mark is left alone, whoever asks.
    """
    place = layout.directory
    if not place.is_dir() or (any(place.iterdir()) and not (place / MARK).is_file()):
        return
    for entry in place.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARK:
            entry.unlink()
    # The mark goes last: interrupted before, the directory is still known as ours.
    (place / MARK).unlink(missing_ok=True)
    place.rmdir()
    if place.parent.name == "cloudlab":
        with contextlib.suppress(OSError):
            place.parent.rmdir()


@contextlib.contextmanager
def locked(place: Path, *, make: bool = False) -> Iterator[None]:
    """Hold the directory for as long as its data centre is being changed; others wait.

    The lock is the kernel's and hangs on the directory itself: it ends with its holder and the
    commands it runs, however they end, and leaves no file. Without a directory there is nothing
    to hold.

    Args:
        place: The directory.
        make: Whether to make it, for root only, if it is not there.
    """
    descriptor = _hold(place, make=make)
    if descriptor is None:
        yield
        return
    token = held.set((*held.get(), descriptor))
    try:
        yield
    finally:
        held.reset(token)
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


def _hold(place: Path, *, make: bool) -> int | None:
    """Return a descriptor that holds the lock on what the path means now, None without it."""
    for _ in range(100):
        if make:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            if make:
                continue
            return None
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # While we waited, its holder may have removed it and somebody made a new one.
        if place.exists() and place.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
        os.close(descriptor)
    raise DriverFault(f"{place} is made and removed again and again by somebody else")
