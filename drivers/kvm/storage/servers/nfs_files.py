"""Files on an NFS server, without mounting it: a program of its own, for hosts.

It is sent to the host as it stands, so it needs nothing but Python's standard library (3.8 or
newer) and libnfs, which comes with QEMU's own NFS driver. No tool of libnfs removes, renames or
links; this does, by NFS version 3 as QEMU.

    nfs_files.py SERVER FOLDER list
    nfs_files.py SERVER FOLDER mark NAME             prints when it was written, or nothing
    nfs_files.py SERVER FOLDER give DRAFT NAME MARK  ends with 73 if something has the name
    nfs_files.py SERVER FOLDER unlink NAME...
    nfs_files.py SERVER FOLDER put NAME              writes what it reads
    nfs_files.py SERVER FOLDER get NAME              prints it; ends with 44 if it is not there
    nfs_files.py SERVER FOLDER space                 prints MiB in all and free

Names are those of files in the folder. A mark is a time, in seconds and microseconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_char_p, c_long, c_uint64, c_void_p

MISSING = 44
TAKEN = 73
LIBRARIES = ("libnfs.so.13", "libnfs.so.14")
"""Of Debian 12 and 13: libnfs 4 and 5, whose calls are alike."""

ENOENT = 2
EEXIST = 17
PIECE = 64 * 1024


class Dirent(ctypes.Structure):
    """The beginning of what libnfs tells of a file in a folder."""

    _fields_ = (("next", c_void_p), ("name", c_char_p))


class Stat(ctypes.Structure):
    """`struct nfs_stat_64`."""

    _fields_ = tuple(
        (name, c_uint64)
        for name in (
            *("dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "blksize", "blocks"),
            *("atime", "mtime", "ctime", "atime_nsec", "mtime_nsec", "ctime_nsec", "used"),
        )
    )


class Timeval(ctypes.Structure):
    """`struct timeval`."""

    _fields_ = (("seconds", c_long), ("microseconds", c_long))


class Statvfs(ctypes.Structure):
    """`struct statvfs`, with room for what systems add at its end."""

    _fields_ = (
        ("bsize", ctypes.c_ulong),
        ("frsize", ctypes.c_ulong),
        ("blocks", c_uint64),
        ("bfree", c_uint64),
        ("bavail", c_uint64),
        ("rest", ctypes.c_char * 128),
    )


class Export:
    """A folder on a server, reached as root."""

    def __init__(self, server: str, folder: str) -> None:
        """Begin to work on `folder` of `server`; ends the program if that does not answer."""
        self.lib = _library()
        self.lib.nfs_init_context.restype = c_void_p
        self.lib.nfs_get_error.restype = c_char_p
        self.lib.nfs_readdir.restype = POINTER(Dirent)
        self.nfs = c_void_p(self.lib.nfs_init_context())
        self.lib.nfs_set_uid(self.nfs, 0)
        self.lib.nfs_set_gid(self.nfs, 0)
        self.must(self.lib.nfs_mount(self.nfs, server.encode(), folder.encode()))

    def must(self, result: int, but: int = 0) -> int:
        """Return what a call returned; end the program if that is an error other than `but`."""
        if result < 0 and result != -but:
            said = self.lib.nfs_get_error(self.nfs) or os.strerror(-result).encode()
            sys.exit(said.decode(errors="replace"))
        return result

    def list(self) -> None:
        """Print the names of all files."""
        folder = c_void_p()
        self.must(self.lib.nfs_opendir(self.nfs, b"/", byref(folder)))
        names = []
        while entry := self.lib.nfs_readdir(self.nfs, folder):
            names.append(os.fsdecode(entry.contents.name))
        self.lib.nfs_closedir(self.nfs, folder)
        print(json.dumps([name for name in names if name not in {".", ".."}]))  # noqa: T201

    def mark(self, name: str) -> None:
        """Print when a file was written."""
        known = Stat()
        if self.must(self.lib.nfs_stat64(self.nfs, _path(name), byref(known)), ENOENT) == 0:
            print(f"{known.mtime}.{known.mtime_nsec // 1000:06}")  # noqa: T201

    def give(self, draft: str, name: str, mark: str) -> None:
        """Let a file have a name and a mark, unless something has the name."""
        seconds, _, rest = mark.partition(".")
        moment = Timeval(int(seconds), int(rest))
        times = (Timeval * 2)(moment, moment)
        self.must(self.lib.nfs_utimes(self.nfs, _path(draft), times))
        if self.must(self.lib.nfs_link(self.nfs, _path(draft), _path(name)), EEXIST):
            sys.exit(TAKEN)
        self.unlink(draft)

    def unlink(self, *names: str) -> None:
        """Remove files, as far as they are there."""
        for name in names:
            self.must(self.lib.nfs_unlink(self.nfs, _path(name)), ENOENT)

    def put(self, name: str) -> None:
        """Write what is read to a file, whole or not at all."""
        data, draft = sys.stdin.buffer.read(), f".{name}.{os.urandom(8).hex()}.part"
        file = c_void_p()
        self.must(self.lib.nfs_creat(self.nfs, _path(draft), 0o600, byref(file)))
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            self.must(self.lib.nfs_write(self.nfs, file, c_uint64(len(piece)), piece))
        self.must(self.lib.nfs_close(self.nfs, file))
        self.must(self.lib.nfs_rename(self.nfs, _path(draft), _path(name)))

    def get(self, name: str) -> None:
        """Print a file."""
        file, piece = c_void_p(), ctypes.create_string_buffer(PIECE)
        if self.must(self.lib.nfs_open(self.nfs, _path(name), os.O_RDONLY, byref(file)), ENOENT):
            sys.exit(MISSING)
        while count := self.must(self.lib.nfs_read(self.nfs, file, c_uint64(PIECE), piece)):
            sys.stdout.buffer.write(piece.raw[:count])

    def space(self) -> None:
        """Print how many MiB the server has, and how many of them are free."""
        known = Statvfs()
        self.must(self.lib.nfs_statvfs(self.nfs, b"/", byref(known)))
        unit = known.frsize or known.bsize
        print(known.blocks * unit >> 20, known.bavail * unit >> 20)  # noqa: T201


def _library() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    sys.exit("there is no libnfs; install qemu-block-extra")


def _path(name: str) -> bytes:
    return os.fsencode(f"/{name}")


if __name__ == "__main__":
    _server, _folder, _act, *_words = sys.argv[1:]
    getattr(Export(_server, _folder), _act)(*_words)
