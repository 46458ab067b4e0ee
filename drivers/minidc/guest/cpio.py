"""Writes the archives Linux takes its first file system from (cpio, format newc)."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import Final

_BLOCK: Final = 4
_TRAILER: Final = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder, link or device of an archive; all of them belong to root.

    Invariant: `data` is a file's bytes or a link's target, `device` is (major, minor) or None.
    """

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] | None = None


def file(name: str, data: bytes, permissions: int = 0o755) -> Entry:
    """Return a regular file."""
    return Entry(name, stat.S_IFREG | permissions, data)


def folder(name: str, permissions: int = 0o755) -> Entry:
    """Return a folder."""
    return Entry(name, stat.S_IFDIR | permissions)


def link(name: str, target: str) -> Entry:
    """Return a symbolic link."""
    return Entry(name, stat.S_IFLNK | 0o777, target.encode())


def device(name: str, major: int, minor: int) -> Entry:
    """Return a character device that only root may use."""
    return Entry(name, stat.S_IFCHR | 0o600, device=(major, minor))


def archive(entries: list[Entry]) -> bytes:
    """Return the archive of `entries`, in their order: a folder goes before what it holds.

    The same entries give the same bytes: times are zero. Archives may be put one after another;
    what comes later replaces what came before.

    Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
    """
    numbered = enumerate([*entries, Entry(_TRAILER, 0)], start=1)
    return b"".join(_record(inode, entry) for inode, entry in numbered)


def _record(inode: int, entry: Entry) -> bytes:
    name = entry.name.encode() + b"\0"
    major, minor = entry.device or (0, 0)
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    numbers = (inode, entry.mode, 0, 0, links, 0, len(entry.data), 0, 0, major, minor, len(name), 0)
    header = "070701" + "".join(f"{number:08X}" for number in numbers)
    return _padded(header.encode() + name) + _padded(entry.data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % _BLOCK)
